// Package temporalroll runs the rollouts of package rollout on Temporal, so that they
// outlive any process. It decides nothing itself: a workflow asks [rollout.Next] what is
// to be done, has each step run as an activity by [rollout.Executor.Do], and keeps what
// came of it by [rollout.State.Apply], as the in-process runner does.
//
//	plan, err := executor.Plan(ctx, spec)
//	run, err := temporalroll.Start(ctx, client, plan, temporalroll.StartOptions{ID: "golden-2026-03"})
//	err = run.Get(ctx, &result)
//	report, err := temporalroll.Report(ctx, client, "golden-2026-03")
//
// # Workflows
//
// [Workflows.Fleet] is a whole rollout. It has a [Workflows.Part] for the targets of each
// account and Region, at most 500 in each, and holds what concerns all of them: the order
// of the waves, the failure budget, and what people say. A part runs the decider on the
// state of its targets.
//
// # Activities
//
// There is one activity, [Activities.Do], which runs a step. It is taken from a task queue
// per account and Region (see [Queue]), so that a worker needs access to those alone that
// it serves. A step that changes a cluster is attempted once. When its outcome is not
// known the decider looks at the cluster. Other steps are attempted again by Temporal.
//
// # Signals and queries
//
// The signals [SignalPause], [SignalResume], [SignalAbort], [SignalApprove] and
// [SignalAnswer] carry an [Order] and make the changes that [rollout.Control] writes, in
// every part that they are about; an abort is refused once the parts were let end.
// [QueryProgress], [QueryReport], [QueryHappened] and [QueryWaiting] answer while there are
// workers. [Progress], [Report] and [Watch] ask all parts.
//
// # Payloads
//
// Every client and worker needs [DataConverter]: it compresses what is large. Steps and
// states hold no credentials: those stay in the worker, in the function given to
// [NewActivities].
package temporalroll
