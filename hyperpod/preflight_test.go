package hyperpod_test

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// checks is every kind of checker: it answers what its function says and keeps what
// it was asked.
type checks struct {
	answer func(use any) ([]hyperpodkit.Finding, error)
	mu     sync.Mutex
	uses   []any
}

func (c *checks) note(use any) ([]hyperpodkit.Finding, error) {
	c.mu.Lock()
	c.uses = append(c.uses, use)
	c.mu.Unlock()
	if c.answer == nil {
		return nil, nil
	}
	return c.answer(use)
}

func (c *checks) CheckImage(_ context.Context, use hyperpodkit.ImageUse) ([]hyperpodkit.Finding, error) {
	return c.note(use)
}

func (c *checks) CheckLifecycle(_ context.Context, use hyperpod.LifecycleUse) ([]hyperpodkit.Finding, error) {
	return c.note(use)
}

func (c *checks) CheckRole(_ context.Context, use hyperpod.RoleUse) ([]hyperpodkit.Finding, error) {
	return c.note(use)
}

func (c *checks) CheckNetwork(_ context.Context, use hyperpod.NetworkUse) ([]hyperpodkit.Finding, error) {
	return c.note(use)
}

func (c *checks) CheckEKS(_ context.Context, use hyperpod.EKSUse) ([]hyperpodkit.Finding, error) {
	return c.note(use)
}

func (c *checks) CheckQuotas(_ context.Context, use hyperpod.QuotaUse) ([]hyperpodkit.Finding, error) {
	return c.note(use)
}

func (c *checks) all(o *hyperpod.Options) {
	o.Images = c
	o.Preflights = hyperpod.Preflights{Lifecycle: c, Roles: c, Network: c, EKS: c, Quotas: c}
}

// taken returns what was asked so far and forgets it.
func (c *checks) taken() []any {
	c.mu.Lock()
	defer c.mu.Unlock()
	uses := c.uses
	c.uses = nil
	return uses
}

func of[Use any](uses []any) []Use {
	var list []Use
	for _, use := range uses {
		if u, ok := use.(Use); ok {
			list = append(list, u)
		}
	}
	return list
}

// preflightSpec has two groups that share all they can, one that shares nothing, and a
// restricted one.
func preflightSpec() hyperpod.Spec {
	spec := pageSpec(2)
	spec.Groups = append(spec.Groups,
		workersGroup("login", 1),
		hyperpod.NewGroup("train").WithInstances(types.ClusterInstanceTypeMlP548xlarge, 8).
			WithExecutionRole("arn:aws:iam::444455556666:role/Train").WithImage(newAMI).
			WithSpec(func(s *types.ClusterInstanceGroupSpecification) {
				s.LifeCycleConfig = &types.ClusterLifeCycleConfig{SourceS3Uri: aws.String("s3://amzn-s3-demo-bucket"), OnInitComplete: aws.String("init.sh")}
				s.OverrideVpcConfig = &types.VpcConfig{Subnets: []string{"subnet-0fedcba9876543210"}, SecurityGroupIds: []string{"sg-0123456789abcdef0"}}
				s.NetworkInterface = &types.ClusterNetworkInterface{InterfaceType: types.ClusterInterfaceTypeEfaOnly}
				s.CapacityRequirements = &types.ClusterCapacityRequirements{Spot: &types.ClusterSpotOptions{}}
			}),
	)
	spec.RestrictedGroups = []types.ClusterRestrictedInstanceGroupSpecification{{
		InstanceGroupName: aws.String("nova"), InstanceCount: aws.Int32(4), InstanceType: types.ClusterInstanceTypeMlP548xlarge,
		ExecutionRole: aws.String(adminRole), EnvironmentConfig: &types.EnvironmentConfig{},
	}}
	return spec
}

func TestEachUseIsAskedAboutOnce(t *testing.T) {
	c := &checks{}
	_, err := hyperpod.New(hyperpodtest.NewServer().Client(), fast, c.all).Cluster("example-cluster").Create(t.Context(), preflightSpec())
	require.NoError(t, err)

	workers := hyperpod.GroupInstances{Group: "workers", Types: []string{"ml.c5.2xlarge"}, Count: 2, VolumeGB: 200, Path: "InstanceGroups[0]"}
	login := hyperpod.GroupInstances{Group: "login", Types: []string{"ml.c5.2xlarge"}, Count: 1, Path: "InstanceGroups[1]"}
	train := hyperpod.GroupInstances{Group: "train", Types: []string{"ml.p5.48xlarge"}, Count: 8, Interface: "efa-only", Spot: true, Path: "InstanceGroups[2]"}
	nova := hyperpod.GroupInstances{Group: "nova", Types: []string{"ml.p5.48xlarge"}, Count: 4, Path: "RestrictedInstanceGroups[0]"}
	uses := c.taken()
	assert.ElementsMatch(t, []string{goldenAMI, newAMI}, func() (images []string) {
		for _, u := range of[hyperpodkit.ImageUse](uses) {
			images = append(images, u.Image)
		}
		return images
	}())
	assert.ElementsMatch(t, []hyperpod.LifecycleUse{
		{SourceS3URI: "s3://amzn-s3-demo-bucket", Script: "on_create_noop.sh", Region: "us-west-2", Path: "InstanceGroups[0].LifeCycleConfig.OnCreate"},
		{SourceS3URI: "s3://amzn-s3-demo-bucket", Script: "init.sh", Region: "us-west-2", Path: "InstanceGroups[2].LifeCycleConfig.OnInitComplete"},
	}, of[hyperpod.LifecycleUse](uses))
	assert.ElementsMatch(t, []hyperpod.RoleUse{
		{ARN: adminRole, Service: "sagemaker.amazonaws.com", Path: "InstanceGroups[0].ExecutionRole"},
		{ARN: "arn:aws:iam::444455556666:role/Train", Service: "sagemaker.amazonaws.com", Path: "InstanceGroups[2].ExecutionRole"},
	}, of[hyperpod.RoleUse](uses))
	assert.ElementsMatch(t, []hyperpod.NetworkUse{
		{
			Subnets: []string{"subnet-0123456789abcdef0"}, SecurityGroups: []string{"sg-0123456789abcdef0"}, Region: "us-west-2",
			Groups: []hyperpod.GroupInstances{workers, login, nova}, Path: "VpcConfig",
		},
		{
			Subnets: []string{"subnet-0fedcba9876543210"}, SecurityGroups: []string{"sg-0123456789abcdef0"}, Region: "us-west-2",
			Groups: []hyperpod.GroupInstances{train}, Path: "InstanceGroups[2].OverrideVpcConfig",
		},
	}, of[hyperpod.NetworkUse](uses))
	assert.Equal(t, []hyperpod.EKSUse{{ClusterARN: eksARN, Images: []string{goldenAMI, newAMI}, Path: "Orchestrator.Eks.ClusterArn"}}, of[hyperpod.EKSUse](uses))
	assert.Equal(t, []hyperpod.QuotaUse{{
		Groups: []hyperpod.GroupInstances{workers, login, train, nova}, Region: "us-west-2", Path: "InstanceGroups",
	}}, of[hyperpod.QuotaUse](uses))
	assert.Len(t, uses, 10, "nothing else was asked")
}

// kinds sets each checker alone. It goes by reflection, so that one that nobody asks
// is seen.
func kinds(c *checks) map[string]func(*hyperpod.Options) {
	list := map[string]func(*hyperpod.Options){"Images": func(o *hyperpod.Options) { o.Images = c }}
	shape := reflect.TypeFor[hyperpod.Preflights]()
	for i := range shape.NumField() {
		if shape.Field(i).Type.Kind() == reflect.Interface {
			list[shape.Field(i).Name] = func(o *hyperpod.Options) {
				reflect.ValueOf(&o.Preflights).Elem().Field(i).Set(reflect.ValueOf(c))
			}
		}
	}
	return list
}

func TestEveryPreflightCanStopACreation(t *testing.T) {
	finding := hyperpodkit.Finding{Level: hyperpodkit.Error, Rule: "unfit", Found: "it is unfit"}
	denied := errors.New("AccessDenied")
	for name := range kinds(nil) {
		t.Run(name, func(t *testing.T) {
			create := func(t *testing.T, answer func(any) ([]hyperpodkit.Finding, error)) (*hyperpodtest.Server, *hyperpod.Report, error) {
				t.Helper()
				c, srv := &checks{answer: answer}, hyperpodtest.NewServer()
				report, err := hyperpod.New(srv.Client(), fast, kinds(c)[name]).Cluster("example-cluster").Create(t.Context(), pageSpec(1))
				assert.Len(t, c.taken(), 1)
				return srv, report, err
			}

			srv, _, err := create(t, func(any) ([]hyperpodkit.Finding, error) { return []hyperpodkit.Finding{finding}, nil })
			var invalid *hyperpod.InvalidError
			require.ErrorAs(t, err, &invalid)
			require.Len(t, invalid.Findings, 1)
			assert.NotEmpty(t, invalid.Findings[0].Path, "the use's")
			assert.Empty(t, mutations(srv))

			srv, _, err = create(t, func(any) ([]hyperpodkit.Finding, error) { return nil, denied })
			require.ErrorIs(t, err, denied)
			require.NotErrorIs(t, err, hyperpod.ErrInvalid)
			assert.Empty(t, mutations(srv))

			for _, level := range []hyperpodkit.Level{hyperpodkit.Warning, hyperpodkit.Unknown} {
				mild := finding
				mild.Level = level
				srv, report, err := create(t, func(any) ([]hyperpodkit.Finding, error) { return []hyperpodkit.Finding{mild}, nil })
				require.NoError(t, err)
				assert.Equal(t, []string{"CreateCluster"}, mutations(srv))
				require.Len(t, report.Findings, 1)
				assert.Equal(t, level, report.Findings[0].Level)
			}
		})
	}
}

func TestFindingsStandBesideChecksThatFailed(t *testing.T) {
	denied := errors.New("AccessDenied")
	c := &checks{answer: func(use any) ([]hyperpodkit.Finding, error) {
		switch use.(type) {
		case hyperpod.RoleUse:
			return nil, denied
		case hyperpod.QuotaUse:
			return []hyperpodkit.Finding{{Level: hyperpodkit.Error, Rule: "quota", Found: "too many"}}, nil
		default:
			return nil, nil
		}
	}}
	var events []hyperpod.EventKind
	srv := hyperpodtest.NewServer()
	report, err := hyperpod.New(srv.Client(), fast, c.all, func(o *hyperpod.Options) {
		o.OnEvent = func(_ context.Context, e hyperpod.Event) { events = append(events, e.Kind) }
	}).Cluster("example-cluster").Create(t.Context(), pageSpec(1))
	require.ErrorIs(t, err, hyperpod.ErrInvalid)
	require.ErrorIs(t, err, denied)
	assert.Contains(t, err.Error(), "InstanceGroups[0].ExecutionRole: check role "+adminRole)
	assert.Equal(t, []hyperpod.EventKind{hyperpod.EventFinding, hyperpod.EventFailed}, events)
	assert.Len(t, report.Findings, 1)
	assert.Empty(t, mutations(srv))
}

func TestChecksRunSomeAtATime(t *testing.T) {
	for name, tt := range map[string]struct{ concurrency, want int }{
		"by default": {0, 4}, "one by one": {1, 1}, "nonsense": {-3, 4}, "more than there are": {100, 10},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				running, most := 0, 0
				c := &checks{answer: func(any) ([]hyperpodkit.Finding, error) {
					mu.Lock()
					running++
					most = max(most, running)
					mu.Unlock()
					time.Sleep(time.Second)
					mu.Lock()
					running--
					mu.Unlock()
					return nil, nil
				}}
				hp := hyperpod.New(hyperpodtest.NewServer().Client(), fast, c.all, func(o *hyperpod.Options) { o.Preflights.Concurrency = tt.concurrency })
				_, err := hp.Cluster("example-cluster").Create(t.Context(), preflightSpec())
				require.NoError(t, err)
				assert.Equal(t, tt.want, most)
			})
		})
	}
}

func TestCheckersCannotChangeWhatIsSent(t *testing.T) {
	c := &checks{answer: func(use any) ([]hyperpodkit.Finding, error) {
		switch u := use.(type) {
		case hyperpod.NetworkUse:
			u.Subnets[0], u.Groups[0].Types[0] = "changed", "changed"
		case hyperpod.QuotaUse:
			u.Groups[0].Types[0] = "changed"
		}
		return nil, nil
	}}
	srv := hyperpodtest.NewServer()
	_, err := hyperpod.New(srv.Client(), fast, c.all).Cluster("example-cluster").Create(t.Context(), pageSpec(1))
	require.NoError(t, err)
	live := describe(t, srv)
	assert.Equal(t, []string{"subnet-0123456789abcdef0"}, live.VpcConfig.Subnets)
	assert.Equal(t, types.ClusterInstanceTypeMlC52xlarge, live.InstanceGroups[0].InstanceType)
}
