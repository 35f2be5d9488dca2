// Package waiter waits for SageMaker HyperPod clusters, instance groups, nodes and
// software updates, and says why a wait failed. The SDK has no such waiters.
//
//	out, err := waiter.ClusterInService(ctx, sagemaker.NewFromConfig(cfg), "train")
//
// # Jobs
//
// Wait for the end of a request:
//
//   - CreateCluster: [ClusterInService].
//   - DeleteCluster: [ClusterDeleted].
//   - UpdateCluster that changes counts or adds groups: [GroupsAtCount], with the
//     counts that were asked for.
//   - UpdateCluster that deletes groups: [GroupsDeleted].
//   - UpdateClusterSoftware: [SoftwareUpdated], with what was asked for.
//   - Before a request that needs the cluster at rest: [ClusterStable].
//   - BatchAddClusterNodes and BatchDeleteClusterNodes: [NodesRunning] and
//     [NodesGone], with the ids that the service has answered.
//
// Wait otherwise:
//
//   - For a display, whatever was asked: [Watch].
//   - In a program that is written for the SDK's own waiters: [NewClusterInServiceWaiter]
//     and its kin, with [ClusterWaiter.Wait] and [ClusterWaiter.WaitForOutput].
//   - For many clusters through one poller: [NewFleet] and [Fleet.Add], then
//     [Fleet.InService], [Fleet.Deleted], [Fleet.SoftwareUpdated], or [Fleet.Wait] with any
//     [Goal]. [Fleet.Results] and [Fleet.Each] tell of each cluster as it comes to its end.
//     Pages of ListClusters serve where these can decide.
//   - Within a rate of calls that waits share: [NewLimiter], and [Limiter.Wait] for calls of
//     one's own.
//   - With events of EventBridge, which end pauses early: [DecodeEvent], then [Waker.For] and
//     [Waker.Wake] for single waits, or [Fleet.Wake].
//
// # Success is what was asked for
//
// No status word of HyperPod proves by itself that a request has succeeded. A
// cluster may be InService from before the request; a Continuous one is so all the
// time. A rollback puts the target counts back, so that current and target agree.
// The status of a software update stays as it was until the next one starts, may
// read Failed after a clean rollback, and Succeeded with nodes left behind. The
// cluster's message outlives its failure. The waits therefore compare with what
// they are told was asked, and where the service reports too little they say so
// ([SoftwareUnproven]).
//
// A status that is not known, of a cluster, a group or an update, is waited on and
// named in the errors and events. A node in Failure ends no wait: HyperPod
// replaces it on a Continuous cluster, whose groups are given [Options].Patience.
//
// # How a wait goes
//
// The loop is that of package [poll]. A wait follows the ARN of the cluster once
// it is known. Throttling, errors on the service's side and lost connections are
// ridden out.
//
// DescribeCluster is called once in a poll, ListClusterNodes instead where nodes are
// waited for, a call for each 100 nodes of the cluster. [SoftwareUpdated] lists the nodes when
// the update is over, and describes only those that nothing else proves updated, at
// most 100 of them.
//
// # Options
//
// [Options] are the same for every wait, and their zero value works. Poll sets the timeout
// and the interval: see [poll.Options]. Lag is how far the service's answers may be behind,
// Patience how long failed nodes are given. OnSnapshot tells of the progress, and a shared
// Limiter bounds the rate of calls.
//
// # Errors
//
// They are those of package [poll]: [*poll.FailedError] when the service has given up,
// [*poll.TimeoutError] when the time was up, [*poll.StoppedError] when the wait was. In a
// failure stands why:
//
//   - [*SoftwareError] tells how each group came out, [*TargetResetError] that a scaling was
//     put back.
//   - [ErrRolledBack], [ErrTargetReset] and [ErrNotUpdated] are found by errors.Is, and so is the
//     error of each outcome of a software update.
//   - [*FleetError] holds a [ClusterError] for each cluster that has not reached the goal.
//   - [ErrNotHyperPod]: an event of something else.
//
// The service goes on with what was asked for, whatever becomes of the wait.
//
// # Testing
//
// The emulator hyperpodtest gives a real client, and a wait of hours takes no time inside a
// testing/synctest bubble. Each wait takes an interface with just the calls that it makes,
// such as [ClusterAPI]; a fake of one's own embeds [UnimplementedAPI].
package waiter
