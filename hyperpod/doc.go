// Package hyperpod runs workflows on SageMaker HyperPod clusters: create, change,
// roll an image, delete. Each is one call that checks its input first, sends one
// request, waits for the end, and tells what was done and why it failed.
//
//	hp := hyperpod.New(sagemaker.NewFromConfig(cfg))
//	report, err := hp.Cluster("train").Update(ctx, hyperpod.Scale("workers", 12))
//
// # Jobs
//
// On one cluster, by a handle of [Client.Cluster], which makes no call:
//
//   - Create: [Cluster.Create] makes a cluster from a [Spec]. Its instance groups are
//     built by [NewGroup] and the With methods of [Group], its orchestrator is [EKS] or
//     [Slurm]. [Group.Build] and [Group.Check] report every mistake by its API path, and
//     [Group.WithSpec] reaches what has no method. [ReadSpec] and [ReadGroups] take the
//     JSON files of the AWS CLI.
//   - Scale, add, edit, delete groups: [Cluster.Update] with [Scale], [AddGroup],
//     [EditGroup] and [DeleteGroup], all of them in one request.
//   - Declare a whole cluster: [Desired] is an edit too. [SpecFrom] makes the
//     specification of a cluster that exists.
//   - Look first: [Cluster.Plan] shows as a diff what would be sent, [Plan.Apply] sends
//     it. A plan is kept as JSON and read by [Cluster.LoadPlan]. [Plan.Rolls] lists the
//     rolls that a declared cluster needs, since no plan changes an image.
//   - Roll an image onto groups that exist: [Cluster.RollImage] with a [Roll]. Groups are
//     [Named], or [AllGroups]; the image is an [AMI], the [DefaultImage] or a [Release].
//     What it did is taken back when a group fails. [Cluster.PlanRoll] shows what it would
//     do, and so does [Cluster.PlanRollFrom] without another look.
//   - Roll in steps that outlive a process: [Cluster.StartRoll], [Cluster.RollStarted]
//     where its answer was lost, [Cluster.AwaitRoll]; [RollPlan.Only] takes a plan apart
//     and [RollPlan.Back] is the way back. Package rollout does this for many clusters.
//   - Delete: [Cluster.Delete].
//   - Nodes: [Cluster.Nodes] lists them; [Cluster.AddNodes], [Cluster.DeleteNodes],
//     [Cluster.ReplaceNodes] and [Cluster.RebootNodes] work on chosen ones.
//   - Describe and explain: [Cluster.Describe] is one look, of which [Snapshot.Group] and
//     [GroupFrom] rebuild a group as it was asked for; [Cluster.Explain] tells why a
//     cluster is not healthy, and whether waiting helps.
//
// On the clusters of many accounts and Regions, by [NewInventory]:
//
//   - Drift: [Inventory.Take] lists which images they run, [InventoryList.Drift] those
//     that are not the wanted ones; [Inventory.Clusters] tells them as they are read.
//   - Use: [Inventory.ImageInUse] tells what still needs an AMI.
//
// Whether an AMI may be used, and sharing it, is the job of package amishare; the IAM
// policy of a program that does all this comes from package policy.
//
// An update of the service replaces a group by what is sent. A plan therefore sends
// only the groups that change, each in full, rebuilt from what the service describes
// with nothing dropped.
//
// # Success
//
// A workflow succeeds when what was asked is what is there: the wanted count, the
// requested image on the nodes. A cluster that is InService again after the service
// has rolled a change back is a failure. The [Report] is never nil, also beside an error:
// it tells what was sent and how far each group came.
//
// # Options
//
// [New] and [Cluster.With] take functions over [Options], whose zero value works:
//
//   - Images is asked about every AMI before it is sent, such as an amishare.Checker.
//   - [Preflights] are asked about what new groups need outside SageMaker.
//   - OnEvent is told of each step; [Event] is made for log/slog.
//   - NoWait returns as soon as the service has accepted, and WaitBusy waits while
//     another operation is in the way.
//   - Poll is how often and how long a wait looks; see package waiter/poll.
//
// # Errors
//
// They are told apart by errors.Is and errors.As, and the SDK's own is always in the tree:
//
//   - [*InvalidError]: the input was refused with every mistake, and nothing was sent.
//     [ErrInvalid] finds it.
//   - [ErrClusterNotFound], [ErrClusterExists], [ErrGroupNotFound], [ErrGroupExists]: the
//     name is wrong, or taken.
//   - [ErrBusy]: another operation runs. Try again, or set WaitBusy.
//   - [ErrStale]: the groups are no longer what the plan saw. Plan again.
//   - [*FailedError]: the service accepted and did not end as asked. It carries an
//     [Explanation] and unwraps to the error of the wait: see package waiter/poll.
//   - [ErrUnmet]: the service accepted, and describes something else than was asked.
//   - [ErrNotTakenBack]: a roll failed, and so did the way back.
//   - [*NodesError]: nodes that the service did not accept; the others were waited for.
//   - [*InventoryError]: a source, cluster or image of an inventory that could not be read.
//   - [*Error] names the operation, the cluster and the call of any other one.
//
// # Testing
//
// Package hyperpodtest is an emulator with a real SDK client: [New] takes
// hyperpodtest.NewServer().Client(). A fake of one's own implements [API], by embedding
// [UnimplementedAPI], so that it still compiles when API grows.
package hyperpod
