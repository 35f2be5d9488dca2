// Command start starts a planned rollout on Temporal, and tells a running one what to do.
//
//	start -id golden-2026-03 -plan plan.json run
//	start -id golden-2026-03 progress
//	start -id golden-2026-03 watch
//	start -id golden-2026-03 report
//	start -id golden-2026-03 -wave 1 approve
//
// The other orders are pause, resume, abort (-response), answer (-target and -answer) and
// hand-over (-queue). A plan is the JSON of a rollout.Plan. See -h for the flags.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/hyperpodkit/hyperpodkit/examples/progress"
	"github.com/hyperpodkit/hyperpodkit/examples/temporal/command"
	"github.com/hyperpodkit/hyperpodkit/examples/temporal/connect"
	"github.com/hyperpodkit/hyperpodkit/examples/temporal/temporalroll"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

func main() { command.Main("start", run) }

type options struct {
	id, plan, format string
	order            temporalroll.Order
	start            temporalroll.StartOptions
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("start", flag.ContinueOnError)
	dial := connect.Flags(flags)
	var o options
	flags.StringVar(&o.id, "id", "", "`id` of the rollout")
	flags.StringVar(&o.plan, "plan", "", "`file` of the plan to run")
	flags.StringVar(&o.format, "format", "text", "`format` of the report: text, markdown or json")
	flags.StringVar(&o.start.WorkflowQueue, "workflow-queue", temporalroll.WorkflowQueue, "task `queue` of the workflows")
	flags.StringVar(&o.order.By, "by", os.Getenv("USER"), "`who` gives the order")
	flags.StringVar((*string)(&o.order.Response), "response", string(rollout.Stop), "what an abort takes back: stop, undo-wave or undo-all")
	flags.StringVar((*string)(&o.order.Answer), "answer", "", "sent, not-sent or give-up")
	flags.IntVar(&o.order.Wave, "wave", 0, "`index` of the wave that is approved")
	flags.IntVar(&o.order.Target, "target", 0, "`index` of the target that is answered for")
	flags.StringVar(&o.order.Queue, "queue", "", "task `queue` to hand over to")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if o.id == "" || flags.NArg() != 1 {
		return errors.New("name the rollout with -id, and one thing to do: run, progress, watch, report, pause, resume, approve, abort, answer or hand-over")
	}
	c, err := dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	return o.do(ctx, c, flags.Arg(0), out)
}

func (o options) do(ctx context.Context, c client.Client, what string, out io.Writer) error {
	switch what {
	case "run":
		return o.run(ctx, c, out)
	case "progress":
		t, err := temporalroll.Progress(ctx, c, o.id, tellBusy)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "wave %d of %d: %d of %d targets done, %d under way, %d failed\n", t.Wave+1, t.Waves, t.Done, t.Targets, t.Active, t.Failed)
		return err
	case "watch":
		return temporalroll.Watch(ctx, c, o.id, progress.New(out).OnRollout, func(w *temporalroll.WatchOptions) {
			w.Patience = time.Hour // it is meant to run for as long as the rollout
		})
	case "report":
		return o.report(ctx, c, out)
	case temporalroll.SignalPause, temporalroll.SignalResume, temporalroll.SignalApprove, temporalroll.SignalAbort, temporalroll.SignalAnswer, temporalroll.SignalHandOver:
		return c.SignalWorkflow(ctx, o.id, "", what, o.order)
	default:
		return fmt.Errorf("%q is nothing to do: use run, progress, watch, report, pause, resume, approve, abort, answer or hand-over", what)
	}
}

// tellBusy says why an answer takes its time.
func tellBusy(o *temporalroll.AskOptions) {
	o.OnBusy = func(err error) { _, _ = fmt.Fprintf(os.Stderr, "start: no answer yet, asking again: %v\n", err) }
}

func (o options) run(ctx context.Context, c client.Client, out io.Writer) error {
	document, err := os.ReadFile(o.plan)
	if err != nil {
		return fmt.Errorf("-plan: %w", err)
	}
	var plan rollout.Plan
	if err := json.Unmarshal(document, &plan); err != nil {
		return fmt.Errorf("-plan: %s: %w", o.plan, err)
	}
	o.start.ID = o.id
	if _, err := temporalroll.Start(ctx, c, &plan, o.start); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "started %s\n", o.id)
	return err
}

func (o options) report(ctx context.Context, c client.Client, out io.Writer) error {
	report, err := temporalroll.Report(ctx, c, o.id, tellBusy)
	if err != nil {
		return err
	}
	switch o.format {
	case "text":
		_, err = fmt.Fprint(out, report)
	case "markdown":
		_, err = fmt.Fprint(out, report.Markdown())
	case "json":
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(report)
	default:
		err = fmt.Errorf("-format: %q is none: use text, markdown or json", o.format)
	}
	return err
}
