package waiter

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

func TestWhatIsKnownOfTheOperationYieldsToTheCaller(t *testing.T) {
	for name, tt := range map[string]struct {
		by, typical, want time.Duration
	}{
		"nothing said": {0, typicalCreation, 15 * time.Minute},
		"deletion":     {0, typicalDeletion, 15 * time.Minute},
		"scaling":      {0, typicalScaling, 15 * time.Minute},
		"said":         {time.Hour, typicalSoftware, time.Hour},
		"said not":     {-1, typicalSoftware, -1},
	} {
		t.Run(name, func(t *testing.T) {
			o := Options{Poll: poll.Options{Cadence: poll.Cadence{Typical: tt.by}}}
			o.expect(tt.typical, time.Time{})
			assert.Equal(t, tt.want, o.Poll.Cadence.Typical)
		})
	}
}

func TestWhenTheOperationBeganIsTheCallersToSay(t *testing.T) {
	said, known := time.Unix(1e9, 0), time.Unix(2e9, 0)
	for name, tt := range map[string]struct {
		by, want poll.Cadence
	}{
		"nothing said":  {poll.Cadence{}, poll.Cadence{Typical: typicalSoftware, Began: known}},
		"the beginning": {poll.Cadence{Began: said}, poll.Cadence{Typical: typicalSoftware, Began: said}},
		"the duration":  {poll.Cadence{Typical: time.Hour}, poll.Cadence{Typical: time.Hour, Began: known}},
		"both":          {poll.Cadence{Typical: time.Hour, Began: said}, poll.Cadence{Typical: time.Hour, Began: said}},
	} {
		t.Run(name, func(t *testing.T) {
			o := Options{Poll: poll.Options{Cadence: tt.by}}
			o.expect(typicalSoftware, known)
			assert.Equal(t, tt.want, o.Poll.Cadence)
		})
	}
}

func TestSnapshotCounts(t *testing.T) {
	s := Snapshot{Groups: []Group{
		{Name: "a", Current: 3, Target: 8, OnDesired: aws.Int32(2)},
		{Name: "b", Current: 4, Target: 4},
	}}
	assert.Equal(t, poll.Counts{Done: 7, Wanted: 12}, s.counts())
	assert.Equal(t, poll.Counts{Done: 2, Wanted: 3}, s.updated([]string{"a"}))
	assert.Zero(t, s.updated([]string{"a", "b"}), "not reported of one")
	assert.Zero(t, s.updated([]string{"c"}))
}

// storm refuses its first calls.
type storm struct{ calls, refused int }

func (s *storm) DescribeCluster(context.Context, *sagemaker.DescribeClusterInput, ...func(*sagemaker.Options)) (*sagemaker.DescribeClusterOutput, error) {
	if s.calls++; s.calls <= s.refused {
		return nil, &smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded"}
	}
	return &sagemaker.DescribeClusterOutput{ClusterStatus: types.ClusterStatusInservice}, nil
}

func TestThrottlingWidensThePause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api, began := &storm{refused: 5}, time.Now()
		_, err := ClusterInService(t.Context(), api, "c", func(o *Options) {
			o.Poll.Jitter = -1
			o.Poll.Cadence.Typical = -1
		})
		require.NoError(t, err)
		assert.Equal(t, 6, api.calls)
		assert.Equal(t, (30+60+120+180+180)*time.Second, time.Since(began))
	})
}
