package preflight_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	ekstypes "github.com/aws/aws-sdk-go-v2/service/eks/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/examples/preflight"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

func TestLifecycle(t *testing.T) {
	const uri = "s3://sagemaker-scripts/base/on_create.sh"
	forbidden := &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: http.StatusForbidden}}}
	for name, tt := range map[string]struct {
		source string
		api    fakeS3
		want   []string
	}{
		"fit":                      {"s3://sagemaker-scripts/base", fakeS3{objects: map[string]string{uri: "#!/bin/bash\nexit 0\n"}}, nil},
		"fit, with a slash":        {"s3://sagemaker-scripts/base/", fakeS3{objects: map[string]string{uri: "#!/bin/bash\nexit 0\n"}}, nil},
		"at the top of a bucket":   {"s3://sagemaker-scripts", fakeS3{objects: map[string]string{"s3://sagemaker-scripts/on_create.sh": "#!/bin/sh\n"}}, nil},
		"in a bucket of any name":  {"s3://scripts", fakeS3{objects: map[string]string{"s3://scripts/on_create.sh": "#!/bin/sh\n"}}, []string{"warning lifecycle-bucket"}},
		"CR at the interpreter":    {"s3://sagemaker-scripts/base", fakeS3{objects: map[string]string{uri: "#!/bin/bash\r\nexit 0\r\n"}}, []string{"error lifecycle-line-ends"}},
		"CR further below":         {"s3://sagemaker-scripts/base", fakeS3{objects: map[string]string{uri: "#!/bin/bash\nexit 0\r\n"}}, []string{"warning lifecycle-line-ends"}},
		"a CR within a line":       {"s3://sagemaker-scripts/base", fakeS3{objects: map[string]string{uri: "#!/bin/bash\nprintf '\r.'\n"}}, nil},
		"empty":                    {"s3://sagemaker-scripts/base", fakeS3{objects: map[string]string{uri: ""}}, []string{"error lifecycle-empty"}},
		"not there":                {"s3://sagemaker-scripts/other", fakeS3{}, []string{"error lifecycle-object"}},
		"no such bucket":           {"s3://sagemaker-scripts/base", fakeS3{err: apiError("NoSuchBucket")}, []string{"error lifecycle-object"}},
		"not allowed":              {"s3://sagemaker-scripts/base", fakeS3{err: apiError("AccessDenied")}, []string{"unknown lifecycle-object"}},
		"not allowed, not said so": {"s3://sagemaker-scripts/base", fakeS3{err: forbidden}, []string{"unknown lifecycle-object"}},
		"not by S3":                {"https://example.com/base", fakeS3{}, []string{"unknown lifecycle-object"}},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := preflight.Lifecycle{API: tt.api}.CheckLifecycle(t.Context(), hyperpod.LifecycleUse{SourceS3URI: tt.source, Script: "on_create.sh", Path: "Path"})
			requireFindings(t, tt.want, found, err)
		})
	}
}

// trusting is a trust policy with statements, as IAM returns it.
func trusting(statements string) string {
	return url.QueryEscape(`{"Version":"2012-10-17","Statement":[` + statements + `]}`)
}

func TestRoles(t *testing.T) {
	const (
		allow  = `{"Effect":"Allow","Principal":{"Service":["ec2.amazonaws.com","sagemaker.amazonaws.com"]},"Action":"sts:AssumeRole"}`
		within = `{"Effect":"Allow","Principal":{"Service":"sagemaker.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}}`
		deny   = `{"Effect":"Deny","Principal":"*","Action":"sts:*"}`
		other  = `{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}`
		tag    = `{"Effect":"Allow","Principal":{"Service":"sagemaker.amazonaws.com"},"Action":"sts:TagSession"}`
	)
	for name, tt := range map[string]struct {
		arn  string
		api  fakeIAM
		want []string
	}{
		"fit":                  {roleARN, fakeIAM{arn: roleARN, trust: trusting(allow)}, nil},
		"under a condition":    {roleARN, fakeIAM{arn: roleARN, trust: trusting(within)}, []string{"unknown role-trust"}},
		"trusts another":       {roleARN, fakeIAM{arn: roleARN, trust: trusting(other)}, []string{"error role-trust"}},
		"another action":       {roleARN, fakeIAM{arn: roleARN, trust: trusting(other + "," + tag)}, []string{"error role-trust"}},
		"denied":               {roleARN, fakeIAM{arn: roleARN, trust: trusting(allow + "," + deny)}, []string{"error role-trust"}},
		"not there":            {roleARN, fakeIAM{}, []string{"error role-not-found"}},
		"on another path":      {"arn:aws:iam::111122223333:role/HyperPod", fakeIAM{arn: roleARN, trust: trusting(allow)}, []string{"error role-not-found"}},
		"in another account":   {"arn:aws:iam::444455556666:role/service/HyperPod", fakeIAM{arn: roleARN, trust: trusting(allow)}, []string{"error role-not-found"}},
		"no role":              {"arn:aws:iam::111122223333:user/Admin", fakeIAM{}, []string{"error role-arn"}},
		"not allowed to look":  {roleARN, fakeIAM{err: apiError("AccessDenied")}, []string{"unknown role-not-found"}},
		"anything but a write": {roleARN, fakeIAM{arn: roleARN, trust: trusting(`{"Effect":"Allow","Principal":{"AWS":"*"},"NotAction":"sts:TagSession"}`)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := preflight.Roles{API: tt.api}.CheckRole(t.Context(), hyperpod.RoleUse{ARN: tt.arn, Service: "sagemaker.amazonaws.com", Path: "Path"})
			requireFindings(t, tt.want, found, err)
		})
	}
	_, err := preflight.Roles{API: fakeIAM{arn: roleARN, trust: "{"}}.CheckRole(t.Context(), hyperpod.RoleUse{ARN: roleARN})
	require.Error(t, err, "a policy that cannot be read")
}

func TestNetwork(t *testing.T) {
	train := hyperpod.GroupInstances{Group: "train", Types: []string{"ml.p5.48xlarge"}, Count: 8}
	login := hyperpod.GroupInstances{Group: "login", Types: []string{"ml.c5.2xlarge"}, Count: 2}
	for name, tt := range map[string]struct {
		change func(*fakeEC2, *hyperpod.NetworkUse)
		want   []string
	}{
		"fit": {nil, nil},
		"subnet not there": {func(f *fakeEC2, _ *hyperpod.NetworkUse) {
			f.subnets = f.subnets[1:]
			f.subnets[0].AvailableIpAddressCount = aws.Int32(100)
			f.offerings[1].Location = aws.String("us-west-2b")
		}, []string{"error subnet-not-found"}},
		"subnets of two VPCs": {func(f *fakeEC2, _ *hyperpod.NetworkUse) { f.subnets[1].VpcId = aws.String("vpc-2") }, []string{"error subnet-vpc"}},
		"security group not there": {func(_ *fakeEC2, use *hyperpod.NetworkUse) {
			use.SecurityGroups = append(use.SecurityGroups, "sg-9")
		}, []string{"error security-group-not-found"}},
		"security group of another VPC": {func(f *fakeEC2, _ *hyperpod.NetworkUse) { f.groups[0].VpcId = aws.String("vpc-2") }, []string{"error security-group-vpc"}},
		"just enough addresses":         {func(_ *fakeEC2, use *hyperpod.NetworkUse) { use.Groups[0].Count = 14 }, nil},
		"one address too few":           {func(_ *fakeEC2, use *hyperpod.NetworkUse) { use.Groups[0].Count = 15 }, []string{"error subnet-addresses"}},
		"what is there has addresses": {func(_ *fakeEC2, use *hyperpod.NetworkUse) {
			use.Groups[0].Count, use.Groups[0].Before = 100, 90
		}, nil},
		"type not in the zones": {func(f *fakeEC2, _ *hyperpod.NetworkUse) { f.offerings[0].Location = aws.String("us-west-2d") }, []string{"warning subnet-zone"}},
		"type that EC2 does not know": {func(_ *fakeEC2, use *hyperpod.NetworkUse) {
			use.Groups[1].Types = []string{"ml.q9.large"}
		}, []string{"unknown subnet-zone"}},
		"no rule from itself": {func(f *fakeEC2, _ *hyperpod.NetworkUse) { f.groups[0].IpPermissions = all("sg-0") }, []string{"error efa-security-group"}},
		"no rule to itself": {func(f *fakeEC2, _ *hyperpod.NetworkUse) {
			f.groups[0].IpPermissionsEgress = []ec2types.IpPermission{{IpProtocol: aws.String("-1"), IpRanges: []ec2types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}}}}
		}, []string{"error efa-security-group"}},
		"a rule for one protocol": {func(f *fakeEC2, _ *hyperpod.NetworkUse) { f.groups[0].IpPermissions[0].IpProtocol = aws.String("tcp") }, []string{"error efa-security-group"}},
		"each half in another group": {func(f *fakeEC2, use *hyperpod.NetworkUse) {
			f.groups[0].IpPermissionsEgress = nil
			f.groups = append(f.groups, ec2types.SecurityGroup{GroupId: aws.String("sg-2"), VpcId: aws.String("vpc-1"), IpPermissionsEgress: all("sg-2")})
			use.SecurityGroups = append(use.SecurityGroups, "sg-2")
		}, []string{"error efa-security-group"}},
		"no EFA, no rule needed": {func(f *fakeEC2, use *hyperpod.NetworkUse) {
			f.groups[0].IpPermissions, use.Groups = nil, use.Groups[1:]
		}, nil},
		"EFA asked for": {func(f *fakeEC2, use *hyperpod.NetworkUse) {
			f.groups[0].IpPermissions, use.Groups = nil, use.Groups[1:]
			use.Groups[0].Interface = "efa"
		}, []string{"error efa-security-group"}},
		"not allowed to look at subnets": {func(f *fakeEC2, _ *hyperpod.NetworkUse) {
			f.errs["DescribeSubnets"] = apiError("UnauthorizedOperation")
		}, []string{"unknown subnet-not-found"}},
		"not allowed to look at offerings": {func(f *fakeEC2, _ *hyperpod.NetworkUse) {
			f.errs["DescribeInstanceTypeOfferings"] = apiError("UnauthorizedOperation")
		}, []string{"unknown subnet-zone"}},
	} {
		t.Run(name, func(t *testing.T) {
			api := goodNetwork()
			use := hyperpod.NetworkUse{Subnets: []string{subnet1, subnet2}, SecurityGroups: []string{group1}, Groups: []hyperpod.GroupInstances{train, login}, Path: "Path"}
			if tt.change != nil {
				tt.change(api, &use)
			}
			found, err := preflight.Network{API: api}.CheckNetwork(t.Context(), use)
			requireFindings(t, tt.want, found, err)
		})
	}
	for _, operation := range []string{"DescribeSubnets", "DescribeSecurityGroups", "DescribeInstanceTypes", "DescribeInstanceTypeOfferings"} {
		api := goodNetwork()
		api.errs[operation] = apiError("InternalError")
		_, err := preflight.Network{API: api}.CheckNetwork(t.Context(), hyperpod.NetworkUse{Subnets: []string{subnet1}, SecurityGroups: []string{group1}, Groups: []hyperpod.GroupInstances{train}})
		require.ErrorIs(t, err, api.errs[operation], operation)
	}
}

func TestEKS(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*ekstypes.Cluster)
		arn    string
		image  string // its Kubernetes version
		err    error
		want   []string
	}{
		"fit":                      {image: "1.32"},
		"nothing known of image":   {},
		"image one minor behind":   {image: "1.31"},
		"image two minors behind":  {image: "1.30", want: []string{"warning eks-version-skew"}},
		"image newer":              {image: "1.33", want: []string{"warning eks-version-skew"}},
		"updating":                 {change: func(c *ekstypes.Cluster) { c.Status = ekstypes.ClusterStatusUpdating }, want: []string{"error eks-status"}},
		"ConfigMap":                {change: func(c *ekstypes.Cluster) { c.AccessConfig.AuthenticationMode = ekstypes.AuthenticationModeConfigMap }, want: []string{"error eks-authentication"}},
		"API":                      {change: func(c *ekstypes.Cluster) { c.AccessConfig.AuthenticationMode = ekstypes.AuthenticationModeApi }},
		"a mode of next year":      {change: func(c *ekstypes.Cluster) { c.AccessConfig.AuthenticationMode = "NEXT" }, want: []string{"unknown eks-authentication"}},
		"no mode told":             {change: func(c *ekstypes.Cluster) { c.AccessConfig = nil }, want: []string{"unknown eks-authentication"}},
		"oldest version":           {change: func(c *ekstypes.Cluster) { c.Version = aws.String("1.30") }},
		"older than that":          {change: func(c *ekstypes.Cluster) { c.Version = aws.String("1.29") }, want: []string{"warning eks-version"}},
		"newest version":           {change: func(c *ekstypes.Cluster) { c.Version = aws.String("1.35") }},
		"newer than that":          {change: func(c *ekstypes.Cluster) { c.Version = aws.String("1.36") }, want: []string{"warning eks-version"}},
		"no version told":          {change: func(c *ekstypes.Cluster) { c.Version = nil }, want: []string{"unknown eks-version"}},
		"not there":                {err: apiError("ResourceNotFoundException"), want: []string{"error eks-not-found"}},
		"not allowed to look":      {err: apiError("AccessDeniedException"), want: []string{"unknown eks-not-found"}},
		"of the name in elsewhere": {arn: "arn:aws:eks:us-east-1:111122223333:cluster/example-eks", want: []string{"error eks-not-found"}},
		"no cluster":               {arn: "arn:aws:eks:us-east-1:111122223333:nodegroup/x", want: []string{"error eks-arn"}},
	} {
		t.Run(name, func(t *testing.T) {
			cluster := goodEKS()
			if tt.change != nil {
				tt.change(cluster)
			}
			names := goodNetwork()
			names.images = []ec2types.Image{{ImageId: aws.String("ami-1"), ImageOwnerAlias: aws.String("amazon"), Name: aws.String("HyperPod EKS " + tt.image + " x86_64 AMI Amazon Linux 2023 2026080407")}}
			check := preflight.EKS{API: fakeEKS{cluster: cluster, err: tt.err}, Version: preflight.ImageNames{API: names}.Version}
			use := hyperpod.EKSUse{ClusterARN: eksARN, Images: []string{"default", "ami-1"}, Path: "Path"}
			if tt.arn != "" {
				use.ClusterARN = tt.arn
			}
			found, err := check.CheckEKS(t.Context(), use)
			requireFindings(t, tt.want, found, err)
		})
	}
}

func TestImageNames(t *testing.T) {
	api := goodNetwork()
	image := func(id, name, alias, source string) {
		api.images = append(api.images, ec2types.Image{ImageId: aws.String(id), Name: aws.String(name), ImageOwnerAlias: aws.String(alias), SourceImageId: aws.String(source)})
	}
	image("ami-public", "HyperPod EKS 1.32 x86_64 AMI Amazon Linux 2023 2026080407", "amazon", "")
	image("ami-child", "golden", "", "ami-public")
	image("ami-grandchild", "golden-2", "", "ami-child")
	image("ami-great", "golden-3", "", "ami-grandchild")
	image("ami-slurm", "HyperPod Slurm x86_64 AMI", "amazon", "")
	image("ami-fake", "HyperPod EKS 1.31 x86_64", "", "")
	image("ami-loop", "golden", "", "ami-loop")
	for id, want := range map[string]string{
		"ami-public": "1.32", "ami-child": "1.32", "ami-grandchild": "1.32", "ami-great": "", "ami-slurm": "", "ami-fake": "", "ami-loop": "", "ami-gone": "", "default": "",
	} {
		version, err := preflight.ImageNames{API: api}.Version(t.Context(), id)
		require.NoError(t, err)
		assert.Equal(t, want, version, id)
	}
	api.errs["DescribeImages"] = apiError("UnauthorizedOperation")
	found, err := preflight.EKS{API: fakeEKS{cluster: goodEKS()}, Version: preflight.ImageNames{API: api}.Version}.CheckEKS(t.Context(),
		hyperpod.EKSUse{ClusterARN: eksARN, Images: []string{ami}, Path: "Path"})
	requireFindings(t, []string{"unknown eks-version-skew"}, found, err)
}

func TestQuotas(t *testing.T) {
	allowed := fakeQuotas{
		defaults: map[string]float64{
			"L-2CE978FC per cluster": 20, "L-3308CCC7 in all": 30, "L-E13DF72A volume": 1024, "L-97A2C724 spot": 0,
			"ml.p5.48xlarge for cluster usage": 0, "ml.c5.2xlarge for cluster usage": 4, "ml.c5.4xlarge for cluster usage": 2,
			"ml.g5.xlarge for cluster usage": -1,
		},
		applied: map[string]float64{"ml.p5.48xlarge for cluster usage": 8, "L-E13DF72A volume": 2048},
	}
	group := func(count int32, types ...string) hyperpod.GroupInstances {
		return hyperpod.GroupInstances{Group: "g", Types: types, Count: count}
	}
	for name, tt := range map[string]struct {
		groups []hyperpod.GroupInstances
		err    error
		want   []string
	}{
		"within all":                     {groups: []hyperpod.GroupInstances{group(8, "ml.p5.48xlarge"), group(4, "ml.c5.2xlarge")}},
		"one too many of a type":         {groups: []hyperpod.GroupInstances{group(9, "ml.p5.48xlarge")}, want: []string{"error quota"}},
		"one too many in two groups":     {groups: []hyperpod.GroupInstances{group(4, "ml.p5.48xlarge"), group(5, "ml.p5.48xlarge")}, want: []string{"error quota"}},
		"flexible, within the sum":       {groups: []hyperpod.GroupInstances{group(6, "ml.c5.2xlarge", "ml.c5.4xlarge")}},
		"flexible, above the sum":        {groups: []hyperpod.GroupInstances{group(7, "ml.c5.2xlarge", "ml.c5.4xlarge")}, want: []string{"error quota"}},
		"flexible, with an unknown type": {groups: []hyperpod.GroupInstances{group(7, "ml.c5.2xlarge", "ml.q9.large")}},
		"unknown type":                   {groups: []hyperpod.GroupInstances{group(1, "ml.q9.large")}, want: []string{"unknown quota"}},
		"more than a cluster may have":   {groups: []hyperpod.GroupInstances{{Types: []string{"ml.p5.48xlarge"}, Count: 21, TrainingPlan: "arn"}}, want: []string{"error quota"}},
		"more than all clusters may":     {groups: []hyperpod.GroupInstances{{Types: []string{"ml.p5.48xlarge"}, Count: 31, TrainingPlan: "arn"}}, want: []string{"error quota", "error quota"}},
		"in a training plan":             {groups: []hyperpod.GroupInstances{{Types: []string{"ml.p5.48xlarge"}, Count: 20, TrainingPlan: "arn"}}},
		"Spot":                           {groups: []hyperpod.GroupInstances{{Types: []string{"ml.c5.2xlarge"}, Count: 1, Spot: true}}, want: []string{"error quota"}},
		"a volume too large":             {groups: []hyperpod.GroupInstances{{Types: []string{"ml.c5.2xlarge"}, Count: 1, VolumeGB: 2049}}, want: []string{"error quota"}},
		"a volume above the default":     {groups: []hyperpod.GroupInstances{{Types: []string{"ml.c5.2xlarge"}, Count: 1, VolumeGB: 2048}}},
		"flexible, a quota untold":       {groups: []hyperpod.GroupInstances{group(7, "ml.c5.2xlarge", "ml.g5.xlarge")}},
		"not allowed to look":            {err: apiError("AccessDeniedException"), want: []string{"unknown quota"}},
	} {
		t.Run(name, func(t *testing.T) {
			api := allowed
			api.err = tt.err
			found, err := preflight.Quotas{API: api}.CheckQuotas(t.Context(), hyperpod.QuotaUse{Groups: tt.groups, Path: "Path"})
			requireFindings(t, tt.want, found, err)
		})
	}
}

func TestOnlyWhatHasAClientIsChecked(t *testing.T) {
	assert.Equal(t, hyperpod.Preflights{}, preflight.Clients{}.Preflights())
	full := preflight.FromConfig(aws.Config{Region: "us-west-2"}).Preflights()
	assert.NotNil(t, full.Lifecycle)
	assert.NotNil(t, full.Roles)
	assert.NotNil(t, full.Network)
	assert.NotNil(t, full.EKS)
	assert.NotNil(t, full.Quotas)
}
