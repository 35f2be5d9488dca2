// Package rollout brings one golden AMI onto the instance groups of many clusters, in any
// number of accounts and Regions: wave after wave, with a bake, a gate, a budget of
// failures, and the way back when that is spent.
//
//	x := rollout.NewExecutor(clients, func(o *rollout.Options) { o.Gate = rollout.NodesRunning() })
//	plan, err := x.Plan(ctx, spec)  // describes and judges, changes nothing
//	fmt.Print(plan)
//	journal, err := rollout.OpenFileStore("rollout")
//	report, err := rollout.NewRunner(x, journal).Run(ctx, plan)
//
// # Jobs
//
//   - Plan: a [Spec] names targets, images, waves and limits; [Executor.Plan] judges it
//     against the clusters and makes a [Plan], to be printed, kept as JSON, and run.
//     [Plan.Estimate] tells how long it takes and how many calls.
//   - Divide into waves: [OneWave], [Percentages], [ByLabel] or [Waves].
//   - Run: [Runner.Run] runs it in this process, [Runner.Resume] goes on with one that was
//     cut off, from the journal of a [Store]: [OpenFileStore] keeps it in a folder,
//     [NewMemStore] in memory.
//   - Order: [Runner.Control] in this process and [NewControl] in any other one that has
//     the journal; [Control.Pause], [Control.Resume], [Control.Approve] for a wave,
//     [Control.Abort], and [Control.Answer] for a target that asks.
//   - Gate: a [Gate] is a function. Ready-made are [NodesRunning], [DeepHealthChecked] and
//     [AlarmsQuiet]; [AllOf] joins them, and [Refuse] makes a refusal final.
//   - Report: a [Report] tells what came of it, at any time, as text, as JSON, or by
//     [Report.Markdown] for a change ticket. [Load] reads the state of a journal, of which
//     [State.Report] makes one.
//   - Another engine: [Next], [Executor.Do] and [State.Apply] run the same rollout in it.
//
// # Decider and executor
//
// A [State] is plain data. [Next] says what is to be done next, as a function of it alone.
// An [Executor] runs one [Step] and gives a [Result]. An engine keeps both as the changes
// of an [Entry], and [State.Apply] makes them. [Runner] is such an engine, on a journal
// that a [Store] keeps.
//
// A target goes through a program of steps: check, hook, update, await, gate, hook. A
// change is kept as begun before it is sent. Where an engine ends in between, nobody knows
// whether it was: the target's next step is then to find out from the live cluster. What
// cannot be told stops the target as [PhaseUnknown], and is asked; it is never sent again.
//
// # Success and failure
//
// A target has come through when its groups are proved to run the image (see
// [hyperpod.Cluster.RollImage]) and its gate has passed: right after the change, and once
// more when its wave has baked. Within the [Budget] a target that failed is left as it is
// and reported. When the budget is exceeded nothing further begins, what is under way goes
// on to where it can be left, and [Response] says what is taken back: by the same
// strategy, in rollback batches and without its alarms and waits, within the same limits,
// outside maintenance windows too.
//
// # Options
//
// What a rollout is stands in its [Spec]: waves, [Strategy], bake, approval, [Budget],
// [Response], [Limits] and each [Window]. How it is carried out is given to [NewExecutor] as
// [Options]: the gate, hooks before and after a target, how replaced groups differ, and
// options of package hyperpod. [NewRunner] takes [RunnerOptions]: who is told of each
// [Event], and how often the journal is looked at.
//
// # Errors
//
// They are told apart by errors.Is and errors.As; that of a context that ended is in the
// tree:
//
//   - [*InvalidError]: a spec was refused with every mistake, and nothing was sent.
//     [ErrInvalid] finds it.
//   - [*FailedError]: the rollout came to another end than it should. [ErrFailed] finds it.
//   - [ErrAsks]: nothing goes on before somebody answers. Look, answer, resume.
//   - [ErrTakenOver]: another runner goes on with it.
//   - [ErrBegun] and [ErrNotBegun]: the journal holds a rollout already, or none.
//   - [ErrConflict]: a [Store] has news that the writer has not seen.
//   - [*RefusedError]: a gate's refusal, made by [Refuse].
//
// # Testing
//
// Package hyperpodtest is an emulator; inside a testing/synctest bubble a rollout of days
// takes milliseconds. [NewMemStore] keeps a journal in memory.
package rollout
