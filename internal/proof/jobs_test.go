package proof

// jobs are those that take no context, by package. Every exported function and method
// that takes one is a job too.
func jobs() map[string][]string {
	return map[string][]string{
		"hyperpod": {
			"NewGroup", "ReadGroups", "GroupFrom", "Group.Build", "Group.Check", "Group.WithSpec", "ReadSpec", "SpecFrom", "Slurm",
			"Scale", "AddGroup", "EditGroup", "DeleteGroup", "Desired", "Cluster.With", "Cluster.LoadPlan", "Plan.Rolls",
			"RollPlan.Back", "RollPlan.Only", "Snapshot.Group", "InventoryList.Drift",
		},
		"hyperpod/rollout": {
			"Refuse", "ByLabel", "Percentages", "Waves", "Next", "State.Apply", "Plan.Estimate", "OpenFileStore", "NewMemStore", "NewControl",
			"AlarmsQuiet", "AllOf", "DeepHealthChecked", "NodesRunning", "Report.Markdown", "Runner.Control",
		},
		"hyperpod/hyperpodtest": {
			"NewServer", "Server.Client", "Server.ServeHTTP", "Server.As", "Server.Calls", "Server.Faults", "Server.FailLifecycle", "Server.SetCapacity",
			"Server.SetAlarm", "Server.SetDisruptionBudget", "Server.FailDeletion", "Server.PublishRelease", "Realistic", "Authorize", "RunConformance",
			"Faults.Fail", "Faults.Throttle", "Faults.LoseResponse", "Faults.Ignore", "Faults.Delay", "Faults.Before", "Faults.After",
		},
		"amishare": {"Accounts"},
		"amishare/amisharetest": {
			"NewServer", "Server.Client", "Server.ServeHTTP", "Server.As", "Server.Calls", "Server.Faults", "Server.AddImage", "Server.AddSnapshot", "PublicImage",
			"Faults.Fail", "Faults.Inject", "Faults.LoseResponse",
		},
		"policy": {
			"Generate", "Explain", "Assumptions", "LookupAction", "ExecutionRole", "ExecutionRoleTrust", "ClusterRole", "ClusterRoleTrust", "KeyPolicy",
			"AMIBuilder", "Guardrail", "PagePolicy", "Decode", "Document.Encode", "Document.Check", "Document.Minimize", "Document.Normalize",
			"Document.Split", "Document.Size", "Check", "Covers", "Diff", "Compile", "Set.Evaluate", "Policies.Evaluate", "Policies.EvaluateEach",
		},
		"waiter":      {"NewFleet", "NewLimiter", "DecodeEvent", "Waker.Wake", "Waker.For", "Fleet.Add", "NewClusterInServiceWaiter"},
		"waiter/poll": {"Cadence.Pause", "Track", "Trend.Saw"},
	}
}

// shownElsewhere are jobs that make sense together with another one only, and the Example
// that shows both.
func shownElsewhere() map[string]map[string]string {
	return map[string]map[string]string{
		"hyperpod": {
			"Cluster.AwaitRoll": "Cluster_StartRoll",
		},
		"hyperpod/rollout": {
			"Executor.Do": "Next", "State.Apply": "Next", "NewControl": "Control_Pause", "Control.Resume": "Control_Pause", "Runner.Control": "Control_Approve",
			"FileStore.Append": "OpenFileStore", "FileStore.Load": "OpenFileStore",
			"NewMemStore": "MemStore", "MemStore.Append": "MemStore", "MemStore.Load": "MemStore",
		},
		"hyperpod/hyperpodtest": {"Server.Faults": "Faults_Fail"},
		"amishare":              {"Accounts": "Sharer_Share"},
		"policy":                {"Document.Size": "Document_Split", "Set.Evaluate": "Compile"},
		"waiter": {
			"ClusterWaiter.WaitForOutput": "NewClusterInServiceWaiter", "NewFleet": "Fleet_InService", "Fleet.Add": "Fleet_InService",
			"NewLimiter": "Limiter", "Waker.For": "Waker", "Waker.Wake": "Waker",
		},
		"waiter/poll": {
			"Cadence.Pause": "Cadence", "Trend.Saw": "Cadence", "Track": "Tracker", "Tracker.Next": "Tracker", "Tracker.Saw": "Tracker", "Tracker.Ended": "Tracker",
		},
		"amishare/amisharetest": {
			"Server.Faults": "Faults_Fail", "Server.Calls": "Server_Client", "PublicImage": "NewServer",
			"Server.DescribeImage": "Server_ShareImage", "Server.DescribeSnapshot": "Server_ShareImage", "Server.ShareSnapshot": "Server_ShareImage",
		},
	}
}

// notShown are jobs without an Example, by "package.job", and why.
func notShown() map[string]string {
	return map[string]string{
		"hyperpod/hyperpodtest.RunConformance": "it takes a *testing.T, which no Example has; TestConformance is how it is called",
	}
}
