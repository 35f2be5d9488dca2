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
//   - A [Spec] names targets, images, waves and limits; [Executor.Plan] judges it against
//     the clusters and makes a [Plan], to be printed, kept as JSON, and run.
//   - [Runner.Run] runs it in this process, [Runner.Resume] goes on with one that was cut
//     off. [Runner.Control] and [NewControl] pause, resume, approve, abort and answer.
//   - [Report] tells what came of it, as text, Markdown or JSON, at any time: [Load] reads
//     the state of a journal.
//   - [Next] and [Executor.Do] run the same rollout in any other engine.
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
// # Errors
//
// A spec that is refused is an [*InvalidError] with every mistake. A rollout that came to
// another end than it should is a [*FailedError]. [ErrAsks], [ErrTakenOver], [ErrBegun],
// [ErrNotBegun] and [ErrConflict] are found by errors.Is, and so is the error of a context
// that ended.
//
// # Testing
//
// Package hyperpodtest is an emulator; inside a testing/synctest bubble a rollout of days
// takes milliseconds. [NewMemStore] keeps a journal in memory.
package rollout
