package readme_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// The names that README.md uses.
const (
	account       = "111122223333"
	region        = "us-west-2"
	golden        = "ami-0123456789abcdef0"
	next          = "ami-0fedcba9876543210"
	role          = "arn:aws:iam::111122223333:role/HyperPodExecution"
	eksCluster    = "arn:aws:eks:us-west-2:111122223333:cluster/example-eks"
	subnet        = "subnet-0123456789abcdef0"
	securityGroup = "sg-0123456789abcdef0"
	scripts       = "s3://amzn-s3-demo-bucket/lifecycle"
)

// world is an account on the emulators.
type world struct {
	clusters *hyperpodtest.Server
	images   *amisharetest.Server
}

// RoundTrip takes requests of the SDK to the emulator of their service.
func (w world) RoundTrip(r *http.Request) (*http.Response, error) {
	var service http.Handler = w.clusters
	if strings.HasPrefix(r.URL.Host, "ec2.") {
		service = w.images
	}
	answer := httptest.NewRecorder()
	service.ServeHTTP(answer, r)
	return answer.Result(), nil
}

// config is what config.LoadDefaultConfig returns to somebody in the account.
func (w world) config(account string) aws.Config {
	key := aws.Credentials{AccessKeyID: account, SecretAccessKey: "secret"}
	return aws.Config{
		Region: region, HTTPClient: &http.Client{Transport: w},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return key, nil }),
	}
}

// onEmulators runs a test in a bubble of its own time, on emulators that take as long
// as AWS does and have two golden AMIs.
func onEmulators(t *testing.T, test func(t *testing.T, w world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := world{images: amisharetest.NewServer()}
		w.clusters = hyperpodtest.NewServer(hyperpodtest.Realistic, func(o *hyperpodtest.Options) { o.Images = w.images })
		allowed := map[string]string{"AllowSharing": "true"}
		for _, id := range []string{golden, next} {
			w.images.AddImage(amisharetest.Image{
				ID: id, Name: "golden-" + id[4:8], Tags: allowed, SnapshotTags: allowed,
				SourceImage: amisharetest.PublicImage(region, "eks", ec2types.ArchitectureValuesX8664),
			})
		}
		test(t, w)
	})
}

func (w world) client() *hyperpod.Client {
	cfg := w.config(account)
	return hyperpod.New(sagemaker.NewFromConfig(cfg), func(o *hyperpod.Options) {
		o.Images = amishare.NewChecker(ec2.NewFromConfig(cfg))
	})
}

func group(name string, count int32) hyperpod.Group {
	return hyperpod.NewGroup(name).WithInstances(types.ClusterInstanceTypeMlP548xlarge, count).
		WithExecutionRole(role).WithLifecycle(scripts, "on_create.sh").WithImage(golden)
}

// train is a cluster of eight workers and a login node.
func (w world) train(t *testing.T) *hyperpod.Cluster {
	t.Helper()
	return w.cluster(t, "train")
}

func (w world) cluster(t *testing.T, name string) *hyperpod.Cluster {
	t.Helper()
	cluster := w.client().Cluster(name)
	_, err := cluster.Create(t.Context(), hyperpod.Spec{
		Groups:       []hyperpod.Group{group("workers", 8), group("login", 1)},
		Orchestrator: hyperpod.EKS("arn:aws:eks:us-west-2:111122223333:cluster/" + name),
		VPC:          hyperpod.VPC{Subnets: []string{subnet}, SecurityGroups: []string{securityGroup}},
	})
	require.NoError(t, err)
	return cluster
}
