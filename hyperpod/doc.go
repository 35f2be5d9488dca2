// Package hyperpod runs workflows on SageMaker HyperPod clusters: create, change,
// roll an image, delete. Each is one call that checks its input first, sends one
// request, waits for the end, and tells what was done and why it failed.
//
//	hp := hyperpod.New(sagemaker.NewFromConfig(cfg))
//	report, err := hp.Cluster("train").Update(ctx, hyperpod.Scale("workers", 12))
//
// # Jobs
//
//   - [Cluster.Create] makes a cluster from a [Spec] of instance groups, which are
//     built with [NewGroup]. [ReadSpec] and [ReadGroups] take the JSON files that the
//     AWS CLI takes.
//   - [Cluster.Update] scales, adds and deletes groups; [Cluster.Plan] shows first
//     what would be sent, and [Plan.Apply] sends it.
//   - [Cluster.RollImage] puts another image onto groups that exist, and takes back what
//     it did when a group fails; [Cluster.PlanRoll] shows first what would be done, and
//     another process may carry it out by [Cluster.StartRoll] and [Cluster.AwaitRoll].
//   - [Cluster.Delete] deletes a cluster.
//   - [Cluster.Nodes] lists nodes; [Cluster.AddNodes], [Cluster.DeleteNodes],
//     [Cluster.ReplaceNodes] and [Cluster.RebootNodes] work on chosen ones.
//   - [Cluster.Explain] tells why a cluster is not healthy.
//   - [Inventory] tells which images the clusters of many accounts and Regions run,
//     and which drift from the wanted ones.
//
// What new groups need outside SageMaker is checked before anything is sent, by
// whoever is given as [Preflights].
//
// An update of the service replaces a group by what is sent. A plan therefore sends
// only the groups that change, each in full, rebuilt from what the service describes
// with nothing dropped.
//
// # Success
//
// A workflow succeeds when what was asked is what is there: the wanted count, the
// requested image on the nodes. A cluster that is InService again after the service
// has rolled a change back is a failure.
//
// # Errors
//
// Input that is refused is an [*InvalidError], and nothing was sent. Conditions that
// a program may want to act on are found by errors.Is: [ErrClusterNotFound],
// [ErrClusterExists], [ErrGroupNotFound], [ErrGroupExists], [ErrBusy], [ErrStale],
// [ErrNotTakenBack]. An operation that was accepted and did not end as asked is a [*FailedError], which
// carries an [Explanation] and unwraps to the error of the wait: see package
// waiter/poll. Nodes that the service does not accept are a [*NodesError]. The SDK's own error is always in the tree.
//
// # Testing
//
// Package hyperpodtest is an emulator with a real SDK client. For a fake of one's
// own, embed [UnimplementedAPI].
package hyperpod
