package temporalroll

import (
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// RegisterWorkflows registers the workflows with the worker of a workflow queue.
func RegisterWorkflows(r worker.WorkflowRegistry) { register(r, &Workflows{}) }

func register(r worker.WorkflowRegistry, w *Workflows) {
	r.RegisterWorkflowWithOptions(w.Fleet, workflow.RegisterOptions{Name: FleetWorkflow})
	r.RegisterWorkflowWithOptions(w.Part, workflow.RegisterOptions{Name: PartWorkflow})
}

// RegisterActivities registers the steps with the worker of an account and Region.
func RegisterActivities(r worker.ActivityRegistry, a *Activities) {
	r.RegisterActivityWithOptions(a.Do, activity.RegisterOptions{Name: StepActivity})
}
