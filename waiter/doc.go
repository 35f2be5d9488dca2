// Package waiter waits for SageMaker HyperPod clusters, instance groups and
// software updates, and says why a wait failed. The SDK has no such waiters.
//
// # Which wait for which request
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
//   - For a display, whatever was asked: [Watch].
//
// Programs that are written for the SDK's own waiters take a [ClusterWaiter].
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
// The loop is that of package [poll]: [Options].Poll sets its timeout and interval,
// and its errors are those of a wait. A wait follows the ARN of the cluster once
// it is known. Throttling, errors on the service's side and lost connections are
// ridden out. [Options].OnSnapshot tells of the progress.
//
// DescribeCluster is called once in a poll, ListClusterNodes instead where nodes are
// waited for, a call for each 100 nodes of the cluster. [SoftwareUpdated] lists the nodes when
// the update is over, and describes only those that nothing else proves updated, at
// most 100 of them.
//
// # Many clusters
//
// A [Fleet] waits for many clusters through one poller, by pages of ListClusters where
// these can decide. A [Limiter] bounds the calls of all waits that share it. Events of
// EventBridge ([DecodeEvent]) end pauses early: [Waker] for single waits, [Fleet.Wake] for
// a fleet.
package waiter
