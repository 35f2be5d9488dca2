package preflight

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/eks/types"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// EKSAPI is what [EKS] calls.
type EKSAPI interface {
	DescribeCluster(context.Context, *eks.DescribeClusterInput, ...func(*eks.Options)) (*eks.DescribeClusterOutput, error)
}

// EKS reads the EKS cluster, with eks:DescribeCluster.
type EKS struct {
	API EKSAPI
	// Version tells the Kubernetes version of an image, such as "1.32", and "" when that
	// is not known. Nil knows none. [ImageNames.Version] is one.
	Version func(ctx context.Context, image string) (string, error)
}

var _ hyperpod.EKSChecker = EKS{}

// The Kubernetes minors that HyperPod supports (developer guide, "Getting started with
// Amazon EKS support in SageMaker HyperPod", October 2026).
const oldest, newest = 30, 35

// CheckEKS finds an EKS cluster that does not exist, is not active, has an
// authentication mode that HyperPod does not support, or a Kubernetes version that
// does not fit HyperPod or the images.
func (c EKS) CheckEKS(ctx context.Context, use hyperpod.EKSUse) ([]hyperpodkit.Finding, error) {
	f := &findings{path: use.Path}
	fields, ok := arnFields(use.ClusterARN)
	if !ok || !strings.HasPrefix(fields[5], "cluster/") {
		f.add(hyperpodkit.Error, "eks-arn", use.ClusterARN, "this is not the ARN of an EKS cluster", "use arn:aws:eks:REGION:ACCOUNT:cluster/NAME")
		return f.list, nil
	}
	out, err := c.API.DescribeCluster(ctx, &eks.DescribeClusterInput{Name: aws.String(strings.TrimPrefix(fields[5], "cluster/"))})
	switch {
	case code(err) == "ResourceNotFoundException":
		f.add(hyperpodkit.Error, "eks-not-found", use.ClusterARN, "the EKS cluster does not exist in this account and Region", "create it first")
		return f.list, nil
	case err != nil:
		return f.unless(err, "eks-not-found", use.ClusterARN, "eks:DescribeCluster")
	case aws.ToString(out.Cluster.Arn) != use.ClusterARN:
		f.add(hyperpodkit.Error, "eks-not-found", use.ClusterARN, "the EKS cluster of this name is "+aws.ToString(out.Cluster.Arn), "use the account and Region of the HyperPod cluster")
		return f.list, nil
	}
	cluster := out.Cluster
	if cluster.Status != types.ClusterStatusActive {
		f.add(hyperpodkit.Error, "eks-status", use.ClusterARN, fmt.Sprintf("the EKS cluster is %s", cluster.Status), "wait until it is ACTIVE")
	}
	authentication(f, cluster, use)
	return c.versions(ctx, f, minor(aws.ToString(cluster.Version)), use)
}

// authentication judges the authentication mode (developer guide, "Getting started with
// Amazon EKS support in SageMaker HyperPod": API and API_AND_CONFIG_MAP).
func authentication(f *findings, cluster *types.Cluster, use hyperpod.EKSUse) {
	if cluster.AccessConfig == nil {
		f.add(hyperpodkit.Unknown, "eks-authentication", use.ClusterARN, "EKS does not tell the authentication mode", "")
		return
	}
	switch mode := cluster.AccessConfig.AuthenticationMode; mode {
	case types.AuthenticationModeApi, types.AuthenticationModeApiAndConfigMap:
	case types.AuthenticationModeConfigMap:
		f.add(hyperpodkit.Error, "eks-authentication", use.ClusterARN, "the authentication mode is CONFIG_MAP", "change it to API_AND_CONFIG_MAP or API")
	default:
		f.add(hyperpodkit.Unknown, "eks-authentication", use.ClusterARN, fmt.Sprintf("the authentication mode %s is newer than this check", mode), "")
	}
}

// versions judges the cluster's Kubernetes minor by what HyperPod supports, and the
// images' by the cluster's: not newer (Kubernetes, "Version Skew Policy"), and one minor
// older at most (developer guide, on UpdateClusterSoftware after an upgrade of EKS).
func (c EKS) versions(ctx context.Context, f *findings, cluster int, use hyperpod.EKSUse) ([]hyperpodkit.Finding, error) {
	if cluster == 0 {
		f.add(hyperpodkit.Unknown, "eks-version", use.ClusterARN, "EKS does not tell the Kubernetes version", "")
		return f.list, nil
	}
	if cluster < oldest || cluster > newest {
		f.add(hyperpodkit.Warning, "eks-version", use.ClusterARN, fmt.Sprintf("Kubernetes 1.%d is not known to be supported by HyperPod, which 1.%d to 1.%d are", cluster, oldest, newest),
			"look it up in the developer guide")
	}
	if c.Version == nil {
		return f.list, nil
	}
	for _, image := range use.Images {
		version, err := c.Version(ctx, image)
		if err != nil {
			return f.unless(err, "eks-version-skew", image, "ec2:DescribeImages")
		}
		switch is := minor(version); {
		case is == 0: // not known, as for "default"
		case is > cluster:
			f.add(hyperpodkit.Warning, "eks-version-skew", image, fmt.Sprintf("the image has Kubernetes 1.%d, newer than the cluster's 1.%d", is, cluster), "upgrade the EKS cluster first")
		case cluster-is > 1:
			f.add(hyperpodkit.Warning, "eks-version-skew", image, fmt.Sprintf("the image has Kubernetes 1.%d, more than one minor behind the cluster's 1.%d", is, cluster), "use an image of the cluster's version")
		}
	}
	return f.list, nil
}

// minor is the minor of a version 1.x, 0 for anything else.
func minor(version string) int {
	rest, ok := strings.CutPrefix(version, "1.")
	if !ok {
		return 0
	}
	digits, _, _ := strings.Cut(rest, ".")
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

// ImageNames tells the Kubernetes version of AMIs by the names of HyperPod's own ones,
// such as "HyperPod EKS 1.32 x86_64 AMI Amazon Linux 2 2025080407" (developer guide,
// "Custom AMI"). A custom AMI is followed to the AMI that it was made from, as far as
// EC2 remembers it.
type ImageNames struct{ API EC2API }

// generations is how far back an AMI is followed.
const generations = 3

var eksName = regexp.MustCompile(`^HyperPod EKS (1\.\d+) `)

// Version returns the Kubernetes version of an image, and "" when it is not known.
func (n ImageNames) Version(ctx context.Context, image string) (string, error) {
	for range generations {
		if !strings.HasPrefix(image, "ami-") {
			return "", nil
		}
		out, err := n.API.DescribeImages(ctx, &ec2.DescribeImagesInput{Filters: filter("image-id", []string{image})})
		if err != nil {
			return "", err
		}
		if len(out.Images) == 0 {
			return "", nil
		}
		ami := out.Images[0]
		name := eksName.FindStringSubmatch(aws.ToString(ami.Name))
		if aws.ToString(ami.ImageOwnerAlias) == "amazon" && name != nil {
			return name[1], nil
		}
		image = aws.ToString(ami.SourceImageId)
	}
	return "", nil
}
