package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/hyperpodkit/hyperpodkit/examples/progress"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// tell tells the story. Its error says which part did not end as it should.
func tell(ctx context.Context, f *fleet, dir string, out io.Writer) error {
	if err := f.create(ctx); err != nil {
		return err
	}
	select {
	case <-time.After(time.Second): // half an hour: the clusters are made
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	_, _ = fmt.Fprintf(out, "Time runs %d times faster than on AWS, for which the plans reckon: an hour takes %s here.\n", speed, time.Hour/speed)

	if err := canary(ctx, f, filepath.Join(dir, "slow"), out); err != nil {
		return fmt.Errorf("the slow AMI: %w", err)
	}
	if err := through(ctx, f, filepath.Join(dir, "good"), out); err != nil {
		return fmt.Errorf("the good AMI: %w", err)
	}
	return nil
}

// executor has the gate that both rollouts ask: the nodes run, and the alarm is quiet.
func (f *fleet) executor() *rollout.Executor {
	return rollout.NewExecutor(f.clients, func(o *rollout.Options) {
		o.Gate = rollout.AllOf(rollout.NodesRunning(), rollout.AlarmsQuiet(f, slowAlarm))
		o.GateOptions = rollout.GateOptions{Interval: look, Patience: time.Second}
		o.HyperPod = []func(*hyperpod.Options){func(o *hyperpod.Options) { o.Poll.Interval = look }}
	})
}

// runner keeps its journal in a directory and shows its progress.
func (f *fleet) runner(dir string, out io.Writer, notice func(rollout.Event)) (*rollout.Runner, error) {
	journal, err := rollout.OpenFileStore(dir)
	if err != nil {
		return nil, err
	}
	shown := progress.New(out)
	return rollout.NewRunner(f.executor(), journal, func(o *rollout.RunnerOptions) {
		o.OnEvent = func(ctx context.Context, e rollout.Event) {
			shown.OnRollout(ctx, e)
			notice(e)
		}
	}), nil
}

func nothing(rollout.Event) {}

// canary rolls the slow AMI, whose canary must be taken back.
func canary(ctx context.Context, f *fleet, dir string, out io.Writer) error {
	head(out, "An AMI with a slow driver")
	plan, err := f.executor().Plan(ctx, f.spec("golden 2026-03", slowAMI))
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintln(out, plan)
	runner, err := f.runner(dir, out, nothing)
	if err != nil {
		return err
	}
	report, err := runner.Run(ctx, plan)
	_, _ = fmt.Fprintf(out, "\n%s\n", report)
	switch {
	case err == nil:
		return fmt.Errorf("it was to be taken back, and has %s", report.Outcome)
	case errors.Is(err, rollout.ErrFailed) && report.Outcome == rollout.OutcomeTakenBack:
		return nil
	default:
		return begun(err)
	}
}

// through rolls the good AMI. Its process is stopped after the first wave, and another
// runner goes on.
func through(ctx context.Context, f *fleet, dir string, out io.Writer) error {
	head(out, "The mended AMI")
	plan, err := f.executor().Plan(ctx, f.spec("golden 2026-03, mended", goodAMI))
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintln(out, plan)
	stopped, stop := context.WithCancel(ctx)
	defer stop()
	first, err := f.runner(dir, out, func(e rollout.Event) {
		if e.Kind == rollout.EventStarted && e.Step.Kind == rollout.StepAwait && e.Step.Wave == 1 {
			stop()
		}
	})
	if err != nil {
		return err
	}
	switch report, err := first.Run(stopped, plan); {
	case err == nil:
		return fmt.Errorf("it was to be stopped in the second wave, and has %s", report.Outcome)
	case ctx.Err() != nil || !errors.Is(err, context.Canceled):
		return begun(err)
	}
	_, _ = fmt.Fprintf(out, "\nThe process was stopped. Another one goes on from the journal.\n\n")
	second, err := f.runner(dir, out, nothing)
	if err != nil {
		return err
	}
	report, err := second.Resume(ctx)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "\nFor the change ticket:\n\n%s\n", report.Markdown())
	return nil
}

// begun adds to the error of a journal that is in use what is to be done about it.
func begun(err error) error {
	if errors.Is(err, rollout.ErrBegun) {
		return fmt.Errorf("%w, of clusters that ended with the program that kept it: give -journal another directory", err)
	}
	return err
}

func head(out io.Writer, text string) { _, _ = fmt.Fprintf(out, "\n== %s\n\n", text) }
