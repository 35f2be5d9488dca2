package waiter_test

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

const (
	pending    = types.SoftwareUpdateStatusPending
	inProgress = types.SoftwareUpdateStatusInProgress
	succeeded  = types.SoftwareUpdateStatusSucceeded
	sFailed    = types.SoftwareUpdateStatusFailed
	undoing    = types.SoftwareUpdateStatusRollbackInProgress
	undone     = types.SoftwareUpdateStatusRollbackComplete

	amiA = "ami-0aaaaaaaaaaaaaaaa"
	amiB = "ami-0bbbbbbbbbbbbbbbb"
	amiC = "ami-0cccccccccccccccc"

	minute = time.Minute
	lag    = 2 * time.Minute
)

// sc is a cluster whose one group has the given software.
func sc(word types.SoftwareUpdateStatus, current, desired string, onDesired int32) *sagemaker.DescribeClusterOutput {
	return cluster(inService, software(word, current, desired, onDesired))
}

// bare is sc on a cluster that reports no image ids.
func bare(word types.SoftwareUpdateStatus) *sagemaker.DescribeClusterOutput {
	return plain(cluster(inService, software(word, "", "", 0)))
}

// softwareCase is one story of an update of the group "workers" to amiB, unless
// it says otherwise.
type softwareCase struct {
	before       *sagemaker.DescribeClusterOutput
	timeline     []moment
	nodes        []time.Duration                          // time of the last software update of each node, by age
	label        func(i int, n *types.ClusterNodeSummary) // changes a node
	images       map[string]string                        // of nodes, by instance id
	image        string
	version      string
	noRequest    bool // Update.Requested is left out
	want         waiter.SoftwareOutcome
	says         string
	supersededBy string
	notUpdated   []string
	after        time.Duration
}

// sentinels are the errors of the outcomes that are one.
var sentinels = map[waiter.SoftwareOutcome]error{
	waiter.SoftwareRolledBack:   waiter.ErrRolledBack,
	waiter.SoftwareFailed:       waiter.ErrUpdateFailed,
	waiter.SoftwareIncomplete:   waiter.ErrIncomplete,
	waiter.SoftwareNeverStarted: waiter.ErrNeverStarted,
	waiter.SoftwareSuperseded:   waiter.ErrSuperseded,
}

func (c softwareCase) run(t *testing.T) {
	t.Helper()
	bubble(t, func(t *testing.T) {
		f := newFake(c.timeline...)
		f.images = c.images
		ns := nodes(f, c.nodes...)
		for i := range ns {
			if c.label != nil {
				c.label(i, &ns[i])
			}
		}
		f.nodes = always(ns)
		update := waiter.Update{Groups: []string{"workers"}, Image: amiB, ReleaseVersion: c.version, Before: c.before, Requested: f.born}
		if c.image != "" {
			update.Image = c.image
		}
		if c.noRequest {
			update.Requested = time.Time{}
		}
		result, err := waiter.SoftwareUpdated(t.Context(), f, "train", update, exact)
		require.Len(t, result.Groups, 1)
		got := result.Groups[0]
		assert.Equal(t, c.want.String(), got.Outcome.String(), "%s", got.Reason)
		assert.Contains(t, got.Reason, c.says)
		assert.Equal(t, c.supersededBy, got.SupersededBy)
		assert.Equal(t, c.notUpdated, got.NotUpdated)
		assert.Equal(t, c.after, time.Since(f.born), "neither early nor late")
		assert.NotNil(t, result.Cluster)
		switch c.want {
		case waiter.SoftwareSucceeded, waiter.SoftwareUnproven:
			require.NoError(t, err)
		case waiter.SoftwareUndecided:
			require.Error(t, err)
		case waiter.SoftwareRolledBack, waiter.SoftwareFailed, waiter.SoftwareIncomplete,
			waiter.SoftwareNeverStarted, waiter.SoftwareSuperseded:
			require.ErrorIs(t, err, poll.ErrFailed)
			require.ErrorIs(t, err, waiter.ErrNotUpdated)
			var detail *waiter.SoftwareError
			require.ErrorAs(t, err, &detail)
			assert.Equal(t, result.Groups, detail.Groups)
			for outcome, sentinel := range sentinels {
				assert.Equal(t, outcome == c.want, errors.Is(err, sentinel), "%v", sentinel)
			}
		}
	})
}

// fresh are the times of four nodes that were updated by the end of the story.
var fresh = []time.Duration{minute, minute, 2 * minute, 2 * minute}

// stale are those of four nodes that were last updated an hour before it.
var stale = []time.Duration{-time.Hour, -time.Hour, -time.Hour, -time.Hour}
