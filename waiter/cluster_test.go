package waiter_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

const (
	creating  = types.ClusterStatusCreating
	inService = types.ClusterStatusInservice
	updating  = types.ClusterStatusUpdating
	system    = types.ClusterStatusSystemupdating
	rolling   = types.ClusterStatusRollingback
	failed    = types.ClusterStatusFailed
	deleting  = types.ClusterStatusDeleting
)

func TestClusterInServiceFromCreationToTheEnd(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(at(0, cluster(creating)), at(10*time.Minute, cluster(system)), at(15*time.Minute, cluster(inService)))
		var seen []types.ClusterStatus
		out, err := waiter.ClusterInService(t.Context(), f, "train", exact, func(o *waiter.Options) {
			o.OnSnapshot = func(_ context.Context, s waiter.Snapshot) { seen = append(seen, s.Status) }
		})
		require.NoError(t, err)
		assert.Equal(t, inService, out.ClusterStatus)
		assert.Equal(t, 15*time.Minute, time.Since(f.born))
		assert.Len(t, seen, 61)
		assert.Equal(t, system, seen[59])
	})
}

func TestFailedClusterSaysWhy(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(at(0, cluster(creating)), at(time.Minute, message(cluster(failed), "lifecycle script failed")))
		out, err := waiter.ClusterInService(t.Context(), f, "train", exact)
		require.ErrorIs(t, err, poll.ErrFailed)
		require.EqualError(t, err, arn+`: failed in status "Failed": the cluster has failed: lifecycle script failed (5 polls in 1m0s)`)
		assert.Equal(t, failed, out.ClusterStatus, "the last description comes with the error")
	})
}

func TestARollbackIsWaitedOutAndThenFails(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(
			at(0, cluster(updating)),
			at(time.Minute, message(cluster(rolling), "no capacity")),
			at(40*time.Minute, message(cluster(inService), "no capacity")))
		_, err := waiter.ClusterInService(t.Context(), f, "train", exact)
		require.ErrorIs(t, err, waiter.ErrRolledBack)
		require.ErrorIs(t, err, poll.ErrFailed)
		require.ErrorContains(t, err, "the change was rolled back: no capacity")
		assert.Equal(t, 40*time.Minute, time.Since(f.born), "waited to the end of the rollback")
	})
}

func TestStickyMessageIsNotTakenForTheCause(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(
			at(0, message(cluster(updating), "an old story")),
			at(time.Minute, message(cluster(rolling), "an old story")),
			at(2*time.Minute, message(cluster(inService), "an old story")))
		_, err := waiter.ClusterInService(t.Context(), f, "train", exact)
		require.ErrorContains(t, err, "perhaps of an earlier failure: an old story")
	})
	bubble(t, func(t *testing.T) {
		f := newFake(at(0, message(cluster(inService), "an old story")))
		_, err := waiter.ClusterInService(t.Context(), f, "train", exact)
		require.NoError(t, err, "a message is no failure")
	})
}

func TestAClusterThatIsBeingDeletedWillNotBeInService(t *testing.T) {
	bubble(t, func(t *testing.T) {
		_, err := waiter.ClusterInService(t.Context(), newFake(at(0, cluster(deleting))), "train")
		require.ErrorIs(t, err, poll.ErrFailed)
	})
}

func TestUnknownClusterStatusKeepsWaitingAndIsSaid(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(at(0, cluster("FailedMaintenance")), at(time.Minute, cluster(inService)))
		var unknown int
		_, err := waiter.ClusterInService(t.Context(), f, "train", exact, func(o *waiter.Options) {
			o.Poll.OnPoll = func(_ context.Context, e poll.Event) {
				if e.Unknown {
					unknown++
				}
			}
		})
		require.NoError(t, err)
		assert.Equal(t, 4, unknown)
	})
	bubble(t, func(t *testing.T) {
		_, err := waiter.ClusterInService(t.Context(), newFake(at(0, cluster("FailedMaintenance"))), "train")
		require.ErrorContains(t, err, `in status "FailedMaintenance", which this version does not know`)
	})
}

func TestANewcomerOfTheSameNameIsReplaced(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(at(0, cluster(creating)), at(time.Minute, withARN(cluster(inService), other)))
		out, err := waiter.ClusterInService(t.Context(), f, "train", exact)
		require.ErrorIs(t, err, poll.ErrReplaced)
		require.ErrorContains(t, err, other)
		assert.Equal(t, creating, out.ClusterStatus, "the last description is of the cluster waited for")
	})
	bubble(t, func(t *testing.T) {
		f := newFake(at(0, withARN(cluster(inService), other)))
		_, err := waiter.ClusterInService(t.Context(), f, arn)
		require.ErrorIs(t, err, poll.ErrReplaced, "an ARN given is known from the start")
	})
}

func TestAnUnknownClusterIsGone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		_, err := waiter.ClusterInService(t.Context(), newFake(fails(0, errNotFound)), "train")
		require.ErrorIs(t, err, poll.ErrGone)
		var sdk *types.ResourceNotFound
		require.ErrorAs(t, err, &sdk, "the SDK's own error is in the tree")
	})
	bubble(t, func(t *testing.T) {
		f := newFake(at(0, cluster(creating)), fails(time.Minute, errNotFound))
		_, err := waiter.ClusterInService(t.Context(), f, "train", exact)
		require.ErrorIs(t, err, poll.ErrGone)
		require.ErrorContains(t, err, `in status "Creating"`)
	})
}

var errNotFound = &smithy.OperationError{ServiceID: "SageMaker", OperationName: "DescribeCluster", Err: &types.ResourceNotFound{}}

func TestDeletedInBothSpellings(t *testing.T) {
	for name, err := range map[string]error{
		"modelled":            errNotFound,
		"unmodelled":          &smithy.GenericAPIError{Code: "ResourceNotFound"},
		"with the suffix":     &smithy.GenericAPIError{Code: "ResourceNotFoundException"},
		"a newcomer's answer": nil,
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newFake(
					at(0, cluster(inService)), // the request does not show yet
					at(time.Minute, cluster(deleting)),
					moment{from: 10 * time.Minute, out: withARN(cluster(creating), other), err: err})
				require.NoError(t, waiter.ClusterDeleted(t.Context(), f, "train", exact))
				assert.Equal(t, 10*time.Minute, time.Since(f.born))
			})
		})
	}
}

func TestAStaleFailedDoesNotFailADeletion(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(at(0, cluster(failed)), at(time.Minute, cluster(deleting)), fails(2*time.Minute, errNotFound))
		require.NoError(t, waiter.ClusterDeleted(t.Context(), f, "train"))
	})
}

func TestAFailedDeletionFails(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(at(0, cluster(deleting)), at(time.Minute, message(cluster(failed), "network interface in use")))
		err := waiter.ClusterDeleted(t.Context(), f, "train")
		require.ErrorIs(t, err, poll.ErrFailed)
		require.ErrorContains(t, err, "network interface in use")
	})
}

// A large cluster was seen to be back in service when its network interfaces could not
// be removed fast enough.
func TestADeletionThatIsGivenUpFails(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(at(0, cluster(inService)), at(time.Minute, cluster(deleting)), at(2*time.Minute, message(cluster(inService), "network interface in use")))
		err := waiter.ClusterDeleted(t.Context(), f, "train", exact)
		require.ErrorIs(t, err, poll.ErrFailed)
		require.ErrorContains(t, err, "network interface in use")
	})
}

func TestTransientErrorsAreRiddenOut(t *testing.T) {
	for name, err := range map[string]error{
		"throttling":          &smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded"},
		"the service's fault": &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: http.StatusServiceUnavailable}}, Err: errors.New("<html>")},
		"lost connection":     &smithyhttp.RequestSendError{Err: &net.OpError{Op: "read", Err: syscall.ECONNRESET}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				f := newFake(at(0, cluster(creating)), fails(time.Minute, err), at(time.Hour, cluster(inService)))
				_, got := waiter.ClusterInService(t.Context(), f, "train")
				require.NoError(t, got)
			})
			bubble(t, func(t *testing.T) {
				f := newFake(at(0, cluster(creating)), fails(time.Minute, err))
				_, got := waiter.ClusterInService(t.Context(), f, "train")
				var timeout *poll.TimeoutError
				require.ErrorAs(t, got, &timeout)
				assert.Equal(t, "Creating", timeout.Status)
				assert.Equal(t, err, timeout.Tolerated)
			})
		})
	}
}

func TestADeniedCallStopsTheWait(t *testing.T) {
	bubble(t, func(t *testing.T) {
		denied := &smithy.GenericAPIError{Code: "AccessDeniedException"}
		f := newFake(at(0, cluster(creating)), fails(time.Minute, denied))
		out, err := waiter.ClusterInService(t.Context(), f, "train", exact)
		require.ErrorIs(t, err, poll.ErrStopped)
		require.ErrorIs(t, err, denied)
		assert.Equal(t, creating, out.ClusterStatus)
	})
}

// Without an interval a wait looks as what is known of the operation suggests: seldom at
// first, and never later than it promises.
func TestWaitsKnowHowLongThingsTake(t *testing.T) {
	waits := map[string]func(*testing.T, *fake) error{
		"creation": func(t *testing.T, f *fake) error {
			_, err := waiter.ClusterInService(t.Context(), f, "train")
			return err
		},
		"scaling": func(t *testing.T, f *fake) error {
			_, err := waiter.GroupsAtCount(t.Context(), f, "train", map[string]int32{"workers": 2})
			return err
		},
		"stability": func(t *testing.T, f *fake) error {
			_, err := waiter.ClusterStable(t.Context(), f, "train")
			return err
		},
	}
	for name, wait := range waits {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				group := func(current int32) types.ClusterInstanceGroupDetails {
					return types.ClusterInstanceGroupDetails{InstanceGroupName: aws.String("workers"), Status: types.InstanceGroupStatusInservice, CurrentCount: aws.Int32(current), TargetCount: aws.Int32(2)}
				}
				f := newFake(at(0, cluster(types.ClusterStatusUpdating, group(0))), at(15*time.Minute, cluster(inService, group(2))))
				require.NoError(t, wait(t, f))
				assert.Less(t, len(f.describes), 25, "every 15 s would be 61")
				assert.LessOrEqual(t, time.Since(f.born), 15*time.Minute+poll.LongestPause)
			})
		})
	}
}
