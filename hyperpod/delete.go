package hyperpod

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
	"github.com/hyperpodkit/hyperpodkit/waiter"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

const (
	// deletionStalls is after how long without an instance ending a deletion is asked
	// what holds it: ending instances has been seen to take 15 to 20 minutes.
	deletionStalls = 30 * time.Minute
	// deletionPause is between the failure of a deletion and the next request.
	deletionPause = time.Minute
)

// Delete deletes the cluster with all its instances and waits until it is gone. An
// unknown cluster is [ErrClusterNotFound], one that another operation works on is
// [ErrBusy]; one that is being deleted already is waited for. The report is never nil.
//
// The deletion of a large cluster can fail because its network interfaces cannot be
// removed fast enough; the advice seen from AWS's field engineers is to ask again until
// no instance is left. Delete does so, as long as each request leaves fewer instances
// than the one before and the time of Options.Poll lasts. Calls has each request.
//
// A deletion can also hang for ever, as when the execution role was removed first.
// When no instance has ended for 30 minutes Delete asks the nodes why and tells it as a
// finding of rule "deletion-stalled", with the permission that is missing if the service
// names one. It then goes on waiting, since the deletion goes on once the permission is
// granted. Delete the HyperPod cluster before its EKS cluster and its roles.
func (c *Cluster) Delete(ctx context.Context) (*Report, error) {
	r := c.start(OperationDelete)
	return r.end(ctx, r.delete(ctx))
}

func (r *run) delete(ctx context.Context) error {
	if err := r.named(ctx); err != nil {
		return err
	}
	r.report.again = "waiter.ClusterDeleted"
	d := &deletion{r: r, least: math.MaxInt32}
	for {
		out, err := r.api.DeleteCluster(ctx, &sagemaker.DeleteClusterInput{ClusterName: aws.String(r.target())})
		switch {
		case awserr.IsNotFound(err) && len(r.report.Calls) > 0:
			d.gone()
			return nil
		case awserr.IsConflict(err) && r.deleting(ctx):
			// The SDK asked again after a lost answer, or somebody else was first.
			r.called(ctx, "DeleteCluster", nil)
		case err != nil:
			return r.refused("DeleteCluster", err)
		default:
			r.called(ctx, "DeleteCluster", out.ClusterArn)
		}
		if r.options.NoWait {
			return nil
		}
		before := d.least
		d.moved = time.Now()
		err = waiter.ClusterDeleted(ctx, r.api, r.target(), r.watching(d.progress), func(o *waiter.Options) { o.OnSnapshot = d.watch(o.OnSnapshot) })
		if err == nil {
			d.gone()
			return nil
		}
		again := errors.Is(err, poll.ErrFailed) && d.least < min(before, d.most) && r.remaining() > deletionPause
		if !again || !pause(ctx, deletionPause) {
			return r.failed(ctx, err, d.names())
		}
	}
}

// deleting tells whether the cluster is being deleted, and notes its ARN.
func (r *run) deleting(ctx context.Context) bool {
	live, err := r.api.DescribeCluster(ctx, &sagemaker.DescribeClusterInput{ClusterName: aws.String(r.target())})
	if err != nil || live.ClusterStatus != types.ClusterStatusDeleting {
		return false
	}
	r.report.ARN = aws.ToString(live.ClusterArn)
	return true
}

// deletion is what is seen of a cluster while it is deleted.
type deletion struct {
	r           *run
	least, most int32     // instances seen
	moved       time.Time // when the number of instances last went down
	told        bool      // that it has stalled
}

// progress notes the groups in the report, and turns them into those of an event.
func (d *deletion) progress(s waiter.Snapshot) []GroupProgress {
	var groups []GroupProgress
	var total int32
	for _, g := range s.Groups {
		total += g.Current
		groups = append(groups, GroupProgress{Name: g.Name, Status: string(g.Status), Done: g.Current})
		entry := GroupResult{Name: g.Name, Detail: string(g.Status), Count: g.Current, Image: g.CurrentImage}
		if i := slices.IndexFunc(d.r.report.Groups, func(known GroupResult) bool { return known.Name == g.Name }); i >= 0 {
			d.r.report.Groups[i] = entry
		} else {
			d.r.report.Groups = append(d.r.report.Groups, entry)
		}
	}
	for i := range d.r.report.Groups {
		if _, exists := s.Group(d.r.report.Groups[i].Name); !exists {
			d.r.report.Groups[i] = GroupResult{Name: d.r.report.Groups[i].Name, Outcome: OutcomeDeleted}
		}
	}
	if total < d.least {
		d.least, d.moved, d.told = total, time.Now(), false
	}
	d.most = max(d.most, total)
	return groups
}

// watch adds to each look the question whether the deletion has stalled.
func (d *deletion) watch(next func(context.Context, waiter.Snapshot)) func(context.Context, waiter.Snapshot) {
	return func(ctx context.Context, s waiter.Snapshot) {
		next(ctx, s)
		if d.told || time.Since(d.moved) < deletionStalls {
			return
		}
		d.told = true
		d.r.stalled(ctx, d.names())
	}
}

// stalled tells once why a deletion does not go on.
func (r *run) stalled(ctx context.Context, groups []string) {
	f := hyperpodkit.Finding{
		Level: hyperpodkit.Warning, Rule: "deletion-stalled", Resource: r.target(),
		Found: fmt.Sprintf("no instance has ended for %s, and no node says why", deletionStalls), Fix: "look at the cluster's events and nodes",
	}
	if causes := r.explain(ctx, groups).Causes; len(causes) > 0 {
		c := causes[0]
		f.Found, f.Fix = fmt.Sprintf("no instance has ended for %s: %s", deletionStalls, c.Text), c.Fix
		if where := c.where(); where != "" {
			f.Found += " (" + where + ")"
		}
		if c.Class == ClassPermission {
			f.Found += "; missing permission: " + c.permission()
		}
	}
	r.report.Findings = append(r.report.Findings, f)
	r.emit(ctx, Event{Kind: EventFinding, Finding: &f})
}

// names are the groups that were seen.
func (d *deletion) names() []string {
	var names []string
	for _, g := range d.r.report.Groups {
		names = append(names, g.Name)
	}
	return names
}

// gone notes that nothing is left.
func (d *deletion) gone() {
	for i, g := range d.r.report.Groups {
		d.r.report.Groups[i] = GroupResult{Name: g.Name, Outcome: OutcomeDeleted}
	}
}
