package hyperpod

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
)

// rolling is what a run of a roll keeps between its requests.
type rolling struct {
	sendsOnly bool                             // and does not wait
	waits     bool                             // for a request of before
	requested time.Time                        // when the last request was sent
	sent      []string                         // groups of the requests that were, or may have been, accepted
	results   []GroupResult                    // of the waits that ended
	last      *sagemaker.DescribeClusterOutput // what the last wait saw last
}

// inOrder puts the results in the order of the plan, and those that were not rolled last.
// A group without a result was not reached, or not waited for.
func (s *rolling) inOrder(p *RollPlan) []GroupResult {
	var ordered []GroupResult
	for _, g := range p.Groups {
		result := GroupResult{Name: g.Name, Outcome: OutcomeNotReached, Count: g.Nodes, Wanted: g.Target, Image: g.CurrentImage}
		if slices.Contains(s.sent, g.Name) {
			result.Outcome = OutcomeUndecided
		}
		if at := slices.IndexFunc(s.results, func(r GroupResult) bool { return r.Name == g.Name }); at >= 0 {
			result = s.results[at]
		}
		ordered = append(ordered, result)
	}
	return append(ordered, p.Left...)
}
