package hyperpod

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/smithy-go/middleware"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/internal/smmodel"
)

// StartRoll sends one UpdateClusterSoftware for all groups of a plan, also of one that is
// to go one by one: [RollPlan.Only] takes such a plan apart. It neither describes the
// cluster before nor waits after. A plan without groups sends nothing: to the service, no
// group means every group. The report is never nil.
//
// The service knows no token that makes the request safe to repeat. When its answer was
// lost, or the SDK's client tried again and was refused because of what its own first
// attempt had started, StartRoll looks at the cluster until [waiter.Options].Lag has
// passed and takes the request for accepted when the groups show it: they are to run the
// image by now and were not before, or an update is under way that was not. What cannot
// be told is Report.Unknown, and such a plan must not be sent again before
// [Cluster.RollStarted] has answered. A conflict with another operation is [ErrBusy].
//
// The request names the cluster by its ARN, so that another one of the same name is never
// rolled.
func (c *Cluster) StartRoll(ctx context.Context, p *RollPlan) (*Report, error) {
	r := c.start(OperationRoll)
	r.roll.sendsOnly = true
	err := r.fits(ctx, p)
	if err == nil {
		if !p.Empty() {
			err = r.startRoll(ctx, p, r.target())
		}
		r.report.Groups = r.roll.inOrder(p)
	}
	return r.end(ctx, err)
}

// fits checks a plan that may come from anywhere: that it is of the handle's cluster and
// makes a request that the service's model allows.
func (r *run) fits(ctx context.Context, p *RollPlan) error {
	refuse := func(rule, path, found, fix string) error {
		return r.found(ctx, []hyperpodkit.Finding{{Level: hyperpodkit.Error, Rule: rule, Path: path, Found: found, Fix: fix}})
	}
	switch {
	case p == nil:
		return refuse("roll-plan", "", "no plan", "use PlanRoll")
	case r.report.Cluster != p.Cluster && r.report.Cluster != p.ARN:
		return refuse("roll-plan", "ClusterName", fmt.Sprintf("the plan was made for cluster %q (%s)", p.Cluster, p.ARN), "use a handle on that cluster")
	}
	r.report.ARN = p.ARN
	if p.Empty() {
		return nil
	}
	findings := append(p.Deployment.check(), modelFindings(smmodel.Operation("UpdateClusterSoftware", p.input(r.target())))...)
	return r.found(ctx, sorted(findings))
}

// startRoll sends the request of a plan to a cluster by name or ARN.
func (r *run) startRoll(ctx context.Context, p *RollPlan, cluster string) error {
	var sdk attempts
	r.roll.requested = time.Now()
	out, err := r.api.UpdateClusterSoftware(ctx, p.input(cluster), sdk.watch)
	if err == nil {
		r.sent(ctx, p, out.ClusterArn)
		return nil
	}
	if !sdk.unanswered && !unanswered(err) {
		return callError(r.report.Operation, r.report.Cluster, "UpdateClusterSoftware", err)
	}
	started, _ := r.started(ctx, p, r.roll.requested, true) // what it could not see leaves the answer open
	switch started {
	case StartedYes:
		r.sent(ctx, p, nil)
		return nil
	case StartedNo:
		return callError(r.report.Operation, r.report.Cluster, "UpdateClusterSoftware", fmt.Errorf("it was not accepted: %w", err))
	case StartedUnknown:
	}
	r.report.Unknown, r.settled = true, false
	r.roll.sent = append(r.roll.sent, p.names()...)
	// Not ErrBusy, also where the last attempt met a conflict: what is busy is to be sent
	// again, and this must not be.
	return &Error{
		Operation: r.report.Operation, Cluster: r.report.Cluster, Call: "UpdateClusterSoftware",
		Err: fmt.Errorf("an answer was lost, and the cluster does not tell whether the request was accepted: %w", err),
	}
}

// sent notes that the service has accepted the request of a plan.
func (r *run) sent(ctx context.Context, p *RollPlan, arn *string) {
	if arn == nil {
		arn = aws.String(p.ARN)
	}
	r.called(ctx, "UpdateClusterSoftware", arn)
	r.settled = false
	r.roll.sent = append(r.roll.sent, p.names()...)
}

// attempts notes of the attempts that the SDK's client makes of one call whether one of
// them got no answer: a refusal of a later one then says nothing of the call.
type attempts struct{ unanswered bool }

func (a *attempts) watch(o *sagemaker.Options) {
	o.APIOptions = append(slices.Clip(o.APIOptions), func(stack *middleware.Stack) error {
		return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("hyperpodkit:attempts", func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
			out, metadata, err := next.HandleDeserialize(ctx, in)
			a.unanswered = a.unanswered || unanswered(err)
			return out, metadata, err
		}), middleware.Before)
	})
}
