package hyperpod_test

import (
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

func TestBadNamesAreNotSent(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := hyperpod.New(srv.Client(), fast).Cluster("bad name!")
	for name, call := range map[string]func() (*hyperpod.Report, error){
		"update": func() (*hyperpod.Report, error) { return c.Update(t.Context(), hyperpod.Scale("workers", 1)) },
		"roll":   func() (*hyperpod.Report, error) { return c.RollImage(t.Context(), rollTo(newAMI)) },
		"delete": func() (*hyperpod.Report, error) { return c.Delete(t.Context()) },
		"nil edit": func() (*hyperpod.Report, error) {
			return hyperpod.New(srv.Client(), fast).Cluster("good").Update(t.Context(), nil)
		},
	} {
		_, err := call()
		require.ErrorIs(t, err, hyperpod.ErrInvalid, name)
	}
	assert.Empty(t, srv.Calls())
}

// A call without an answer may have been accepted, and the report says so.
func TestLostAnswersAreTold(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 1)
	for name, call := range map[string]func() (*hyperpod.Report, error){
		"UpdateCluster":         func() (*hyperpod.Report, error) { return c.Update(t.Context(), hyperpod.Scale("workers", 2)) },
		"UpdateClusterSoftware": func() (*hyperpod.Report, error) { return c.RollImage(t.Context(), rollTo(newAMI)) },
		"DeleteCluster":         func() (*hyperpod.Report, error) { return c.Delete(t.Context()) },
	} {
		srv.Faults().Fail(name, 1, io.ErrUnexpectedEOF)
		report, err := call()
		require.Error(t, err, name)
		assert.True(t, report.Unknown, name)
		assert.Contains(t, report.String(), "not known", name)
	}
	srv.Faults().Fail("UpdateCluster", 1, &types.ConflictException{})
	report, err := c.Update(t.Context(), hyperpod.Scale("workers", 2))
	require.ErrorIs(t, err, hyperpod.ErrBusy)
	assert.False(t, report.Unknown)
}

// The timeout bounds the workflow, not each of its waits.
func TestTimeoutIsTheWorkflows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
		srv.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, 0)
		report, err := hyperpod.New(srv.Client(), func(o *hyperpod.Options) { o.Poll.Timeout = time.Hour }).Cluster("example-cluster").Create(t.Context(), pageSpec(1))
		require.ErrorIs(t, err, poll.ErrTimeout)
		assert.Less(t, report.Ended.Sub(report.Began), 61*time.Minute)
	})
}

func TestUnknownCluster(t *testing.T) {
	c := hyperpod.New(hyperpodtest.NewServer().Client(), fast).Cluster("none")
	for name, call := range map[string]func() (*hyperpod.Report, error){
		"update": func() (*hyperpod.Report, error) { return c.Update(t.Context(), hyperpod.Scale("workers", 1)) },
		"roll":   func() (*hyperpod.Report, error) { return c.RollImage(t.Context(), rollTo(newAMI)) },
		"delete": func() (*hyperpod.Report, error) { return c.Delete(t.Context()) },
	} {
		report, err := call()
		require.ErrorIs(t, err, hyperpod.ErrClusterNotFound, name)
		var sdk *types.ResourceNotFound
		require.ErrorAs(t, err, &sdk, name)
		require.NotNil(t, report, name)
	}
}

func TestCancelledWaitTellsWhatWasDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		report, err := hyperpod.New(srv.Client()).Cluster("example-cluster").Create(ctx, pageSpec(2))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, poll.ErrTimeout)
		assert.Len(t, report.Calls, 1)
		assert.NotEmpty(t, report.ARN)
		assert.True(t, report.Unfinished)
		assert.Contains(t, report.String(), "called CreateCluster")
		assert.Contains(t, report.String(), "the service goes on with what it has accepted; to wait for it again: waiter.ClusterInService, then waiter.GroupsAtCount")
	})
}

func TestNoWait(t *testing.T) {
	srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
	c := hyperpod.New(srv.Client()).Cluster("example-cluster").With(func(o *hyperpod.Options) { o.NoWait = true })
	report, err := c.Create(t.Context(), pageSpec(2))
	require.NoError(t, err)
	assert.False(t, report.Complete)
	assert.Contains(t, report.String(), "its end was not waited for")
	assert.Len(t, srv.Calls(), 1)
	_, err = c.Update(t.Context(), hyperpod.Scale("workers", 3))
	require.ErrorIs(t, err, hyperpod.ErrBusy)
	var sdk *types.ConflictException
	require.ErrorAs(t, err, &sdk)
}

func TestDelete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
		c := hyperpod.New(srv.Client()).Cluster("example-cluster")
		_, err := c.Create(t.Context(), pageSpec(2))
		require.NoError(t, err)
		report, err := c.Delete(t.Context())
		require.NoError(t, err)
		assert.True(t, report.Complete)
		assert.Greater(t, report.Ended.Sub(report.Began), 10*time.Minute)
		_, err = c.Delete(t.Context())
		require.ErrorIs(t, err, hyperpod.ErrClusterNotFound)
	})
}

func TestEventsTellTheStoryInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
		var kinds []hyperpod.EventKind
		var last hyperpod.Event
		c := hyperpod.New(srv.Client(), func(o *hyperpod.Options) {
			o.OnEvent = func(_ context.Context, e hyperpod.Event) {
				if len(kinds) == 0 || kinds[len(kinds)-1] != e.Kind {
					kinds = append(kinds, e.Kind)
				}
				if e.Kind == hyperpod.EventProgress {
					last = e
				}
				assert.Equal(t, hyperpod.OperationCreate, e.Operation)
				assert.Equal(t, "example-cluster", e.Cluster)
			}
		}).Cluster("example-cluster")
		_, err := c.Create(t.Context(), pageSpec(2))
		require.NoError(t, err)
		assert.Equal(t, []hyperpod.EventKind{hyperpod.EventCalled, hyperpod.EventProgress, hyperpod.EventDone}, kinds)
		assert.Equal(t, []hyperpod.GroupProgress{{Name: "workers", Status: "InService", Done: 2, Wanted: 2}}, last.Groups)
		assert.NotEmpty(t, last.ARN)
	})
}
