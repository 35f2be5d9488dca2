package temporalroll

import (
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
)

// Place is an account in a Region.
type Place struct{ Account, Region string }

// ParsePlaces reads places such as "111122223333/us-west-2", separated by commas.
func ParsePlaces(s string) ([]Place, error) {
	var places []Place
	for text := range strings.SplitSeq(s, ",") {
		id, region, ok := strings.Cut(strings.TrimSpace(text), "/")
		if !ok || id == "" || region == "" {
			return nil, fmt.Errorf("%q is no account and Region: write them as 111122223333/us-west-2", text)
		}
		places = append(places, Place{id, region})
	}
	return places, nil
}

// WorkerOptions say what a process works on. The zero value works on nothing.
type WorkerOptions struct {
	// Workflows serves the workflows of WorkflowQueue; empty means [WorkflowQueue].
	Workflows     bool
	WorkflowQueue string
	// Places are the accounts and Regions whose steps are run.
	Places []Place
	// Rate is how many steps a second are begun in each account and Region, by all workers
	// together: Temporal keeps it, for each task queue. Zero means no limit. All workers of
	// a queue must have the same.
	Rate float64
	// Steps is how many steps of each account and Region this process runs at a time. One
	// that waits for an update counts, too. Zero means 1000.
	Steps int
	// Grace is how long a step that changes something may take to end when the workers are
	// stopped. Zero means a minute.
	Grace time.Duration
}

// deciding is how long a workflow may take at a time. Beginning 500 steps takes a tenth of
// a second, and longer on a machine that is busy.
const deciding = 10 * time.Second

// Workers are the workers of a process: one for the workflows, one for each place.
type Workers struct{ workers []worker.Worker }

// NewWorkers makes workers. The client needs [DataConverter].
func NewWorkers(c client.Client, a *Activities, o WorkerOptions) *Workers {
	if o.Grace <= 0 {
		o.Grace = time.Minute
	}
	w := &Workers{}
	if o.Workflows {
		queue := o.WorkflowQueue
		if queue == "" {
			queue = WorkflowQueue
		}
		workflows := worker.New(c, queue, worker.Options{
			DisableRegistrationAliasing: true,
			DeadlockDetectionTimeout:    deciding,
		})
		RegisterWorkflows(workflows)
		w.workers = append(w.workers, workflows)
	}
	for _, p := range o.Places {
		steps := worker.New(c, Queue(p.Account, p.Region), worker.Options{
			TaskQueueActivitiesPerSecond:       o.Rate,
			MaxConcurrentActivityExecutionSize: o.Steps,
			WorkerStopTimeout:                  o.Grace,
			MaxHeartbeatThrottleInterval:       DefaultHeartbeat / 3, // so that a cancellation is heard in time
			DisableWorkflowWorker:              true,
			DisableRegistrationAliasing:        true,
		})
		RegisterActivities(steps, a)
		w.workers = append(w.workers, steps)
	}
	return w
}

// Start starts them. They stop again when one of them cannot start.
func (w *Workers) Start() error {
	for i, one := range w.workers {
		if err := one.Start(); err != nil {
			(&Workers{w.workers[:i]}).Stop()
			return err
		}
	}
	return nil
}

// Stop stops them: steps that wait go to other workers at once, and those that change
// something come to their end.
func (w *Workers) Stop() {
	for _, one := range w.workers {
		one.Stop()
	}
}
