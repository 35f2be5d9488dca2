package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/server/temporaltest"

	"github.com/hyperpodkit/hyperpodkit/examples/progress"
	"github.com/hyperpodkit/hyperpodkit/examples/temporal/temporalroll"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

const id = "golden"

// spec rolls all clusters: a tenth first, and the others when it has baked.
func (o options) spec() rollout.Spec {
	spec := rollout.Spec{
		Name: "golden image", Images: hyperpod.WantedImages{{Image: hyperpod.ImageVersion{ID: newAMI}}},
		Waves: rollout.Percentages(10, 100), Strategy: rollout.Strategy{Deployment: hyperpod.Deployment{Batch: hyperpod.AllAtOnce}},
		Bake: 5 * time.Second, OnFailure: rollout.UndoAll, ReplaceRootVolumes: true,
	}
	if o.atOnce {
		spec.Waves = rollout.Percentages(100)
	}
	for i := range o.clusters {
		account, name := cluster(i)
		spec.Targets = append(spec.Targets, rollout.Target{Account: account, Region: region, Cluster: name, Groups: hyperpod.AllGroups})
	}
	return spec
}

// work is a worker process.
func (o options) work(ctx context.Context) error {
	c, err := o.dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	options := temporalroll.WorkerOptions{Workflows: true, Steps: 10_000, Grace: time.Second}
	for _, account := range accounts() {
		options.Places = append(options.Places, temporalroll.Place{Account: account, Region: region})
	}
	workers := temporalroll.NewWorkers(c, temporalroll.NewActivities(clients(o.emulator), o.settings), options)
	if err := workers.Start(); err != nil {
		return err
	}
	<-ctx.Done()
	workers.Stop()
	return nil
}

func (o options) dial(ctx context.Context) (client.Client, error) {
	return client.DialContext(ctx, client.Options{
		HostPort: o.address, Namespace: o.namespace, DataConverter: temporalroll.DataConverter(), Logger: quiet{},
	})
}

// quiet is a logger that says nothing: a worker that was killed is no news here.
type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}

var _ log.Logger = quiet{}

// demonstration is one run of the demo.
type demonstration struct {
	options
	out      io.Writer
	shown    func(context.Context, rollout.Event)
	emulator *process
	workers  []*process
	figures  figures
}

func (d *demonstration) say(format string, args ...any) {
	_, _ = fmt.Fprintf(d.out, format+"\n", args...)
}

// demo runs the rollout and tells what came of it.
func (o options) demo(ctx context.Context, out io.Writer) error {
	d := &demonstration{options: o, out: out, shown: progress.New(out).OnRollout}
	if !o.progress {
		d.shown = d.tenths()
	}
	err := d.run(ctx)
	d.end()
	if err == nil && o.figures != "" {
		err = d.figures.write(o.figures)
	}
	return err
}

func (d *demonstration) run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var address string
	var err error
	if d.emulator, address, err = d.spawnEmulator(ctx); err != nil {
		return err
	}
	d.options.emulator = address
	d.say("emulator: %d clusters of 2 groups, in a process of its own on %s", d.clusters, address)

	x := rollout.NewExecutor(clients(address), d.settings)
	plan, err := x.Plan(ctx, d.spec())
	if err != nil {
		return err
	}
	before, err := counted(ctx, address)
	if err != nil {
		return err
	}
	began := time.Now()
	if d.inProcess {
		runner := rollout.NewRunner(x, rollout.NewMemStore(), func(o *rollout.RunnerOptions) { o.OnEvent = d.hear })
		report, err := runner.Run(ctx, plan)
		if err != nil {
			return err
		}
		d.figures.Memory = []int64{peak(os.Getpid())}
		return d.judge(ctx, report, before, time.Since(began))
	}

	server := temporaltest.NewServer(temporaltest.WithBaseClientOptions(client.Options{Logger: quiet{}}))
	defer server.Stop()
	d.address, d.namespace = server.GetFrontendHostPort(), server.GetDefaultNamespace()
	d.say("Temporal: in this process on %s, namespace %s", d.address, d.namespace)
	c, err := d.dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	for range d.options.workers {
		w, _, err := d.spawn(ctx, "worker")
		if err != nil {
			return err
		}
		d.workers = append(d.workers, w)
		d.say("worker: process %d", w.id())
	}
	began = time.Now()
	if _, err := temporalroll.Start(ctx, c, plan, temporalroll.StartOptions{ID: id, Heartbeat: d.heartbeat, Events: d.events}); err != nil {
		return err
	}
	if err := d.watch(ctx, c); err != nil {
		return err
	}
	took := time.Since(began)
	report, err := temporalroll.Report(ctx, c, id)
	if err != nil {
		return err
	}
	if err := d.tellHistories(ctx, c); err != nil {
		return err
	}
	d.tellMemory()
	return d.judge(ctx, report, before, took)
}

// watch shows what happens, and kills a worker when the last wave is under way.
func (d *demonstration) watch(ctx context.Context, c client.Client) error {
	killed := !d.kill
	var failed error
	err := temporalroll.Watch(ctx, c, id, func(ctx context.Context, e rollout.Event) {
		d.hear(ctx, e)
		if t := e.Totals; !killed && t.Wave == t.Waves-1 && t.Active > 0 {
			killed = true
			failed = d.workers[0].kill()
			d.shown(ctx, rollout.Event{
				Kind: rollout.EventMoment, Time: time.Now(), Totals: t,
				Text: fmt.Sprintf("killed: worker %d by SIGKILL, with %d targets under way in all workers", d.workers[0].id(), t.Active),
			})
		}
	}, func(o *temporalroll.WatchOptions) { o.Every = d.every })
	return errors.Join(err, failed)
}

// hear shows an event.
func (d *demonstration) hear(ctx context.Context, e rollout.Event) {
	d.figures.InFlight = max(d.figures.InFlight, e.Totals.Active)
	d.shown(ctx, e)
}

// tenths tells each time that another tenth of the targets is done, and nothing else.
func (d *demonstration) tenths() func(context.Context, rollout.Event) {
	var told rollout.Totals
	return func(_ context.Context, e rollout.Event) {
		t := e.Totals
		if t.Done-told.Done >= max(1, d.clusters/10) || t.Done == t.Targets && t.Done != told.Done {
			told = t
			d.say("wave %d of %d: %d of %d targets done, %d under way, %d failed", t.Wave+1, t.Waves, t.Done, t.Targets, t.Active, t.Failed)
		}
	}
}

// judge prints the report, and holds the calls against it.
func (d *demonstration) judge(ctx context.Context, report *rollout.Report, before calls, took time.Duration) error {
	after, err := counted(ctx, d.options.emulator)
	if err != nil {
		return err
	}
	if d.report {
		d.say("\n%s", report)
	}
	done, twice, total := 0, 0, 0
	for _, t := range report.Targets {
		if t.Phase == rollout.PhaseRolled {
			done++
		}
		if after.Updates[t.ARN] > 1 {
			twice++
		}
	}
	for operation, n := range after.Operations {
		total += n - before.Operations[operation]
	}
	d.figures.Targets, d.figures.Calls, d.figures.Took = done, total, took
	d.say("outcome: %s; %d of %d targets done; %d updated twice; %d of %d clusters updated", report.Outcome, done, d.clusters, twice, len(after.Updates), d.clusters)
	d.say("took: %s; calls: %d, %.2f a target", took.Round(time.Second/10), total, float64(total)/float64(d.clusters))
	if report.Outcome != rollout.OutcomeSucceeded || done != d.clusters || twice > 0 || len(after.Updates) != d.clusters {
		return errors.New("that is not what it should be")
	}
	return nil
}
