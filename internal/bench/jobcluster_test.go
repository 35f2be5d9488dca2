package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

const (
	clusterName      = "train"
	oldAMI           = "ami-0123456789abcdef0"
	newAMI           = "ami-0fedcba9876543210"
	groups, perGroup = 4, 8
	scaled           = perGroup + 4
)

// world is an emulator and what its operations take in it.
type world struct {
	srv    *hyperpodtest.Server
	client *sagemaker.Client
	// factor is by how much the service is slower than it mostly is.
	factor float64
}

// look tells whether what was asked for is there.
type look func(*sagemaker.DescribeClusterOutput) bool

// newWorld draws how fast the service is, and makes it.
func newWorld(t *testing.T, rng *rand.Rand, cluster bool) *world {
	t.Helper()
	return worldOf(t, lognormal(rng, time.Second).Seconds(), cluster)
}

// worldOf has the emulator's realistic durations, times a factor, in whole seconds.
func worldOf(t *testing.T, factor float64, cluster bool) *world {
	t.Helper()
	srv := hyperpodtest.NewServer(hyperpodtest.Realistic, func(o *hyperpodtest.Options) {
		for _, d := range reflect.ValueOf(&o.Durations).Elem().Fields() {
			d.SetInt(int64(scale(time.Duration(d.Int()), factor).Round(time.Second)))
		}
	})
	if cluster {
		_, err := srv.CreateCluster(t.Context(), createInput())
		require.NoError(t, err)
		time.Sleep(longest)
	}
	return &world{srv: srv, client: srv.Client(), factor: factor}
}

// works are how long the service has to do with one request, by the world's factor.
type works map[float64]time.Duration

// of makes the request in another world that is as fast, and looks every second. Each
// duration of a world is a number of seconds, so it sees the end when it comes.
func (known works) of(t *testing.T, w *world, cluster bool, request func(*world) error, done look) time.Duration {
	t.Helper()
	if work, ok := known[w.factor]; ok {
		return work
	}
	probe := worldOf(t, w.factor, cluster)
	require.NoError(t, request(probe))
	for began := time.Now(); ; time.Sleep(time.Second) {
		out, err := probe.srv.DescribeCluster(t.Context(), describeInput())
		require.NoError(t, err)
		if done(out) {
			known[w.factor] = time.Since(began)
			return known[w.factor]
		}
	}
}

// attempt is a job in this world, in which the service has so much to do from the first
// request of an operation on.
func (w *world) attempt(t *testing.T, operation string, work time.Duration, done look, do func(context.Context) error) attempt {
	w.srv.Faults().Delay("", latency)
	return attempt{
		do:    do,
		calls: func() int { return len(w.srv.Calls()) },
		lag: func() time.Duration {
			for _, call := range w.srv.Calls() {
				if call.Operation == operation && call.Err == nil {
					return time.Since(call.Time) - work
				}
			}
			return -1
		},
		check: func() {
			out, err := w.srv.DescribeCluster(t.Context(), describeInput())
			require.NoError(t, err)
			require.True(t, done(out))
		},
	}
}

// until waits for a look with one of the loops.
func (w *world) until(ctx context.Context, l loop, done look) error {
	return l.wait(ctx, func(ctx context.Context) (bool, error) {
		out, err := w.client.DescribeCluster(ctx, describeInput())
		return err == nil && done(out), err
	})
}

func (w *world) cluster() *hyperpod.Cluster {
	return hyperpod.New(w.client, func(o *hyperpod.Options) { o.Poll.Timeout = longest }).Cluster(clusterName)
}

func describeInput() *sagemaker.DescribeClusterInput {
	return &sagemaker.DescribeClusterInput{ClusterName: aws.String(clusterName)}
}

func groupName(i int) string { return fmt.Sprintf("workers-%d", i) }

// group is one of the cluster's as the SDK takes it.
func group(i int, count int32) types.ClusterInstanceGroupSpecification {
	return types.ClusterInstanceGroupSpecification{
		InstanceGroupName: aws.String(groupName(i)),
		InstanceType:      types.ClusterInstanceTypeMlC52xlarge,
		InstanceCount:     aws.Int32(count),
		ExecutionRole:     aws.String("arn:aws:iam::111122223333:role/HyperPod"),
		LifeCycleConfig:   &types.ClusterLifeCycleConfig{SourceS3Uri: aws.String("s3://amzn-s3-demo-bucket/lifecycle"), OnCreate: aws.String("on_create.sh")},
		ImageId:           aws.String(oldAMI),
	}
}

func createInput() *sagemaker.CreateClusterInput {
	in := &sagemaker.CreateClusterInput{
		ClusterName:  aws.String(clusterName),
		Orchestrator: &types.ClusterOrchestrator{Eks: &types.ClusterOrchestratorEksConfig{ClusterArn: aws.String("arn:aws:eks:us-west-2:111122223333:cluster/example-eks")}},
		VpcConfig:    &types.VpcConfig{Subnets: []string{"subnet-0123456789abcdef0"}, SecurityGroupIds: []string{"sg-0123456789abcdef0"}},
	}
	for i := range groups {
		in.InstanceGroups = append(in.InstanceGroups, group(i, perGroup))
	}
	return in
}

func spec() hyperpod.Spec {
	in := createInput()
	s := hyperpod.Spec{
		Orchestrator: hyperpod.EKS(*in.Orchestrator.Eks.ClusterArn),
		VPC:          hyperpod.VPC{Subnets: in.VpcConfig.Subnets, SecurityGroups: in.VpcConfig.SecurityGroupIds},
	}
	for _, g := range in.InstanceGroups {
		s.Groups = append(s.Groups, hyperpod.GroupFromSpec(g))
	}
	return s
}

// counted is done when the cluster is in service and each group has its instances.
func counted(want func(group string) int32) look {
	return func(out *sagemaker.DescribeClusterOutput) bool {
		for _, g := range out.InstanceGroups {
			if aws.ToInt32(g.CurrentCount) != want(*g.InstanceGroupName) {
				return false
			}
		}
		return out.ClusterStatus == types.ClusterStatusInservice
	}
}

func all(count int32) look { return counted(func(string) int32 { return count }) }

func creating() job {
	known := works{}
	j := job{name: fmt.Sprintf("create a cluster of %d × %d instances and wait", groups, perGroup), worlds: worlds}
	add := func(name string, do func(ctx context.Context, w *world) error) {
		j.ways = append(j.ways, way{name, func(t *testing.T, rng *rand.Rand) attempt {
			w := newWorld(t, rng, false)
			work := known.of(t, w, false, func(w *world) error { _, err := w.srv.CreateCluster(t.Context(), createInput()); return err }, all(perGroup))
			return w.attempt(t, "CreateCluster", work, all(perGroup), func(ctx context.Context) error { return do(ctx, w) })
		}})
	}
	add(ours, func(ctx context.Context, w *world) error { _, err := w.cluster().Create(ctx, spec()); return err })
	for _, l := range loops() {
		add(l.name, func(ctx context.Context, w *world) error {
			if _, err := w.client.CreateCluster(ctx, createInput()); err != nil {
				return err
			}
			return w.until(ctx, l, all(perGroup))
		})
	}
	return j
}

func rollInput() *sagemaker.UpdateClusterSoftwareInput {
	half := &types.CapacitySizeConfig{Type: types.NodeUnavailabilityTypeCapacityPercentage, Value: aws.Int32(50)}
	return &sagemaker.UpdateClusterSoftwareInput{
		ClusterName: aws.String(clusterName), ImageId: aws.String(newAMI),
		InstanceGroups:   []types.UpdateClusterSoftwareInstanceGroupSpecification{{InstanceGroupName: aws.String(groupName(0))}},
		DeploymentConfig: &types.DeploymentConfiguration{RollingUpdatePolicy: &types.RollingDeploymentPolicy{MaximumBatchSize: half}},
	}
}

// rolled is done when the first group's update has succeeded.
func rolled(out *sagemaker.DescribeClusterOutput) bool {
	for _, g := range out.InstanceGroups {
		if *g.InstanceGroupName == groupName(0) {
			return out.ClusterStatus == types.ClusterStatusInservice && g.SoftwareUpdateStatus == types.SoftwareUpdateStatusSucceeded
		}
	}
	return false
}

func rolling() job {
	known := works{}
	j := job{name: fmt.Sprintf("roll a group of %d to another AMI, half at a time, and wait", perGroup), worlds: worlds}
	add := func(name string, do func(ctx context.Context, w *world) error) {
		j.ways = append(j.ways, way{name, func(t *testing.T, rng *rand.Rand) attempt {
			w := newWorld(t, rng, true)
			work := known.of(t, w, true, func(w *world) error { _, err := w.srv.UpdateClusterSoftware(t.Context(), rollInput()); return err }, rolled)
			return w.attempt(t, "UpdateClusterSoftware", work, rolled, func(ctx context.Context) error { return do(ctx, w) })
		}})
	}
	add(ours, func(ctx context.Context, w *world) error {
		_, err := w.cluster().RollImage(ctx, hyperpod.Roll{
			Image: hyperpod.AMI(newAMI), Groups: hyperpod.Named(groupName(0)), Batch: hyperpod.Percent(50), ReplaceRootVolumes: true,
		})
		return err
	})
	for _, l := range loops() {
		add(l.name, func(ctx context.Context, w *world) error {
			if _, err := w.client.UpdateClusterSoftware(ctx, rollInput()); err != nil {
				return err
			}
			return w.until(ctx, l, rolled)
		})
	}
	return j
}

func scaleInput(which ...int) *sagemaker.UpdateClusterInput {
	in := &sagemaker.UpdateClusterInput{ClusterName: aws.String(clusterName)}
	for _, i := range which {
		in.InstanceGroups = append(in.InstanceGroups, group(i, scaled))
	}
	return in
}

// every lists all groups.
func every() []int {
	var list []int
	for i := range groups {
		list = append(list, i)
	}
	return list
}

// scaledUpTo is done when the groups up to one have grown, and the others have not.
func scaledUpTo(last int) look {
	return counted(func(group string) int32 {
		for i := range last + 1 {
			if group == groupName(i) {
				return scaled
			}
		}
		return perGroup
	})
}

func scaling() job {
	together, single := works{}, works{}
	j := job{name: fmt.Sprintf("scale %d groups from %d to %d and wait", groups, perGroup, scaled), worlds: worlds}
	update := func(t *testing.T, which ...int) func(*world) error {
		return func(w *world) error { _, err := w.srv.UpdateCluster(t.Context(), scaleInput(which...)); return err }
	}
	add := func(name string, do func(ctx context.Context, w *world) error) {
		j.ways = append(j.ways, way{name, func(t *testing.T, rng *rand.Rand) attempt {
			w := newWorld(t, rng, true)
			work := together.of(t, w, true, update(t, every()...), all(scaled))
			return w.attempt(t, "UpdateCluster", work, all(scaled), func(ctx context.Context) error { return do(ctx, w) })
		}})
	}
	add(ours+", one request", func(ctx context.Context, w *world) error {
		var edits []hyperpod.Edit
		for i := range groups {
			edits = append(edits, hyperpod.Scale(groupName(i), scaled))
		}
		_, err := w.cluster().Update(ctx, edits...)
		return err
	})
	add("SDK, one request, its waiters' loop", func(ctx context.Context, w *world) error {
		if _, err := w.client.UpdateCluster(ctx, scaleInput(every()...)); err != nil {
			return err
		}
		return w.until(ctx, loop{wait: waitLikeTheSDK}, all(scaled))
	})
	j.ways = append(j.ways, way{"SDK, a request for each group, its waiters' loop", func(t *testing.T, rng *rand.Rand) attempt {
		w := newWorld(t, rng, true)
		work := groups * single.of(t, w, true, update(t, 0), scaledUpTo(0))
		return w.attempt(t, "UpdateCluster", work, all(scaled), func(ctx context.Context) error {
			for i := range groups {
				if _, err := w.client.UpdateCluster(ctx, scaleInput(i)); err != nil {
					return err
				}
				if err := w.until(ctx, loop{wait: waitLikeTheSDK}, scaledUpTo(i)); err != nil {
					return err
				}
			}
			return nil
		})
	}})
	return j
}
