package hyperpod_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/waiter/poll"
)

func TestCreateRefusesBadInput(t *testing.T) {
	tests := []struct {
		name string
		edit func(*hyperpod.Spec)
		path string
	}{
		{"no group", func(s *hyperpod.Spec) { s.Groups = nil }, "InstanceGroups"},
		{"no orchestrator", func(s *hyperpod.Spec) { s.Orchestrator = hyperpod.Orchestrator{} }, "Orchestrator"},
		{"EKS ARN", func(s *hyperpod.Spec) { s.Orchestrator = hyperpod.EKS("example-eks") }, "Orchestrator.Eks.ClusterArn"},
		{"EKS without a network", func(s *hyperpod.Spec) { s.VPC = hyperpod.VPC{} }, "VpcConfig"},
		{"subnets only", func(s *hyperpod.Spec) { s.VPC.SecurityGroups = nil }, "VpcConfig.SecurityGroupIds"},
		{"tag", func(s *hyperpod.Spec) { s.Tags = map[string]string{"": "v"} }, "Tags[0].Key"},
		{"same name", func(s *hyperpod.Spec) { s.Groups = append(s.Groups, s.Groups[0]) }, "InstanceGroups[1].InstanceGroupName"},
		{"second group", func(s *hyperpod.Spec) { s.Groups = append(s.Groups, workersGroup("b", -1)) }, "InstanceGroups[1].InstanceCount"},
		{"minimum without Continuous", func(s *hyperpod.Spec) {
			s.NonContinuous = true
			s.Groups[0] = s.Groups[0].WithSpec(func(g *types.ClusterInstanceGroupSpecification) { g.MinInstanceCount = aws.Int32(1) })
		}, "InstanceGroups[0].MinInstanceCount"},
		{"Slurm settings on EKS", func(s *hyperpod.Spec) {
			s.Groups[0] = s.Groups[0].WithSpec(func(g *types.ClusterInstanceGroupSpecification) {
				g.SlurmConfig = &types.ClusterSlurmConfig{NodeType: types.ClusterSlurmNodeTypeLogin}
			})
		}, "InstanceGroups[0].SlurmConfig"},
		{"restricted group", func(s *hyperpod.Spec) {
			s.RestrictedGroups = []types.ClusterRestrictedInstanceGroupSpecification{{InstanceGroupName: aws.String("r"), InstanceCount: aws.Int32(1), InstanceType: types.ClusterInstanceTypeMlP548xlarge}}
		}, "RestrictedInstanceGroups[0].ExecutionRole"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := hyperpodtest.NewServer()
			spec := pageSpec(1)
			tt.edit(&spec)
			report, err := hyperpod.New(srv.Client(), fast).Cluster("example-cluster").Create(t.Context(), spec)
			var invalid *hyperpod.InvalidError
			require.ErrorAs(t, err, &invalid)
			require.Len(t, invalid.Findings, 1)
			assert.Equal(t, tt.path, invalid.Findings[0].Path)
			assert.Contains(t, err.Error(), tt.path)
			assert.Empty(t, srv.Calls(), "nothing was sent")
			require.NotNil(t, report)
			assert.Equal(t, err, report.Err)
		})
	}
}

func TestBadClusterName(t *testing.T) {
	srv := hyperpodtest.NewServer()
	_, err := hyperpod.New(srv.Client(), fast).Cluster("no_underscore").Create(t.Context(), pageSpec(1))
	require.ErrorIs(t, err, hyperpod.ErrInvalid)
	require.ErrorContains(t, err, "ClusterName")
	assert.Empty(t, srv.Calls())
}

func TestBadNamesAreNotSent(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := hyperpod.New(srv.Client(), fast).Cluster("bad name!")
	for name, call := range map[string]func() (*hyperpod.Report, error){
		"update": func() (*hyperpod.Report, error) { return c.Update(t.Context(), hyperpod.Scale("workers", 1)) },
		"roll":   func() (*hyperpod.Report, error) { return c.RollImage(t.Context(), rollTo(newAMI)) },
		"delete": func() (*hyperpod.Report, error) { return c.Delete(t.Context()) },
		"nil edit": func() (*hyperpod.Report, error) {
			return hyperpod.New(srv.Client(), fast).Cluster("good").Update(t.Context(), nil)
		},
	} {
		_, err := call()
		require.ErrorIs(t, err, hyperpod.ErrInvalid, name)
	}
	assert.Empty(t, srv.Calls())
}

// A call without an answer may have been accepted, and the report says so.
func TestLostAnswersAreTold(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 1)
	for name, call := range map[string]func() (*hyperpod.Report, error){
		"UpdateCluster":         func() (*hyperpod.Report, error) { return c.Update(t.Context(), hyperpod.Scale("workers", 2)) },
		"UpdateClusterSoftware": func() (*hyperpod.Report, error) { return c.RollImage(t.Context(), rollTo(newAMI)) },
		"DeleteCluster":         func() (*hyperpod.Report, error) { return c.Delete(t.Context()) },
	} {
		srv.Faults().Fail(name, 1, io.ErrUnexpectedEOF)
		report, err := call()
		require.Error(t, err, name)
		assert.True(t, report.Unknown, name)
		assert.Contains(t, report.String(), "not known", name)
	}
	srv.Faults().Fail("UpdateCluster", 1, &types.ConflictException{})
	report, err := c.Update(t.Context(), hyperpod.Scale("workers", 2))
	require.ErrorIs(t, err, hyperpod.ErrBusy)
	assert.False(t, report.Unknown)
}

// The timeout bounds the workflow, not each of its waits.
func TestTimeoutIsTheWorkflows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
		srv.SetCapacity(types.ClusterInstanceTypeMlC52xlarge, 0)
		report, err := hyperpod.New(srv.Client(), func(o *hyperpod.Options) { o.Poll.Timeout = time.Hour }).Cluster("example-cluster").Create(t.Context(), pageSpec(1))
		require.ErrorIs(t, err, poll.ErrTimeout)
		assert.Less(t, report.Ended.Sub(report.Started), 61*time.Minute)
	})
}

// The same groups on another network or orchestrator are another cluster.
func TestCreateFindsAnAlikeClusterElsewhere(t *testing.T) {
	srv := hyperpodtest.NewServer()
	api := scripted{API: srv.Client(), create: func(ctx context.Context, in *sagemaker.CreateClusterInput) (*sagemaker.CreateClusterOutput, error) {
		other := *in
		other.VpcConfig = &types.VpcConfig{Subnets: []string{"subnet-other"}, SecurityGroupIds: in.VpcConfig.SecurityGroupIds}
		_, err := srv.CreateCluster(ctx, &other)
		require.NoError(t, err)
		return srv.CreateCluster(ctx, in)
	}}
	_, err := hyperpod.New(api, fast).Cluster("example-cluster").Create(t.Context(), pageSpec(2))
	require.ErrorIs(t, err, hyperpod.ErrClusterExists)
}

type imageChecker func(use hyperpodkit.ImageUse) ([]hyperpodkit.Finding, error)

func (f imageChecker) CheckImage(_ context.Context, use hyperpodkit.ImageUse) ([]hyperpodkit.Finding, error) {
	return f(use)
}

func TestImagesAreCheckedBeforeTheyAreSent(t *testing.T) {
	srv := hyperpodtest.NewServer()
	var uses []hyperpodkit.ImageUse
	level := hyperpodkit.Warning
	checked := func(o *hyperpod.Options) {
		o.Images = imageChecker(func(use hyperpodkit.ImageUse) ([]hyperpodkit.Finding, error) {
			uses = append(uses, use)
			return []hyperpodkit.Finding{{Level: level, Rule: "test", Path: use.Path, Resource: use.Image, Found: "something"}}, nil
		})
	}
	c := hyperpod.New(srv.Client(), fast, checked).Cluster("example-cluster")
	spec := pageSpec(1)
	spec.Groups = append(spec.Groups, workersGroup("big", 1).WithInstances(types.ClusterInstanceTypeMlC518xlarge, 1))
	report, err := c.Create(t.Context(), spec)
	require.NoError(t, err)
	assert.Equal(t, []hyperpodkit.ImageUse{{
		Image: goldenAMI, InstanceTypes: []string{"ml.c5.2xlarge", "ml.c5.18xlarge"}, Orchestrator: "eks", Region: "us-west-2", Path: "InstanceGroups[0].ImageId",
	}}, uses)
	require.Len(t, report.Findings, 1)
	assert.Contains(t, report.String(), "something")

	level = hyperpodkit.Error
	before := mutations(srv)
	for name, attempt := range map[string]func() error{
		"add":  func() error { _, err := c.Update(t.Context(), hyperpod.AddGroup(workersGroup("more", 1))); return err },
		"plan": func() error { _, err := c.Plan(t.Context(), hyperpod.AddGroup(workersGroup("more", 1))); return err },
		"roll": func() error {
			_, err := c.RollImage(t.Context(), rollTo(newAMI))
			return err
		},
		"create": func() error {
			_, err := hyperpod.New(srv.Client(), fast, checked).Cluster("other").Create(t.Context(), spec)
			return err
		},
	} {
		err := attempt()
		require.ErrorIs(t, err, hyperpod.ErrInvalid, name)
		require.ErrorContains(t, err, "something", name)
	}
	assert.Equal(t, before, mutations(srv), "nothing was sent")
}

func TestAFailedCheckStopsTheWorkflow(t *testing.T) {
	srv := hyperpodtest.NewServer()
	denied := errors.New("denied")
	c := hyperpod.New(srv.Client(), fast, func(o *hyperpod.Options) {
		o.Images = imageChecker(func(hyperpodkit.ImageUse) ([]hyperpodkit.Finding, error) { return nil, denied })
	}).Cluster("example-cluster")
	_, err := c.Create(t.Context(), pageSpec(1))
	require.ErrorIs(t, err, denied)
	require.ErrorContains(t, err, "InstanceGroups[0].ImageId")
	assert.Empty(t, srv.Calls())
}

func TestUnknownCluster(t *testing.T) {
	c := hyperpod.New(hyperpodtest.NewServer().Client(), fast).Cluster("none")
	for name, call := range map[string]func() (*hyperpod.Report, error){
		"update": func() (*hyperpod.Report, error) { return c.Update(t.Context(), hyperpod.Scale("workers", 1)) },
		"roll":   func() (*hyperpod.Report, error) { return c.RollImage(t.Context(), rollTo(newAMI)) },
		"delete": func() (*hyperpod.Report, error) { return c.Delete(t.Context()) },
	} {
		report, err := call()
		require.ErrorIs(t, err, hyperpod.ErrClusterNotFound, name)
		var sdk *types.ResourceNotFound
		require.ErrorAs(t, err, &sdk, name)
		require.NotNil(t, report, name)
	}
}

func TestClusterExists(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := newCluster(t, srv, 1)
	_, err := c.Create(t.Context(), pageSpec(2))
	require.ErrorIs(t, err, hyperpod.ErrClusterExists)
	var sdk *types.ResourceInUse
	require.ErrorAs(t, err, &sdk)
}

// A cluster that was there before is not taken for the one asked for, however alike.
func TestClusterExistsAndIsAlike(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer()
		c := newCluster(t, srv, 1)
		time.Sleep(time.Minute)
		_, err := c.Create(t.Context(), pageSpec(1))
		require.ErrorIs(t, err, hyperpod.ErrClusterExists)
	})
}

// The answer to CreateCluster is lost, the SDK sends it again, and the service finds
// the name taken: by the cluster that was asked for.
func TestCreateAfterALostAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer()
		api := scripted{API: srv.Client(), create: func(ctx context.Context, in *sagemaker.CreateClusterInput) (*sagemaker.CreateClusterOutput, error) {
			_, err := srv.CreateCluster(ctx, in)
			require.NoError(t, err)
			return srv.CreateCluster(ctx, in)
		}}
		report, err := hyperpod.New(api).Cluster("example-cluster").Create(t.Context(), pageSpec(2))
		require.NoError(t, err)
		assert.True(t, report.Complete)
		assert.NotEmpty(t, report.ARN)
	})
}

// The same, but somebody else took the name a moment before.
func TestCreateFindsSomebodyElsesCluster(t *testing.T) {
	srv := hyperpodtest.NewServer()
	api := scripted{API: srv.Client(), create: func(ctx context.Context, in *sagemaker.CreateClusterInput) (*sagemaker.CreateClusterOutput, error) {
		other := *in
		other.InstanceGroups = []types.ClusterInstanceGroupSpecification{workersGroup("workers", 7).Spec()}
		_, err := srv.CreateCluster(ctx, &other)
		require.NoError(t, err)
		return srv.CreateCluster(ctx, in)
	}}
	_, err := hyperpod.New(api, fast).Cluster("example-cluster").Create(t.Context(), pageSpec(2))
	require.ErrorIs(t, err, hyperpod.ErrClusterExists)
}

func TestCreationThatFailsIsExplained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, nonContinuous := range []bool{false, true} {
			srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
			srv.FailLifecycle(goldenAMI, "on_create.sh: exit status 3")
			spec := pageSpec(2)
			spec.NonContinuous = nonContinuous
			report, err := hyperpod.New(srv.Client()).Cluster("example-cluster").Create(t.Context(), spec)
			var failed *hyperpod.FailedError
			require.ErrorAs(t, err, &failed)
			require.ErrorIs(t, err, poll.ErrFailed)
			require.ErrorContains(t, err, "on_create.sh: exit status 3")
			assert.Equal(t, []string{"CreateCluster"}, mutations(srv))
			assert.Len(t, report.Calls, 1)
			assert.False(t, report.Complete)
			assert.False(t, report.Unfinished, "it has ended, badly")
			assert.Equal(t, 1, strings.Count(err.Error(), "on_create.sh: exit status 3"), "one cause is told once")
			assert.NotEmpty(t, report.ARN)
		}
	})
}

func TestCancelledWaitTellsWhatWasDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		report, err := hyperpod.New(srv.Client()).Cluster("example-cluster").Create(ctx, pageSpec(2))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, poll.ErrTimeout)
		assert.Len(t, report.Calls, 1)
		assert.NotEmpty(t, report.ARN)
		assert.True(t, report.Unfinished)
		assert.Contains(t, report.String(), "called CreateCluster")
		assert.Contains(t, report.String(), "the service goes on with what it has accepted; to wait for it again: waiter.ClusterInService, then waiter.GroupsAtCount")
	})
}

func TestNoWait(t *testing.T) {
	srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
	c := hyperpod.New(srv.Client()).Cluster("example-cluster").With(func(o *hyperpod.Options) { o.NoWait = true })
	report, err := c.Create(t.Context(), pageSpec(2))
	require.NoError(t, err)
	assert.False(t, report.Complete)
	assert.Contains(t, report.String(), "its end was not waited for")
	assert.Len(t, srv.Calls(), 1)
	_, err = c.Update(t.Context(), hyperpod.Scale("workers", 3))
	require.ErrorIs(t, err, hyperpod.ErrBusy)
	var sdk *types.ConflictException
	require.ErrorAs(t, err, &sdk)
}

func TestDelete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
		c := hyperpod.New(srv.Client()).Cluster("example-cluster")
		_, err := c.Create(t.Context(), pageSpec(2))
		require.NoError(t, err)
		report, err := c.Delete(t.Context())
		require.NoError(t, err)
		assert.True(t, report.Complete)
		assert.Greater(t, report.Ended.Sub(report.Started), 10*time.Minute)
		_, err = c.Delete(t.Context())
		require.ErrorIs(t, err, hyperpod.ErrClusterNotFound)
	})
}

func TestEventsTellTheStoryInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := hyperpodtest.NewServer(hyperpodtest.Realistic)
		var kinds []hyperpod.EventKind
		var last hyperpod.Event
		c := hyperpod.New(srv.Client(), func(o *hyperpod.Options) {
			o.OnEvent = func(_ context.Context, e hyperpod.Event) {
				if len(kinds) == 0 || kinds[len(kinds)-1] != e.Kind {
					kinds = append(kinds, e.Kind)
				}
				if e.Kind == hyperpod.EventProgress {
					last = e
				}
				assert.Equal(t, hyperpod.OperationCreate, e.Operation)
				assert.Equal(t, "example-cluster", e.Cluster)
			}
		}).Cluster("example-cluster")
		_, err := c.Create(t.Context(), pageSpec(2))
		require.NoError(t, err)
		assert.Equal(t, []hyperpod.EventKind{hyperpod.EventCalled, hyperpod.EventProgress, hyperpod.EventDone}, kinds)
		assert.Equal(t, []hyperpod.GroupProgress{{Name: "workers", Status: "InService", Done: 2, Wanted: 2}}, last.Groups)
		assert.NotEmpty(t, last.ARN)
	})
}
