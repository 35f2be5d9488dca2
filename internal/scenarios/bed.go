package scenarios

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// The images of the scenarios.
const (
	// Old is what groups run before, New what they are to run.
	Old = "ami-0123456789abcdef0"
	New = "ami-0fedcba9876543210"
	// Arm is New for another architecture, Third what somebody else has in mind.
	Arm   = "ami-0aaaa000000000001"
	Third = "ami-0cccc000000000003"
)

const (
	account      = "111122223333"
	otherAccount = "444455556666"
	region       = "us-west-2"
	otherRegion  = "us-east-1"

	updateSoftware = "UpdateClusterSoftware"
)

var allAtOnce = rollout.Strategy{Deployment: hyperpod.Deployment{Batch: hyperpod.AllAtOnce}}

// Cluster is a cluster of a fleet.
type Cluster struct {
	Name string
	// Account and Region are 111122223333 and us-west-2 when empty.
	Account, Region string
	Groups          []hyperpod.Group
	Labels          map[string]string
	// Spec changes the specification: an EKS cluster with Continuous provisioning.
	Spec func(spec *hyperpod.Spec)
}

func (c *Cluster) account() string { return or(c.Account, account) }
func (c *Cluster) region() string  { return or(c.Region, region) }

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// Workers is a group on Old.
func Workers(name string, count int32) hyperpod.Group {
	return hyperpod.NewGroup(name).WithInstances(types.ClusterInstanceTypeMlC52xlarge, count).
		WithExecutionRole("arn:aws:iam::"+account+":role/Execution").WithLifecycle("s3://amzn-s3-demo-bucket", "on_create.sh").WithImage(Old)
}

// Train is a cluster with the groups workers, of two nodes, and login, of one.
func Train(i int) Cluster {
	return Cluster{Name: fmt.Sprintf("train-%d", i), Groups: []hyperpod.Group{Workers("workers", 2), Workers("login", 1)}}
}

// Fleet is so many clusters, train-0 and on.
func Fleet(n int) []Cluster {
	var clusters []Cluster
	for i := range n {
		clusters = append(clusters, Train(i))
	}
	return clusters
}

// Bed is where a scenario takes place: an emulator, and what goes wrong on it.
type Bed struct {
	Srv *hyperpodtest.Server

	retries bool
	made    []Cluster
	mu      sync.Mutex
	names   map[string]string // by ARN
	log     []string
	refused map[string]string // what the image checker says
	theirs  int               // requests of other people
	errs    []error
}

func newBed(s *Scenario) *Bed {
	b := &Bed{retries: s.Retries, names: map[string]string{}, refused: map[string]string{}}
	b.Srv = hyperpodtest.NewServer(hyperpodtest.Realistic, func(o *hyperpodtest.Options) {
		if s.Emulator != nil {
			s.Emulator(o)
		}
	})
	return b
}

// API is a client for an account and Region.
func (b *Bed) API(acct, reg string) hyperpod.API {
	return b.Srv.Client(func(o *sagemaker.Options) {
		o.Region = reg
		if b.retries {
			o.RetryMaxAttempts = 3
		}
		if acct != account || reg != region {
			o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: acct, SecretAccessKey: "secret"}, nil
			})
		}
	})
}

func (b *Bed) clients(_ context.Context, acct, reg string) (rollout.Access, error) {
	return rollout.Access{HyperPod: b.API(acct, reg), Images: b}, nil
}

// Create makes a cluster and waits until it is there.
func (b *Bed) Create(ctx context.Context, c Cluster) error {
	spec := hyperpod.Spec{
		Groups: c.Groups, Orchestrator: hyperpod.EKS(fmt.Sprintf("arn:aws:eks:%s:%s:cluster/eks-%s", c.region(), c.account(), c.Name)),
		VPC: hyperpod.VPC{Subnets: []string{"subnet-0123456789abcdef0"}, SecurityGroups: []string{"sg-0123456789abcdef0"}},
	}
	if c.Spec != nil {
		c.Spec(&spec)
	}
	report, err := hyperpod.New(b.API(c.account(), c.region())).Cluster(c.Name).Create(ctx, spec)
	if err != nil {
		return fmt.Errorf("create %s: %w", c.Name, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.made = append(b.made, c)
	b.names[report.ARN] = c.Name
	return nil
}

// Name is the name of a cluster by name or ARN.
func (b *Bed) Name(nameOrARN string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return or(b.names[nameOrARN], nameOrARN)
}

// Log notes something, in order; see [Want].Log.
func (b *Bed) Log(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.log = append(b.log, fmt.Sprintf(format, args...))
}

// fail notes that the scenario itself does not work.
func (b *Bed) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.errs = append(b.errs, err)
}

func (b *Bed) err() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return errors.Join(b.errs...)
}

// Roll is somebody else who brings groups onto an image, all of them when none is named.
func (b *Bed) Roll(ctx context.Context, cluster, image string, groups ...string) error {
	in := &sagemaker.UpdateClusterSoftwareInput{ClusterName: &cluster, ImageId: &image}
	for _, name := range groups {
		in.InstanceGroups = append(in.InstanceGroups, types.UpdateClusterSoftwareInstanceGroupSpecification{InstanceGroupName: aws.String(name)})
	}
	if _, err := b.Srv.UpdateClusterSoftware(ctx, in); err != nil {
		return fmt.Errorf("somebody else rolls %s: %w", cluster, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.theirs++
	return nil
}

// Delete is somebody else who deletes a cluster.
func (b *Bed) Delete(ctx context.Context, cluster string) error {
	if _, err := b.Srv.DeleteCluster(ctx, &sagemaker.DeleteClusterInput{ClusterName: &cluster}); err != nil {
		return fmt.Errorf("somebody else deletes %s: %w", cluster, err)
	}
	return nil
}

// Refuse has the image checker refuse an image from now on.
func (b *Bed) Refuse(image, why string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refused[image] = why
}

// CheckImage implements [hyperpod.ImageChecker].
func (b *Bed) CheckImage(_ context.Context, use hyperpodkit.ImageUse) ([]hyperpodkit.Finding, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if why := b.refused[use.Image]; why != "" {
		return []hyperpodkit.Finding{{Level: hyperpodkit.Error, Rule: "image", Path: use.Path, Resource: use.Image, Found: why}}, nil
	}
	return nil, nil
}

// Once does something once, after the n-th request for an operation on a cluster that was
// answered with success, or had no answer. The cluster "" is any.
func (b *Bed) Once(operation, cluster string, n int, do func(ctx context.Context) error) {
	var mu sync.Mutex
	seen := 0
	b.Srv.Faults().After(func(ctx context.Context, op string, input any, err error) {
		if op != operation || refused(err) || cluster != "" && b.Name(clusterOf(input)) != cluster {
			return
		}
		mu.Lock()
		seen++
		now := seen == n
		mu.Unlock()
		if !now {
			return
		}
		if err := do(ctx); err != nil {
			b.fail(err)
		}
	})
}

// clusterOf is the cluster that a request is about.
func clusterOf(input any) string {
	switch in := input.(type) {
	case *sagemaker.UpdateClusterSoftwareInput:
		return aws.ToString(in.ClusterName)
	case *sagemaker.UpdateClusterInput:
		return aws.ToString(in.ClusterName)
	case *sagemaker.DescribeClusterInput:
		return aws.ToString(in.ClusterName)
	case *sagemaker.ListClusterNodesInput:
		return aws.ToString(in.ClusterName)
	default:
		return ""
	}
}
