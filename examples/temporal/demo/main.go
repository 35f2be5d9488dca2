// Command demo shows a rollout that outlives its workers: it starts Temporal's own server
// on 127.0.0.1, an emulator of SageMaker HyperPod and three workers in processes of their
// own, rolls an AMI over 200 clusters in two accounts, kills one worker in the middle, and
// prints what came of it. No call leaves the machine.
//
//	go run ./demo
//
// "demo numbers" measures instead: it runs the rollout by the in-process runner and by
// several numbers of workers, and prints a table of what each run has cost.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hyperpodkit/hyperpodkit/examples/temporal/command"
)

func main() { command.Main("demo", run) }

// options are what the flags say. The processes that the demo starts get them, too.
type options struct {
	clusters, workers int
	kill              bool
	update            time.Duration
	heartbeat         time.Duration
	poll              time.Duration
	inProcess         bool
	report            bool
	histories         string
	events            int
	progress          bool
	every             time.Duration
	atOnce            bool
	hold              time.Duration
	counts            []int
	figures           string

	address, namespace, emulator string // of a worker
}

// roles are what a process may be besides the demo itself: a process of a demo, or, as
// once, a demo of the table of numbers.
func roles() []string { return []string{"emulator", "worker", "numbers", "once"} }

func run(ctx context.Context, args []string, out io.Writer) error {
	role := ""
	if len(args) > 0 && slices.Contains(roles(), args[0]) {
		role, args = args[0], args[1:]
	}
	o, err := parse(role, args)
	if err != nil {
		return err
	}
	switch role {
	case "emulator":
		return o.serveEmulator(ctx, out)
	case "worker":
		return o.work(ctx)
	case "numbers":
		return o.numbers(ctx, out)
	default:
		return o.demo(ctx, out)
	}
}

func parse(role string, args []string) (options, error) {
	var o options
	clusters, update, poll := 200, 20*time.Second, 3*time.Second
	if role == "numbers" {
		clusters, update, poll = 5000, time.Minute, 15*time.Second
	}
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.IntVar(&o.clusters, "clusters", clusters, "`clusters` to roll, in two accounts")
	flags.IntVar(&o.workers, "workers", 3, "`worker processes`")
	flags.BoolVar(&o.kill, "kill", true, "kill one worker in the middle")
	flags.DurationVar(&o.update, "update", update, "how long the emulator takes to replace a node")
	flags.DurationVar(&o.poll, "poll", poll, "how often a worker looks at an update")
	flags.DurationVar(&o.heartbeat, "heartbeat", 10*time.Second, "after how long without a heartbeat a worker counts as dead")
	flags.BoolVar(&o.inProcess, "in-process", false, "run the same rollout with the in-process runner instead, to compare its calls")
	flags.BoolVar(&o.report, "report", false, "print the whole report, with every target")
	flags.StringVar(&o.histories, "histories", "", "`folder` to write the histories of the workflows to")
	flags.IntVar(&o.events, "events", 0, "after how many events a workflow continues with a new history; 0 for the default")
	flags.BoolVar(&o.progress, "progress", true, "show all that happens; otherwise each tenth of the targets")
	flags.DurationVar(&o.every, "every", time.Second, "how often the workflows are asked what happens")
	flags.BoolVar(&o.atOnce, "at-once", false, "roll all clusters in one wave")
	flags.DurationVar(&o.hold, "hold", 10*time.Minute, "how long the emulator takes to replace a node where \"demo numbers\" has all targets in flight at once: longer than it takes to begin them")
	counts := flags.String("counts", "1,2,4", "with how many `workers` \"demo numbers\" runs the rollout, one run after the other")
	flags.StringVar(&o.figures, "figures", "", "`file` to write what the run has cost to, as JSON")
	flags.StringVar(&o.address, "address", "", "address of Temporal, for a worker")
	flags.StringVar(&o.namespace, "namespace", "", "namespace of Temporal, for a worker")
	flags.StringVar(&o.emulator, "emulator", "", "address of the emulator, for a worker")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	for text := range strings.SplitSeq(*counts, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return o, fmt.Errorf("-counts: %q is no number of workers: write them as 1,2,4", text)
		}
		o.counts = append(o.counts, n)
	}
	if o.clusters < 1 || o.workers < 1 || (role == "" || role == "once") && !o.inProcess && o.kill && o.workers < 2 {
		return o, errors.New("one cluster and one worker at least are needed, and two workers to kill one")
	}
	return o, nil
}
