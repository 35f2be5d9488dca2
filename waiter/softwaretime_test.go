package waiter_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/waiter"
)

// dated gives an answer the metadata that the SDK makes of its Date header.
func dated(t *testing.T, out *sagemaker.DescribeClusterOutput, date time.Time) *sagemaker.DescribeClusterOutput {
	t.Helper()
	_, metadata, err := awsmiddleware.RecordResponseTiming{}.HandleDeserialize(t.Context(), middleware.DeserializeInput{},
		middleware.DeserializeHandlerFunc(func(context.Context, middleware.DeserializeInput) (middleware.DeserializeOutput, middleware.Metadata, error) {
			header := http.Header{"Date": {date.UTC().Format(http.TimeFormat)}}
			return middleware.DeserializeOutput{RawResponse: &smithyhttp.Response{Response: &http.Response{Header: header}}}, middleware.Metadata{}, nil
		}))
	require.NoError(t, err)
	answer := *out
	answer.ResultMetadata = metadata
	return &answer
}

// The caller's clock is wrong by ten minutes; the nodes' times are by the service's.
func TestAWrongClockOfTheCaller(t *testing.T) {
	managed := sc(succeeded, "default", "default", 4)
	for name, ahead := range map[string]time.Duration{"ahead": 10 * minute, "behind": -10 * minute} {
		for story, tt := range map[string]struct {
			updated time.Duration // of the nodes, by the service's clock, from the request
			want    waiter.SoftwareOutcome
		}{
			"updated soon after the request":    {minute, waiter.SoftwareSucceeded},
			"updated not long before it":        {-minute, waiter.SoftwareNeverStarted},
			"updated in the second before that": {-2 * time.Second, waiter.SoftwareNeverStarted},
		} {
			for source, prepare := range map[string]func(t *testing.T, f *fake, u *waiter.Update, service time.Time){
				"the description from before": func(t *testing.T, _ *fake, u *waiter.Update, service time.Time) {
					t.Helper()
					u.Before = dated(t, managed, service)
				},
				"the first description": func(t *testing.T, f *fake, _ *waiter.Update, service time.Time) {
					t.Helper()
					f.timeline[0].out = dated(t, managed, service)
				},
				"the nodes from before": func(_ *testing.T, f *fake, u *waiter.Update, _ time.Time) {
					u.BeforeNodes = nodes(f, stale...)
					if tt.want == waiter.SoftwareNeverStarted {
						u.BeforeNodes = f.nodes(0)
					}
				},
			} {
				t.Run(name+", "+story+", known from "+source, func(t *testing.T) {
					bubble(t, func(t *testing.T) {
						service := time.Now().Add(-ahead)
						f := newFake(at(0, managed))
						ns := nodes(f, slices.Repeat([]time.Duration{tt.updated - ahead}, 4)...)
						for i := range ns {
							ns[i].LaunchTime = aws.Time(service.Add(-24 * time.Hour))
						}
						f.nodes = always(ns)
						update := waiter.Update{Groups: []string{"workers"}, Requested: time.Now()}
						prepare(t, f, &update, service)
						result, _ := waiter.SoftwareUpdated(t.Context(), f, "train", update, exact)
						assert.Equal(t, tt.want.String(), result.Groups[0].Outcome.String(), "%s", result.Groups[0].Reason)
					})
				})
			}
		}
	}
}

// A request from the future, by a clock that was set back since, does not hold the
// judgement up.
func TestARequestFromTheFuture(t *testing.T) {
	bubble(t, func(t *testing.T) {
		before := sc(succeeded, amiA, amiA, 4)
		f := newFake(at(0, before))
		_, err := waiter.SoftwareUpdated(t.Context(), f, "train", waiter.Update{
			Groups: []string{"workers"}, Image: amiB, Before: before, Requested: f.born.Add(time.Hour),
		}, exact)
		require.ErrorIs(t, err, waiter.ErrNeverStarted)
		assert.Equal(t, lag, time.Since(f.born))
	})
}

// A node that is not among those from before is judged by the time of the request.
func TestANodeThatIsNewToTheList(t *testing.T) {
	bubble(t, func(t *testing.T) {
		before := sc(succeeded, "default", "default", 4)
		f := newFake(at(0, before), at(minute, sc(inProgress, "default", "default", 2)), at(30*minute, before))
		ns := nodes(f, minute, minute, minute, unreported)
		ns[3].LaunchTime = aws.Time(f.born.Add(minute))
		f.nodes = always(ns)
		result, err := waiter.SoftwareUpdated(t.Context(), f, "train", waiter.Update{
			Groups: []string{"workers"}, Before: before, BeforeNodes: nodes(f, stale[:3]...), Requested: f.born,
		}, exact)
		require.NoError(t, err)
		assert.Equal(t, waiter.SoftwareSucceeded, result.Groups[0].Outcome)
	})
}
