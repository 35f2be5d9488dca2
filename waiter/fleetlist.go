package waiter

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// pageSize is the most clusters that ListClusters looks at in one call (MaxResults).
// A filter makes pages emptier, not fewer; order and an early end make them fewer.
const pageSize = 100

// pass reads pages of ListClusters in the order of creation, from one end, for as long
// as that is fewer calls than to describe the clusters that it has not come to.
type pass struct {
	order  types.SortOrder
	wanted map[string]time.Time // not found yet, by ARN or name: when created, zero when unknown
	before census
	pages  []page
	seen   int       // lines read
	barren int       // pages since one told of a wanted cluster
	began  time.Time // the last page
	token  *string
	ended  bool
	err    error
}

type page struct {
	at    time.Time
	lines []types.ClusterSummary
}

// cheapest returns the pass that costs the fewest calls, from the newest cluster or
// from the oldest.
func (s *source) cheapest(listed []*watched) *pass {
	wanted := make(map[string]time.Time, len(listed))
	for _, w := range listed {
		key := w.target.arn
		if key == "" {
			key = w.target.name
		}
		wanted[key] = w.created
	}
	newest := &pass{order: types.SortOrderDescending, wanted: wanted, before: s.census}
	oldest := &pass{order: types.SortOrderAscending, wanted: wanted, before: s.census}
	if oldest.cost() < newest.cost() {
		return oldest
	}
	return newest
}

// walk reads pages.
func (p *pass) walk(ctx context.Context, api FleetAPI, opts *Options) {
	for p.worthwhile() {
		p.began = time.Now()
		out, err := poll.Look(ctx, opts.Poll.PollTimeout, func(ctx context.Context) (*sagemaker.ListClustersOutput, error) {
			return api.ListClusters(ctx, &sagemaker.ListClustersInput{
				MaxResults: aws.Int32(pageSize), NextToken: p.token,
				SortBy: types.ClusterSortByCreationTime, SortOrder: p.order,
			}, opts.APIOptions...)
		})
		if err != nil {
			p.err = err
			return
		}
		p.take(out)
	}
}

func (p *pass) take(out *sagemaker.ListClustersOutput) {
	p.pages = append(p.pages, page{at: p.began, lines: out.ClusterSummaries})
	p.seen += len(out.ClusterSummaries)
	p.barren++
	for _, line := range out.ClusterSummaries {
		for _, key := range []string{aws.ToString(line.ClusterArn), aws.ToString(line.ClusterName)} {
			if _, wanted := p.wanted[key]; wanted {
				delete(p.wanted, key)
				p.barren = 0
			}
		}
	}
	p.token = out.NextToken
	p.ended = aws.ToString(out.NextToken) == ""
}

// worthwhile reports whether the next page saves calls.
func (p *pass) worthwhile() bool { return p.cost() < len(p.wanted) }

// cost returns the fewest calls that are left to make: pages, and a description of
// each wanted cluster that is on none of them.
func (p *pass) cost() int {
	if p.ended {
		return len(p.wanted)
	}
	at := map[int]int{} // how many are expected on which page from here, 1 the next
	last := 0
	for _, created := range p.wanted {
		n := p.pagesTo(created)
		at[n]++
		last = max(last, n)
	}
	best, on := len(p.wanted), 0
	for n := 1; n <= last; n++ {
		on += at[n]
		best = min(best, n+len(p.wanted)-on)
	}
	return best
}

// pagesTo returns how many pages from here a cluster is expected, 0 when the pass has
// no chance of coming to it. One of which nothing is known may be on the next page,
// until as many have brought nothing as descriptions would.
func (p *pass) pagesTo(created time.Time) int {
	if created.IsZero() {
		if p.order == types.SortOrderAscending && len(p.before) > p.seen {
			return (len(p.before)-p.seen)/pageSize + 1
		}
		return p.hope()
	}
	if p.passed(created) {
		return 0
	}
	left := p.before.rank(created, p.order) - p.seen
	if left < 0 {
		return p.hope()
	}
	return left/pageSize + 1
}

func (p *pass) hope() int {
	if p.barren < len(p.wanted) {
		return 1
	}
	return 0
}

// passed reports whether a cluster of that time would have been seen.
func (p *pass) passed(created time.Time) bool {
	last, known := p.last()
	if p.order == types.SortOrderAscending {
		return known && last.After(created)
	}
	return known && last.Before(created)
}

// last returns the time of creation that the pass has come to.
func (p *pass) last() (time.Time, bool) {
	for _, page := range slices.Backward(p.pages) {
		if n := len(page.lines); n > 0 {
			return aws.ToTime(page.lines[n-1].CreationTime), true
		}
	}
	return time.Time{}, false
}

// count returns the census as the pass leaves it.
func (p *pass) count() census {
	var c census
	for _, page := range p.pages {
		for _, line := range page.lines {
			c = append(c, aws.ToTime(line.CreationTime))
		}
	}
	slices.SortFunc(c, time.Time.Compare)
	last, known := p.last()
	if p.ended || !known && p.err == nil {
		return c
	}
	for _, created := range p.before {
		beyond := created.Before(last)
		if p.order == types.SortOrderAscending {
			beyond = created.After(last)
		}
		if beyond || !known {
			c = append(c, created)
		}
	}
	slices.SortFunc(c, time.Time.Compare)
	return c
}

// census is when the clusters of an account and Region were created, as far as lists
// have told, the oldest first. It says on which page a cluster is to be expected.
type census []time.Time

// rank returns how many come before a cluster at most.
func (c census) rank(created time.Time, order types.SortOrder) int {
	older, here := slices.BinarySearchFunc(c, created, time.Time.Compare)
	if order == types.SortOrderDescending {
		return max(len(c)-older-1, 0)
	}
	for here && older+1 < len(c) && c[older+1].Equal(created) {
		older++
	}
	return older
}

// transient reports whether a list that failed is worth another try.
func transient(err error, opts *Options) bool {
	return errors.Is(err, context.DeadlineExceeded) || opts.Poll.Tolerate(err)
}
