package temporalroll

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

const (
	account   = "111122223333"
	second    = "444455556666"
	region    = "us-west-2"
	goldenAMI = "ami-0123456789abcdef0"
	newAMI    = "ami-0fedcba9876543210"
	secret    = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"
)

// bed is clusters on an emulator that completes everything by the next request.
type bed struct {
	t    *testing.T
	srv  *hyperpodtest.Server
	spec rollout.Spec
}

func newBed(t *testing.T, clusters int, accounts ...string) *bed {
	t.Helper()
	return newBedOn(t, hyperpodtest.NewServer(), clusters, accounts...)
}

// newRealisticBed is for a bubble: operations take their time.
func newRealisticBed(t *testing.T, clusters int, accounts ...string) *bed {
	t.Helper()
	return newBedOn(t, hyperpodtest.NewServer(hyperpodtest.Realistic), clusters, accounts...)
}

func newBedOn(t *testing.T, srv *hyperpodtest.Server, clusters int, accounts ...string) *bed {
	t.Helper()
	if len(accounts) == 0 {
		accounts = []string{account}
	}
	b := &bed{t: t, srv: srv, spec: rollout.Spec{
		Name: "golden", Images: hyperpod.WantedImages{{Image: hyperpod.ImageVersion{ID: newAMI}}}, Waves: rollout.OneWave(),
		Strategy:  rollout.Strategy{Deployment: hyperpod.Deployment{Batch: hyperpod.AllAtOnce}},
		OnFailure: rollout.UndoAll, ReplaceRootVolumes: true,
	}}
	for i := range clusters {
		for _, id := range accounts {
			name := fmt.Sprintf("train-%d", i)
			access, err := b.clients(t.Context(), id, region)
			require.NoError(t, err)
			_, err = hyperpod.New(access.HyperPod).Cluster(name).Create(t.Context(), hyperpod.Spec{
				Groups: []hyperpod.Group{
					hyperpod.NewGroup("workers").WithInstances(types.ClusterInstanceTypeMlC52xlarge, 4).
						WithExecutionRole("arn:aws:iam::"+id+":role/Execution").WithLifecycle("s3://amzn-s3-demo-bucket", "on_create.sh").WithImage(goldenAMI),
				},
				Orchestrator: hyperpod.EKS(fmt.Sprintf("arn:aws:eks:us-west-2:%s:cluster/eks-%d", id, i)),
				VPC:          hyperpod.VPC{Subnets: []string{"subnet-0123456789abcdef0"}, SecurityGroups: []string{"sg-0123456789abcdef0"}},
			})
			require.NoError(t, err)
			b.spec.Targets = append(b.spec.Targets, rollout.Target{Account: id, Region: region, Cluster: name, Groups: hyperpod.AllGroups})
		}
	}
	return b
}

// clients are signed with the account's id as access key, by which the emulator knows it,
// and with a secret.
func (b *bed) clients(_ context.Context, id, region string) (rollout.Access, error) {
	return rollout.Access{HyperPod: b.srv.Client(func(o *sagemaker.Options) {
		o.Region = region
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: id, SecretAccessKey: secret}, nil
		})
	})}, nil
}

func (b *bed) plan(optFns ...func(*rollout.Options)) *rollout.Plan {
	b.t.Helper()
	plan, err := rollout.NewExecutor(b.clients, optFns...).Plan(b.t.Context(), b.spec)
	require.NoError(b.t, err)
	return plan
}

// env is Temporal's test environment with the steps run against the emulator.
func (b *bed) env(optFns ...func(*rollout.Options)) *testsuite.TestWorkflowEnvironment {
	var suite testsuite.WorkflowTestSuite
	suite.SetDisableRegistrationAliasing(true)
	env := suite.NewTestWorkflowEnvironment()
	env.SetDataConverter(compressed())
	env.SetTestTimeout(365 * 24 * time.Hour) // of the bubble's time, where there is one
	RegisterWorkflows(env)
	RegisterActivities(env, NewActivities(b.clients, optFns...))
	return env
}

// part runs the only part of a plan to its end.
func (b *bed) part(env *testsuite.TestWorkflowEnvironment, plan *rollout.Plan) *rollout.Report {
	b.t.Helper()
	env.ExecuteWorkflow(PartWorkflow, PartInput{State: plan.State})
	require.True(b.t, env.IsWorkflowCompleted())
	require.NoError(b.t, env.GetWorkflowError())
	var report rollout.Report
	require.NoError(b.t, env.GetWorkflowResult(&report))
	return &report
}

// fleet runs a whole rollout to its end.
func (b *bed) fleet(env *testsuite.TestWorkflowEnvironment, plan *rollout.Plan, o StartOptions) (FleetResult, *rollout.Report) {
	b.t.Helper()
	o.ID = "fleet"
	in, states, err := divided(plan, o)
	require.NoError(b.t, err)
	env.SetStartWorkflowOptions(startOptions(o.ID))
	env.RegisterDelayedCallback(func() {
		for i, state := range states {
			env.SignalWorkflow(signalPart, partInput{Index: i, State: state})
		}
	}, 0)
	env.ExecuteWorkflow(FleetWorkflow, in)
	require.True(b.t, env.IsWorkflowCompleted())
	require.NoError(b.t, env.GetWorkflowError())
	var result FleetResult
	require.NoError(b.t, env.GetWorkflowResult(&result))
	return result, b.report(env)
}

// report puts the report of a fleet together, as [Report] does.
func (b *bed) report(env *testsuite.TestWorkflowEnvironment) *rollout.Report {
	b.t.Helper()
	var s FleetState
	value, err := env.QueryWorkflow(QueryFleet)
	require.NoError(b.t, err)
	require.NoError(b.t, value.Get(&s))
	reports := make([]*rollout.Report, len(s.Parts))
	for i, p := range s.Parts {
		value, err := env.QueryWorkflowByID(p.ID, QueryReport)
		require.NoError(b.t, err)
		require.NoError(b.t, value.Get(&reports[i]))
	}
	return merged(s, reports)
}

// images tells what the workers of a cluster run.
func (b *bed) image(id, cluster string) string {
	b.t.Helper()
	access, err := b.clients(b.t.Context(), id, region)
	require.NoError(b.t, err)
	out, err := access.HyperPod.DescribeCluster(b.t.Context(), &sagemaker.DescribeClusterInput{ClusterName: &cluster})
	require.NoError(b.t, err)
	return aws.ToString(out.InstanceGroups[0].CurrentImageId)
}

// once asserts that so many clusters were updated, each by one request.
func (b *bed) once(clusters int) {
	b.t.Helper()
	n := map[string]int{}
	for _, c := range b.srv.Calls() {
		if in, ok := c.Input.(*sagemaker.UpdateClusterSoftwareInput); ok {
			n[aws.ToString(in.ClusterName)]++
		}
	}
	assert.Len(b.t, n, clusters)
	for cluster, requests := range n {
		assert.Equal(b.t, 1, requests, "requests to update %s", cluster)
	}
}

func phases(r *rollout.Report) []rollout.Phase {
	var phases []rollout.Phase
	for _, t := range r.Targets {
		phases = append(phases, t.Phase)
	}
	return phases
}
