package hyperpod

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
	"github.com/hyperpodkit/hyperpodkit/internal/smmodel"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

// run is one workflow under way: it keeps the report and sends the events.
type run struct {
	api     API
	options Options
	report  *Report
	waiting time.Time // since when; zero before the first wait
	settled bool      // the end of all that was accepted was seen

	roll rolling // of a roll
}

func (c *Cluster) start(op Operation) *run {
	options := c.options
	options.setDefaults()
	return &run{api: c.api, options: options, report: &Report{Operation: op, Cluster: c.name, Began: time.Now()}}
}

// emit fills in what all events have and hands the event on.
func (r *run) emit(ctx context.Context, e Event) {
	if r.options.OnEvent == nil {
		return
	}
	e.Time, e.Operation, e.Cluster, e.ARN = time.Now(), r.report.Operation, r.report.Cluster, r.report.ARN
	r.options.OnEvent(ctx, e)
}

// called notes a mutating call that the service accepted.
func (r *run) called(ctx context.Context, call string, arn *string) {
	if s := aws.ToString(arn); s != "" {
		r.report.ARN = s
	}
	r.report.Calls = append(r.report.Calls, Call{Operation: call, Time: time.Now()})
	r.emit(ctx, Event{Kind: EventCalled, Call: call})
}

// refused is the error of a mutating call. When the connection or the context ended
// before an answer came, the change may have been made.
func (r *run) refused(call string, err error) error {
	r.report.Unknown = unanswered(err)
	return callError(r.report.Operation, r.report.Cluster, call, err)
}

// unanswered tells whether an error of a call leaves open whether the service has
// accepted it.
func unanswered(err error) bool {
	lost := awserr.IsTransient(err) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
	return lost && !awserr.IsThrottle(err)
}

// named checks what the handle was made with, before anything is sent.
func (r *run) named(ctx context.Context) error {
	return r.found(ctx, modelFindings(smmodel.Shape("ClusterNameOrArn", "ClusterName", r.report.Cluster)))
}

// found notes findings, each once, and returns the error that those of level error make.
func (r *run) found(ctx context.Context, findings []hyperpodkit.Finding) error {
	for _, f := range findings {
		if slices.Contains(r.report.Findings, f) {
			continue
		}
		r.report.Findings = append(r.report.Findings, f)
		r.emit(ctx, Event{Kind: EventFinding, Finding: &f})
	}
	if mistakes := onlyErrors(findings); len(mistakes) > 0 {
		return &InvalidError{Operation: r.report.Operation, Cluster: r.report.Cluster, Findings: mistakes}
	}
	return nil
}

// end closes the report and says how the workflow ended.
func (r *run) end(ctx context.Context, err error) (*Report, error) {
	r.report.Ended = time.Now()
	if err != nil {
		r.report.Err = err
		r.report.Unfinished = r.goesOn(err)
		r.emit(ctx, Event{Kind: EventFailed, Err: err})
	} else {
		// With nothing to do there is nothing to wait for.
		r.report.Complete = !r.options.NoWait && !r.roll.sendsOnly || len(r.report.Calls) == 0
		r.emit(ctx, Event{Kind: EventDone})
	}
	return r.report, err
}

// goesOn tells whether the service goes on with what it has accepted, after an error. A
// roll knows by itself what it has seen the end of.
func (r *run) goesOn(err error) bool {
	if r.report.Operation == OperationRoll {
		return (len(r.report.Calls) > 0 || r.roll.waits) && !r.settled
	}
	return len(r.report.Calls) > 0 && !r.settled && !errors.Is(err, poll.ErrFailed)
}

// describe reads the cluster, and notes its ARN.
func (r *run) describe(ctx context.Context) (*sagemaker.DescribeClusterOutput, error) {
	live, err := r.api.DescribeCluster(ctx, &sagemaker.DescribeClusterInput{ClusterName: aws.String(r.report.Cluster)})
	if err != nil {
		return nil, callError(r.report.Operation, r.report.Cluster, "DescribeCluster", err)
	}
	r.report.ARN = aws.ToString(live.ClusterArn)
	return live, nil
}

// regularGroup returns a regular group of a description.
func regularGroup(live *sagemaker.DescribeClusterOutput, name string) *types.ClusterInstanceGroupDetails {
	for i := range live.InstanceGroups {
		if aws.ToString(live.InstanceGroups[i].InstanceGroupName) == name {
			return &live.InstanceGroups[i]
		}
	}
	return nil
}
