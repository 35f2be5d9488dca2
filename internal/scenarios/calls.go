package scenarios

import (
	"context"
	"sync/atomic"

	"github.com/aws/smithy-go"
)

// calls are rollouts whose calls go wrong.
func calls() []Scenario {
	// every makes each n-th call fail before it does anything.
	every := func(n int64, operation string, err error) func(context.Context, *Bed) error {
		return func(_ context.Context, b *Bed) error {
			var count atomic.Int64
			b.Srv.Faults().Before(func(_ context.Context, op string, _ any) error {
				if (operation == "" || op == operation) && count.Add(1)%n == 0 {
					return err
				}
				return nil
			})
			return nil
		}
	}
	slow := func(_ context.Context, b *Bed) error {
		for _, op := range []string{"DescribeCluster", "ListClusterNodes", updateSoftware} {
			b.Srv.Faults().Throttle(op, 0.2)
		}
		return nil
	}
	internal := &smithy.GenericAPIError{Code: "InternalFailure", Message: "Try again.", Fault: smithy.FaultServer}
	denied := &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "User is not authorized to perform: sagemaker:UpdateClusterSoftware"}
	return []Scenario{
		{
			Name: "throttled throughout", Clusters: Fleet(6),
			Planned: slow,
			Want:    Want{Outcome: succeeded, Phases: phases(rolled, rolled, rolled, rolled, rolled, rolled), Sent: 6},
		},
		{
			Name: "throttled throughout, with a client that retries", Clusters: Fleet(6), Retries: true,
			Planned: slow,
			Want:    Want{Outcome: succeeded, Phases: phases(rolled, rolled, rolled, rolled, rolled, rolled), Sent: 6},
		},
		{
			Name: "the service fails now and then", Planned: every(5, "", internal),
			Want: Want{Outcome: succeeded, Phases: phases(rolled, rolled, rolled), Sent: 3},
		},
		{
			Name: "the service fails at the requests themselves", Clusters: Fleet(1),
			Planned: func(_ context.Context, b *Bed) error { b.Srv.Faults().Fail(updateSoftware, 2, internal); return nil },
			Want:    Want{Outcome: succeeded, Phases: phases(rolled), Sent: 1},
		},
		{
			Name: "the service fails at the requests for good", Clusters: Fleet(1),
			Planned: func(_ context.Context, b *Bed) error { b.Srv.Faults().Fail(updateSoftware, -1, internal); return nil },
			Want: Want{
				Outcome: stopped, Phases: phases(failed), Failed: 1, Sent: 0,
				Runs: map[string]string{"train-0": allOld}, Says: map[string][]string{"train-0": {"InternalFailure", "not accepted"}},
			},
		},
		{
			Name: "the request is not allowed", Spec: canary,
			Planned: func(_ context.Context, b *Bed) error { b.Srv.Faults().Fail(updateSoftware, 1, denied); return nil },
			Want: Want{
				Outcome: stopped, Phases: phases(failed, waiting, waiting), Failed: 1, Sent: 0,
				Runs: map[string]string{"train-0": allOld}, Says: map[string][]string{"train-0": {"is not authorized to perform"}},
			},
		},
	}
}
