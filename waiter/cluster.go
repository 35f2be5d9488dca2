package waiter

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// ErrRolledBack is in the tree of a failure after which the service put back what
// it had before.
var ErrRolledBack = errors.New("rolled back by the service")

// ClusterInService waits until the cluster's status is InService, and returns
// the last description seen, also together with an error.
//
// It is the wait for CreateCluster. After UpdateCluster use [GroupsAtCount], and
// after UpdateClusterSoftware [SoftwareUpdated]: the status may still be
// InService from before the request, it stays so on a Continuous cluster, and it
// is so again after a rollback. A cluster that is seen RollingBack fails with
// [ErrRolledBack] when the rollback is over.
//
// The wait follows the ARN once it is known: [poll.ErrReplaced] when the name
// belongs to another cluster, [poll.ErrGone] together with the SDK's own error
// when there is none.
func ClusterInService(ctx context.Context, api ClusterAPI, nameOrARN string, optFns ...func(*Options)) (*sagemaker.DescribeClusterOutput, error) {
	t := newTarget(api, nameOrARN, optFns)
	t.opts.expect(typicalCreation, time.Time{})
	return t.wait(ctx, t.inService())
}

func (t *target) inService() judge {
	rollingBack := false
	return func(_ context.Context, s Snapshot) (finding, error) {
		rollingBack = rollingBack || s.Status == types.ClusterStatusRollingback
		f, inService := t.standing(s)
		switch {
		case !inService:
			return f, nil
		case rollingBack:
			return finding{
				Verdict: poll.Failed, Err: ErrRolledBack,
				Reason: "the change was rolled back" + t.because(s),
			}, nil
		default:
			return finding{Verdict: poll.Done}, nil
		}
	}
}

// ClusterDeleted waits until the cluster does not exist, or its name belongs to a
// cluster with another ARN. A cluster that never existed is deleted.
//
// DescribeCluster answers ResourceNotFound then, without the usual suffix. A
// cluster that turns Failed or InService after it was Deleting fails the wait:
// both were seen on large clusters, and DeleteCluster has to be asked again. In
// any other status the wait goes on, because the status may be of before the
// request.
// HyperPod can stay Deleting for ever, for example when the execution role was
// removed first: the deadline ends that.
func ClusterDeleted(ctx context.Context, api ClusterAPI, nameOrARN string, optFns ...func(*Options)) error {
	_, err := clusterDeleted(ctx, api, nameOrARN, optFns...)
	return err
}

// clusterDeleted also returns the last description seen, nil when there was none.
func clusterDeleted(ctx context.Context, api ClusterAPI, nameOrARN string, optFns ...func(*Options)) (*sagemaker.DescribeClusterOutput, error) {
	t := newTarget(api, nameOrARN, optFns)
	t.opts.expect(typicalDeletion, time.Time{})
	return t.wait(ctx, t.deleted())
}

func (t *target) deleted() judge {
	t.vanished = func(error) finding { return finding{Verdict: poll.Done, Status: "Deleted"} }
	deleting := false
	return func(_ context.Context, s Snapshot) (finding, error) {
		switch s.Status {
		case types.ClusterStatusDeleting:
			deleting = true
			return finding{Reason: s.progress()}, nil
		case types.ClusterStatusFailed, types.ClusterStatusInservice:
			if deleting {
				return finding{Verdict: poll.Failed, Reason: "the deletion has failed" + t.because(s)}, nil
			}
		case types.ClusterStatusCreating, types.ClusterStatusRollingback,
			types.ClusterStatusSystemupdating, types.ClusterStatusUpdating:
		default:
			return finding{Unknown: true}, nil
		}
		if deleting {
			return finding{Reason: "no longer being deleted"}, nil
		}
		return finding{Reason: "not being deleted yet"}, nil
	}
}
