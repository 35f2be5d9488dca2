package preflight_test

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	ekstypes "github.com/aws/aws-sdk-go-v2/service/eks/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	quotatypes "github.com/aws/aws-sdk-go-v2/service/servicequotas/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/examples/preflight"
)

const (
	roleARN = "arn:aws:iam::111122223333:role/service/HyperPod"
	eksARN  = "arn:aws:eks:us-west-2:111122223333:cluster/example-eks"
	subnet1 = "subnet-0123456789abcdef0"
	subnet2 = "subnet-0fedcba9876543210"
	group1  = "sg-0123456789abcdef0"
	ami     = "ami-0123456789abcdef0"
)

func apiError(code string) error { return &smithy.GenericAPIError{Code: code, Message: "no"} }

// fakeS3 holds objects by their URI, and an error instead for all.
type fakeS3 struct {
	objects map[string]string
	err     error
}

func (f fakeS3) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	body, ok := f.objects["s3://"+*in.Bucket+"/"+*in.Key]
	switch {
	case f.err != nil:
		return nil, f.err
	case !ok:
		return nil, apiError("NoSuchKey")
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(strings.NewReader(body))}, nil
}

// fakeIAM has one role.
type fakeIAM struct {
	arn, trust string
	err        error
}

func (f fakeIAM) GetRole(_ context.Context, in *iam.GetRoleInput, _ ...func(*iam.Options)) (*iam.GetRoleOutput, error) {
	if f.err != nil {
		return nil, f.err
	}
	if !strings.HasSuffix(f.arn, "/"+*in.RoleName) {
		return nil, apiError("NoSuchEntity")
	}
	return &iam.GetRoleOutput{Role: &iamtypes.Role{Arn: aws.String(f.arn), AssumeRolePolicyDocument: aws.String(f.trust)}}, nil
}

// fakeEC2 answers with what it has, by the values of the first filter.
type fakeEC2 struct {
	images    []ec2types.Image
	offerings []ec2types.InstanceTypeOffering
	types     []ec2types.InstanceTypeInfo
	groups    []ec2types.SecurityGroup
	subnets   []ec2types.Subnet
	errs      map[string]error // by operation
}

// matching are the items whose id is among a filter's values.
func matching[T any](items []T, filters []ec2types.Filter, id func(T) string) []T {
	return slices.DeleteFunc(slices.Clone(items), func(item T) bool { return !slices.Contains(filters[0].Values, id(item)) })
}

func (f fakeEC2) DescribeImages(_ context.Context, in *ec2.DescribeImagesInput, _ ...func(*ec2.Options)) (*ec2.DescribeImagesOutput, error) {
	images := matching(f.images, in.Filters, func(i ec2types.Image) string { return aws.ToString(i.ImageId) })
	return &ec2.DescribeImagesOutput{Images: images}, f.errs["DescribeImages"]
}

func (f fakeEC2) DescribeInstanceTypeOfferings(_ context.Context, in *ec2.DescribeInstanceTypeOfferingsInput, _ ...func(*ec2.Options)) (*ec2.DescribeInstanceTypeOfferingsOutput, error) {
	offerings := matching(f.offerings, in.Filters, func(o ec2types.InstanceTypeOffering) string { return string(o.InstanceType) })
	return &ec2.DescribeInstanceTypeOfferingsOutput{InstanceTypeOfferings: offerings}, f.errs["DescribeInstanceTypeOfferings"]
}

func (f fakeEC2) DescribeInstanceTypes(_ context.Context, in *ec2.DescribeInstanceTypesInput, _ ...func(*ec2.Options)) (*ec2.DescribeInstanceTypesOutput, error) {
	found := matching(f.types, in.Filters, func(t ec2types.InstanceTypeInfo) string { return string(t.InstanceType) })
	return &ec2.DescribeInstanceTypesOutput{InstanceTypes: found}, f.errs["DescribeInstanceTypes"]
}

func (f fakeEC2) DescribeSecurityGroups(_ context.Context, in *ec2.DescribeSecurityGroupsInput, _ ...func(*ec2.Options)) (*ec2.DescribeSecurityGroupsOutput, error) {
	groups := matching(f.groups, in.Filters, func(g ec2types.SecurityGroup) string { return aws.ToString(g.GroupId) })
	return &ec2.DescribeSecurityGroupsOutput{SecurityGroups: groups}, f.errs["DescribeSecurityGroups"]
}

func (f fakeEC2) DescribeSubnets(_ context.Context, in *ec2.DescribeSubnetsInput, _ ...func(*ec2.Options)) (*ec2.DescribeSubnetsOutput, error) {
	subnets := matching(f.subnets, in.Filters, func(s ec2types.Subnet) string { return aws.ToString(s.SubnetId) })
	return &ec2.DescribeSubnetsOutput{Subnets: subnets}, f.errs["DescribeSubnets"]
}

// all is permissions for all traffic with security groups.
func all(groups ...string) []ec2types.IpPermission {
	p := ec2types.IpPermission{IpProtocol: aws.String("-1")}
	for _, id := range groups {
		p.UserIdGroupPairs = append(p.UserIdGroupPairs, ec2types.UserIdGroupPair{GroupId: aws.String(id)})
	}
	return []ec2types.IpPermission{p}
}

// goodNetwork is a network with which nothing is wrong.
func goodNetwork() *fakeEC2 {
	return &fakeEC2{
		subnets: []ec2types.Subnet{
			{SubnetId: aws.String(subnet1), VpcId: aws.String("vpc-1"), AvailabilityZone: aws.String("us-west-2a"), AvailableIpAddressCount: aws.Int32(10)},
			{SubnetId: aws.String(subnet2), VpcId: aws.String("vpc-1"), AvailabilityZone: aws.String("us-west-2b"), AvailableIpAddressCount: aws.Int32(6)},
		},
		groups: []ec2types.SecurityGroup{{
			GroupId: aws.String(group1), VpcId: aws.String("vpc-1"), IpPermissions: all("sg-0", group1), IpPermissionsEgress: all(group1),
		}},
		offerings: []ec2types.InstanceTypeOffering{
			{InstanceType: "p5.48xlarge", Location: aws.String("us-west-2b")},
			{InstanceType: "c5.2xlarge", Location: aws.String("us-west-2a")},
		},
		types: []ec2types.InstanceTypeInfo{
			{InstanceType: "p5.48xlarge", NetworkInfo: &ec2types.NetworkInfo{EfaSupported: aws.Bool(true)}},
			{InstanceType: "c5.2xlarge", NetworkInfo: &ec2types.NetworkInfo{EfaSupported: aws.Bool(false)}},
		},
		errs: map[string]error{},
	}
}

// fakeEKS has one cluster.
type fakeEKS struct {
	cluster *ekstypes.Cluster
	err     error
}

func (f fakeEKS) DescribeCluster(context.Context, *eks.DescribeClusterInput, ...func(*eks.Options)) (*eks.DescribeClusterOutput, error) {
	return &eks.DescribeClusterOutput{Cluster: f.cluster}, f.err
}

// goodEKS is a cluster with which nothing is wrong.
func goodEKS() *ekstypes.Cluster {
	return &ekstypes.Cluster{
		Arn: aws.String(eksARN), Status: ekstypes.ClusterStatusActive, Version: aws.String("1.32"),
		AccessConfig: &ekstypes.AccessConfigResponse{AuthenticationMode: ekstypes.AuthenticationModeApiAndConfigMap},
	}
}

// fakeQuotas has default and applied quotas by name, with a code before it where that
// matters. It lists one at a time. A negative value stands for none.
type fakeQuotas struct {
	defaults, applied map[string]float64
	err               error
}

func quotas(values map[string]float64) []quotatypes.ServiceQuota {
	var list []quotatypes.ServiceQuota
	for name, value := range values {
		q := quotatypes.ServiceQuota{QuotaName: aws.String(name), QuotaCode: aws.String("L-12345678"), Value: aws.Float64(value)}
		if code, rest, ok := strings.Cut(name, " "); ok && strings.HasPrefix(code, "L-") {
			q.QuotaCode, q.QuotaName = aws.String(code), aws.String(rest)
		}
		if value < 0 {
			q.Value = nil
		}
		list = append(list, q)
	}
	slices.SortFunc(list, func(a, b quotatypes.ServiceQuota) int { return strings.Compare(*a.QuotaName, *b.QuotaName) })
	return list
}

// page is one quota and how to go on.
func page(values map[string]float64, token *string) (list []quotatypes.ServiceQuota, next *string) {
	list = quotas(values)
	at := 0
	if token != nil {
		at = int((*token)[0])
	}
	if at+1 < len(list) {
		next = aws.String(string(rune(at + 1)))
	}
	return list[min(at, len(list)):min(at+1, len(list))], next
}

func (f fakeQuotas) ListAWSDefaultServiceQuotas(_ context.Context, in *servicequotas.ListAWSDefaultServiceQuotasInput, _ ...func(*servicequotas.Options)) (*servicequotas.ListAWSDefaultServiceQuotasOutput, error) {
	list, next := page(f.defaults, in.NextToken)
	return &servicequotas.ListAWSDefaultServiceQuotasOutput{Quotas: list, NextToken: next}, f.err
}

func (f fakeQuotas) ListServiceQuotas(_ context.Context, in *servicequotas.ListServiceQuotasInput, _ ...func(*servicequotas.Options)) (*servicequotas.ListServiceQuotasOutput, error) {
	list, next := page(f.applied, in.NextToken)
	return &servicequotas.ListServiceQuotasOutput{Quotas: list, NextToken: next}, f.err
}

// levels reduces findings to what the tables compare.
func levels(findings []hyperpodkit.Finding) []string {
	list := []string{}
	for _, f := range findings {
		list = append(list, f.Level.String()+" "+f.Rule)
	}
	return list
}

// requireFindings compares findings, and that each says what it is about.
func requireFindings(t *testing.T, want []string, findings []hyperpodkit.Finding, err error) {
	t.Helper()
	require.NoError(t, err)
	assert.ElementsMatch(t, want, levels(findings), "%v", findings)
	for _, f := range findings {
		assert.Equal(t, "Path", f.Path)
		assert.NotEmpty(t, f.Found)
	}
}

var (
	_ preflight.S3API     = fakeS3{}
	_ preflight.IAMAPI    = fakeIAM{}
	_ preflight.EC2API    = fakeEC2{}
	_ preflight.EKSAPI    = fakeEKS{}
	_ preflight.QuotasAPI = fakeQuotas{}
)
