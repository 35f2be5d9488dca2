package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/server/temporaltest"

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

// demo runs the rollout and tells what came of it.
func (o options) demo(ctx context.Context, out io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) }

	emulator, stdout, err := o.spawn(ctx, "emulator")
	if err != nil {
		return err
	}
	defer end(emulator)
	address, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return fmt.Errorf("the emulator did not start: %w", err)
	}
	o.emulator = strings.TrimSpace(address)
	say("emulator: %d clusters of 2 groups, in a process of its own on %s", o.clusters, o.emulator)

	x := rollout.NewExecutor(clients(o.emulator), o.settings)
	plan, err := x.Plan(ctx, o.spec())
	if err != nil {
		return err
	}
	before, err := counted(ctx, o.emulator)
	if err != nil {
		return err
	}
	began := time.Now()
	if o.inProcess {
		report, err := rollout.NewRunner(x, rollout.NewMemStore()).Run(ctx, plan)
		if err != nil {
			return err
		}
		return o.judge(ctx, say, report, before, time.Since(began))
	}

	server := temporaltest.NewServer(temporaltest.WithBaseClientOptions(client.Options{Logger: quiet{}}))
	defer server.Stop()
	o.address, o.namespace = server.GetFrontendHostPort(), server.GetDefaultNamespace()
	say("Temporal: in this process on %s, namespace %s", o.address, o.namespace)
	c, err := o.dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	var workers []*exec.Cmd
	defer func() {
		for _, w := range workers {
			end(w)
		}
	}()
	for range o.workers {
		w, _, err := o.spawn(ctx, "worker")
		if err != nil {
			return err
		}
		workers = append(workers, w)
		say("worker: process %d", w.Process.Pid)
	}
	began = time.Now()
	if _, err := temporalroll.Start(ctx, c, plan, temporalroll.StartOptions{ID: id, Heartbeat: o.heartbeat, Events: o.events}); err != nil {
		return err
	}
	if err := o.follow(ctx, c, say, workers); err != nil {
		return err
	}
	took := time.Since(began)
	report, err := temporalroll.Report(ctx, c, id)
	if err != nil {
		return err
	}
	if err := o.tellHistories(ctx, c, say); err != nil {
		return err
	}
	tellMemory(say, workers)
	return o.judge(ctx, say, report, before, took)
}

// follow tells how far the rollout is, and kills a worker when it is half through.
func (o options) follow(ctx context.Context, c client.Client, say func(string, ...any), workers []*exec.Cmd) error {
	killed := !o.kill
	var told rollout.Totals
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
		asking, cancel := context.WithTimeout(ctx, 30*time.Second)
		t, err := temporalroll.Progress(asking, c, id)
		cancel()
		if err != nil {
			continue // a query of a workflow that the killed worker had waits until another one has it
		}
		if t.Done-told.Done >= max(1, o.clusters/10) || t.Done == t.Targets && t != told {
			told = t
			say("wave %d of %d: %d of %d targets done, %d under way, %d failed", t.Wave+1, t.Waves, t.Done, t.Targets, t.Active, t.Failed)
		}
		if !killed && t.Wave == t.Waves-1 && t.Active > 0 {
			killed = true
			victim := workers[0]
			if err := victim.Process.Kill(); err != nil {
				return err
			}
			say("killed: worker %d by SIGKILL, with %d targets under way in all workers", victim.Process.Pid, t.Active)
		}
		description, err := c.DescribeWorkflowExecution(ctx, id, "")
		if err == nil && description.GetWorkflowExecutionInfo().GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING &&
			description.GetWorkflowExecutionInfo().GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW {
			return nil
		}
	}
}

// judge prints the report, and holds the calls against it.
func (o options) judge(ctx context.Context, say func(string, ...any), report *rollout.Report, before calls, took time.Duration) error {
	after, err := counted(ctx, o.emulator)
	if err != nil {
		return err
	}
	if o.report {
		say("\n%s", report)
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
	say("outcome: %s; %d of %d targets done; %d updated twice; %d of %d clusters updated", report.Outcome, done, o.clusters, twice, len(after.Updates), o.clusters)
	say("took: %s; calls: %d, %.2f a target", took.Round(time.Second/10), total, float64(total)/float64(o.clusters))
	if report.Outcome != rollout.OutcomeSucceeded || done != o.clusters || twice > 0 || len(after.Updates) != o.clusters {
		return errors.New("that is not what it should be")
	}
	return nil
}

// tellHistories counts the events of the workflows, and keeps their histories when asked.
func (o options) tellHistories(ctx context.Context, c client.Client, say func(string, ...any)) error {
	ids := []string{id}
	value, err := c.QueryWorkflow(ctx, id, "", temporalroll.QueryFleet)
	if err != nil {
		return err
	}
	var fleet temporalroll.FleetState
	if err := value.Get(&fleet); err != nil {
		return err
	}
	for _, p := range fleet.Parts {
		ids = append(ids, p.ID)
	}
	events, retried, timedOut := 0, 0, 0
	for _, workflow := range ids {
		history := &historypb.History{}
		for iterator := c.GetWorkflowHistory(ctx, workflow, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); iterator.HasNext(); {
			e, err := iterator.Next()
			if err != nil {
				return err
			}
			history.Events = append(history.Events, e)
			if started := e.GetActivityTaskStartedEventAttributes(); started.GetAttempt() > 1 {
				retried++
			}
			if e.GetEventType() == enumspb.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT {
				timedOut++
			}
		}
		events += len(history.Events)
		if o.histories != "" {
			document, err := temporalproto.CustomJSONMarshalOptions{Indent: " "}.Marshal(history)
			if err != nil {
				return err
			}
			name := strings.NewReplacer("/", "-").Replace(workflow) + ".json"
			if err := os.WriteFile(filepath.Join(o.histories, name), document, 0o600); err != nil {
				return err
			}
		}
	}
	say("histories: %d workflows, %d events, %.1f a target", len(ids), events, float64(events)/float64(o.clusters))
	if o.kill {
		say("the kill cost: %d steps were attempted again when their heartbeats were missing for %s, and %d changes were looked for in their clusters", retried, o.heartbeat, timedOut)
	}
	return nil
}

// tellMemory prints the peak memory of the workers that live, where the system tells it.
func tellMemory(say func(string, ...any), workers []*exec.Cmd) {
	for _, w := range workers {
		status, err := os.ReadFile("/proc/" + strconv.Itoa(w.Process.Pid) + "/status")
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(status)) {
			if after, ok := strings.CutPrefix(line, "VmHWM:"); ok {
				say("worker %d: at most %s of memory", w.Process.Pid, strings.TrimSpace(after))
			}
		}
	}
}

// spawn runs this program as another process.
func (o options) spawn(ctx context.Context, role string) (*exec.Cmd, io.Reader, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	cmd := exec.CommandContext(ctx, self, role,
		"-clusters", strconv.Itoa(o.clusters), "-update", o.update.String(), "-poll", o.poll.String(),
		"-address", o.address, "-namespace", o.namespace, "-emulator", o.emulator)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	return cmd, stdout, cmd.Start()
}

// end ends a process of the demo.
func end(cmd *exec.Cmd) {
	_ = cmd.Process.Kill() // it may have ended already
	_ = cmd.Wait()
}
