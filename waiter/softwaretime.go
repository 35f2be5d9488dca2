package waiter

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// requestTime is when a software update was asked for, to compare the nodes' times
// with. Those are by the service's clock.
type requestTime struct {
	ours   time.Time // of the request, or of the wait
	stated bool      // that it is of the request
	skew   time.Duration
	known  bool                                // the skew
	nodes  map[string]types.ClusterNodeSummary // from before the request, by instance id
}

func newRequestTime(update Update, started time.Time) requestTime {
	r := requestTime{ours: started, nodes: map[string]types.ClusterNodeSummary{}}
	if !update.Requested.IsZero() {
		r.ours, r.stated = update.Requested, true
	}
	for _, n := range update.BeforeNodes {
		if id := aws.ToString(n.InstanceId); id != "" {
			r.nodes[id] = n
		}
	}
	r.learn(update.Before)
	return r
}

// learn takes from an answer by how much the service's clock is ahead. The first
// answer that tells is believed: the caller's clock may be set right later.
func (r *requestTime) learn(out *sagemaker.DescribeClusterOutput) {
	if r.known || out == nil {
		return
	}
	r.skew, r.known = awsmiddleware.GetAttemptSkew(out.ResultMetadata)
}

// updated reports whether the node got its software after the request. A new node
// always starts on the desired image.
func (r *requestTime) updated(n types.ClusterNodeSummary) bool {
	was := r.nodes[aws.ToString(n.InstanceId)]
	return r.after(n.LastSoftwareUpdateTime, was.LastSoftwareUpdateTime) || r.after(n.LaunchTime, was.LaunchTime)
}

// after reports whether one of the service's times is later than the request: later
// than it was before, where that is known.
func (r *requestTime) after(now, before *time.Time) bool {
	switch {
	case now == nil:
		return false
	case before != nil:
		return now.After(*before)
	default:
		// The service's times have milliseconds, ours are finer.
		return !now.Before(r.ours.Add(r.skew).Truncate(time.Millisecond))
	}
}

// leftBehind reports whether a node that was not updated shows by its times that it
// should have been.
func (r *requestTime) leftBehind(n types.ClusterNodeSummary) bool {
	was, listed := r.nodes[aws.ToString(n.InstanceId)]
	return n.LastSoftwareUpdateTime != nil && (r.stated || listed && was.LastSoftwareUpdateTime != nil)
}
