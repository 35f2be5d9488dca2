// Package laptop is AWS on a laptop, for the examples: the emulators of HyperPod and of
// EC2's images behind the configuration that the SDK's clients are made from. Where an
// example says laptop.New, a program on AWS calls config.LoadDefaultConfig.
package laptop

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// What there is. The accounts are those that AWS uses in its own examples.
const (
	Account       = "111122223333"
	OtherAccount  = "444455556666"
	Region        = "us-west-2"
	Role          = "arn:aws:iam::111122223333:role/HyperPodExecution"
	EKSCluster    = "arn:aws:eks:us-west-2:111122223333:cluster/example-eks"
	Subnet        = "subnet-0123456789abcdef0"
	SecurityGroup = "sg-0123456789abcdef0"
	Scripts       = "s3://amzn-s3-demo-bucket/lifecycle"

	// GoldenAMI and NextAMI may be shared with HyperPod: they and their snapshots carry
	// the tag AllowSharing. Of HalfTaggedAMI the snapshot lacks it. The lifecycle script
	// of BrokenAMI fails.
	GoldenAMI     = "ami-0123456789abcdef0"
	NextAMI       = "ami-0fedcba9876543210"
	HalfTaggedAMI = "ami-0a1fa1fa1fa1fa1fa"
	BrokenAMI     = "ami-0badbadbadbadbad0"
)

// Laptop is all accounts in all Regions.
type Laptop struct {
	Clusters *hyperpodtest.Server
	Images   *amisharetest.Server
}

// New makes emulators with the AMIs above in [Account] and [Region]. An operation is done
// by the next look at it, unless the options say otherwise.
func New(optFns ...func(*hyperpodtest.Options)) *Laptop {
	l := &Laptop{Images: amisharetest.NewServer()}
	l.Clusters = hyperpodtest.NewServer(append([]func(*hyperpodtest.Options){func(o *hyperpodtest.Options) { o.Images = l.Images }}, optFns...)...)
	allowed := map[string]string{"AllowSharing": "true"}
	for _, image := range []amisharetest.Image{
		{ID: GoldenAMI, Name: "golden-1", Tags: allowed, SnapshotTags: allowed},
		{ID: NextAMI, Name: "golden-2", Tags: allowed, SnapshotTags: allowed},
		{ID: HalfTaggedAMI, Name: "golden-3", Tags: allowed},
		{ID: BrokenAMI, Name: "golden-4", Tags: allowed, SnapshotTags: allowed},
	} {
		image.SourceImage = amisharetest.PublicImage(Region, "eks", types.ArchitectureValuesX8664)
		l.Images.AddImage(image)
	}
	l.Clusters.FailLifecycle(BrokenAMI, "Lifecycle script on_create.sh exited with status 127: nvidia-smi: command not found")
	return l
}

// Config is what config.LoadDefaultConfig returns to somebody in an account.
func (l *Laptop) Config(account, region string) aws.Config {
	key := aws.Credentials{AccessKeyID: account, SecretAccessKey: "secret"} // the emulators know an account by the access key
	return aws.Config{
		Region: region, HTTPClient: &http.Client{Transport: l},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return key, nil }),
	}
}

// RoundTrip hands a request to the emulator of its service.
func (l *Laptop) RoundTrip(r *http.Request) (*http.Response, error) {
	var service http.Handler = l.Clusters
	if strings.HasPrefix(r.URL.Host, "ec2.") {
		service = l.Images
	}
	answer := httptest.NewRecorder()
	service.ServeHTTP(answer, r)
	return answer.Result(), nil
}
