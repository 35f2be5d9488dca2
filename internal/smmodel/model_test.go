package smmodel

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// inputs are the SDK's inputs of the operations in the table.
var inputs = map[string]any{
	"AddTags":                  sagemaker.AddTagsInput{},
	"BatchAddClusterNodes":     sagemaker.BatchAddClusterNodesInput{},
	"BatchDeleteClusterNodes":  sagemaker.BatchDeleteClusterNodesInput{},
	"BatchRebootClusterNodes":  sagemaker.BatchRebootClusterNodesInput{},
	"BatchReplaceClusterNodes": sagemaker.BatchReplaceClusterNodesInput{},
	"CreateCluster":            sagemaker.CreateClusterInput{},
	"DeleteCluster":            sagemaker.DeleteClusterInput{},
	"DeleteTags":               sagemaker.DeleteTagsInput{},
	"DescribeCluster":          sagemaker.DescribeClusterInput{},
	"DescribeClusterEvent":     sagemaker.DescribeClusterEventInput{},
	"DescribeClusterNode":      sagemaker.DescribeClusterNodeInput{},
	"ListClusterEvents":        sagemaker.ListClusterEventsInput{},
	"ListClusterNodes":         sagemaker.ListClusterNodesInput{},
	"ListClusters":             sagemaker.ListClustersInput{},
	"ListTags":                 sagemaker.ListTagsInput{},
	"StartClusterHealthCheck":  sagemaker.StartClusterHealthCheckInput{},
	"UpdateCluster":            sagemaker.UpdateClusterInput{},
	"UpdateClusterSoftware":    sagemaker.UpdateClusterSoftwareInput{},
}

// The table and the SDK must name the same members: a member that the SDK gains is
// seen here before it goes unchecked.
func TestTableCoversSDK(t *testing.T) {
	m := load()
	seen := map[string]bool{}
	for op, in := range inputs {
		require.Contains(t, m.Inputs, op)
		coverStruct(t, m, m.Inputs[op], reflect.TypeOf(in), seen)
	}
	assert.Len(t, m.Inputs, len(inputs))
	for name := range m.Shapes {
		assert.True(t, seen[name], "shape %s is in the table but in no input of the SDK", name)
	}
}

func coverStruct(t *testing.T, m *model, name string, typ reflect.Type, seen map[string]bool) {
	t.Helper()
	if seen[name] {
		return
	}
	seen[name] = true
	s := m.Shapes[name]
	require.NotNil(t, s, name)
	var fields []string
	for f := range typ.Fields() {
		if !f.IsExported() || f.Name == "ResultMetadata" {
			continue
		}
		fields = append(fields, f.Name)
		if target, known := s.Members[f.Name]; assert.True(t, known, "%s.%s is not in the table", name, f.Name) {
			cover(t, m, target, f.Type, seen)
		}
	}
	for member := range s.Members {
		assert.Contains(t, fields, member, "%s.%s is in the table but not in the SDK", name, member)
	}
}

func cover(t *testing.T, m *model, name string, typ reflect.Type, seen map[string]bool) {
	t.Helper()
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	s := m.Shapes[name]
	require.NotNil(t, s, name)
	switch s.Type {
	case structureKind:
		if !s.Union {
			coverStruct(t, m, name, typ, seen)
			return
		}
		seen[name] = true
		for member, target := range s.Members {
			v, ok := unionMembers[name+"."+member]
			require.True(t, ok, "union member %s.%s has no type of the SDK in this test", name, member)
			f, _ := reflect.TypeOf(v).FieldByName("Value")
			cover(t, m, target, f.Type, seen)
		}
	case listKind:
		seen[name] = true
		require.Equal(t, reflect.Slice, typ.Kind(), name)
		cover(t, m, s.Member, typ.Elem(), seen)
	case mapKind:
		seen[name] = true
		cover(t, m, s.Key, typ.Key(), seen)
		cover(t, m, s.Value, typ.Elem(), seen)
	case stringKind:
		seen[name] = true
		require.Equal(t, reflect.String, typ.Kind(), name)
		values := reflect.Zero(typ).MethodByName("Values")
		require.Equal(t, len(s.Enum) > 0, values.IsValid(), "%s: enum in one of table and SDK only", name)
		if values.IsValid() {
			var want []string
			all := values.Call(nil)[0]
			for i := range all.Len() {
				want = append(want, all.Index(i).String())
			}
			assert.ElementsMatch(t, want, s.Enum, "values of %s: A has the SDK's, B the table's", name)
		}
	case integerKind:
		seen[name] = true
		require.Contains(t, []reflect.Kind{reflect.Int32, reflect.Int64}, typ.Kind(), name)
	case booleanKind, timestampKind:
		seen[name] = true
	default:
		t.Fatalf("%s has type %s", name, s.Type)
	}
}

var unionMembers = map[string]any{
	"ClusterInstanceStorageConfig.EbsVolumeConfig":  types.ClusterInstanceStorageConfigMemberEbsVolumeConfig{},
	"ClusterInstanceStorageConfig.FsxLustreConfig":  types.ClusterInstanceStorageConfigMemberFsxLustreConfig{},
	"ClusterInstanceStorageConfig.FsxOpenZfsConfig": types.ClusterInstanceStorageConfigMemberFsxOpenZfsConfig{},
}

func TestEveryPatternHasAMatcher(t *testing.T) {
	used := map[string]bool{}
	for name, s := range load().Shapes {
		if s.Pattern != "" {
			used[s.Pattern] = true
			assert.Contains(t, forms, s.Pattern, name)
		}
	}
	for p := range forms {
		assert.True(t, used[p], "matcher without a shape: %s", p)
	}
}

// expressions are the patterns as package regexp takes them.
func expressions() map[string]*regexp.Regexp {
	out := map[string]*regexp.Regexp{}
	for p := range forms {
		// The one look-ahead, "not only white space", in other words.
		if q, ok := strings.CutPrefix(p, `(?!\s*$)`); ok {
			p2 := `[^\n]*[^\s\v][^\n]*`
			_ = q
			out[p] = regexp.MustCompile(`^(?:` + p2 + `)$`)
			continue
		}
		out[p] = regexp.MustCompile(`^(?:` + p + `)$`)
	}
	return out
}

var samples = []string{
	"", " ", "\n", "a", "A-b", "-a", "a-", "a--b", "0", "workers-1", "ami-0123456789abcdef0", "ami-0123", "ami-0123456g", "default",
	"ami-0123456789abcdef01", "AMI-01234567", "1.2.3", "1.2", "1..3", "1.2.3.4", "s3://b", "s3:///k", "https://b/k", "http://b/k", "s3://b/k\n",
	"i-01234567", "i-0123456789abcdef0", "i-012345678", "us-west-2a", "us-west-22", "u-w-2a", "fs-01234567.fsx.x", "fc-0.abcd", "fci-01234567.abcd",
	"arn:aws:iam::111122223333:role/Admin", "arn:aws:iam::111122223333:roleX", "arn:aws:iam::1111:role/Admin", "arn:aws:iam:us-west-2:111122223333:role/A",
	"arn:aws-cn:eks:cn-north-1:111122223333:cluster/c", "arn:aws:eks:us-west-2:111122223333:cluster/", "arn:aws:eks:us-west-2:111122223333:cluster/-a",
	"arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghijkl", "arn:aws:sagemaker:us-west-2:111122223333:cluster/abc",
	"arn:aws:sagemaker:us-west-2:111122223333:training-plan/x", "arn:aws:sagemaker:us-west-2:111122223333:",
	"01234567-89ab-cdef-0123-456789abcdef", "example.com/name", "a..b/c", "a_b", "/mnt/x", "/", "a/b/c", "-a.b/c", "ümlaut", "Key=Value", "tab\tkey",
	strings.Repeat("a", 63), strings.Repeat("a", 64), strings.Repeat("a-", 62) + "a", "ABCDEFGH", "ABCDEFGHI", "x\xff", "�",
}

func TestMatchersAgreeWithTheirExpressions(t *testing.T) {
	for pattern, re := range expressions() {
		for _, s := range samples {
			assert.Equal(t, re.MatchString(s), forms[pattern].match(s), "pattern %s on %q", pattern, s)
		}
	}
}

func FuzzMatchers(f *testing.F) {
	for _, s := range samples {
		f.Add(s)
	}
	all := expressions()
	f.Fuzz(func(t *testing.T, s string) {
		for pattern, re := range all {
			if re.MatchString(s) != forms[pattern].match(s) {
				t.Errorf("pattern %s on %q: expression says %t", pattern, s, re.MatchString(s))
			}
		}
	})
}

func group() types.ClusterInstanceGroupSpecification {
	return types.ClusterInstanceGroupSpecification{
		InstanceGroupName: aws.String("workers"),
		InstanceCount:     aws.Int32(2),
		InstanceType:      types.ClusterInstanceTypeMlC52xlarge,
		ExecutionRole:     aws.String("arn:aws:iam::111122223333:role/Admin"),
		InstanceStorageConfigs: []types.ClusterInstanceStorageConfig{
			&types.ClusterInstanceStorageConfigMemberEbsVolumeConfig{Value: types.ClusterEbsVolumeConfig{VolumeSizeInGB: aws.Int32(200)}},
		},
		KubernetesConfig: &types.ClusterKubernetesConfig{Labels: map[string]string{"team": "a"}},
	}
}

func TestViolations(t *testing.T) {
	tests := []struct {
		name string
		edit func(*sagemaker.CreateClusterInput)
		path string
		rule Rule
	}{
		{"required", func(in *sagemaker.CreateClusterInput) { in.ClusterName = nil }, "ClusterName", Required},
		{"pattern", func(in *sagemaker.CreateClusterInput) { in.ClusterName = aws.String("no_underscore") }, "ClusterName", Pattern},
		{"length", func(in *sagemaker.CreateClusterInput) { in.ClusterName = aws.String(strings.Repeat("x", 64)) }, "ClusterName", Length},
		{"empty list", func(in *sagemaker.CreateClusterInput) { in.InstanceGroups = in.InstanceGroups[:0] }, "InstanceGroups", Length},
		{"range below", func(in *sagemaker.CreateClusterInput) { in.InstanceGroups[0].InstanceCount = aws.Int32(-1) }, "InstanceGroups[0].InstanceCount", Range},
		{"range above", func(in *sagemaker.CreateClusterInput) { in.InstanceGroups[0].InstanceCount = aws.Int32(6759) }, "InstanceGroups[0].InstanceCount", Range},
		{"enum", func(in *sagemaker.CreateClusterInput) { in.InstanceGroups[0].InstanceType = "ml.z9.huge" }, "InstanceGroups[0].InstanceType", Enum},
		{"inside a union", func(in *sagemaker.CreateClusterInput) {
			in.InstanceGroups[0].InstanceStorageConfigs = []types.ClusterInstanceStorageConfig{
				&types.ClusterInstanceStorageConfigMemberEbsVolumeConfig{Value: types.ClusterEbsVolumeConfig{VolumeSizeInGB: aws.Int32(0)}},
			}
		}, "InstanceGroups[0].InstanceStorageConfigs[0].EbsVolumeConfig.VolumeSizeInGB", Range},
		{"nil union", func(in *sagemaker.CreateClusterInput) {
			in.InstanceGroups[0].InstanceStorageConfigs = []types.ClusterInstanceStorageConfig{nil}
		}, "InstanceGroups[0].InstanceStorageConfigs[0]", Union},
		{"map key", func(in *sagemaker.CreateClusterInput) {
			in.InstanceGroups[0].KubernetesConfig.Labels = map[string]string{"-bad": "a"}
		}, `InstanceGroups[0].KubernetesConfig.Labels["-bad"]`, Pattern},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := &sagemaker.CreateClusterInput{ClusterName: aws.String("c"), InstanceGroups: []types.ClusterInstanceGroupSpecification{group()}}
			require.Empty(t, Operation("CreateCluster", in))
			tt.edit(in)
			found := Operation("CreateCluster", in)
			require.Len(t, found, 1)
			assert.Equal(t, tt.path, found[0].Path)
			assert.Equal(t, tt.rule, found[0].Rule)
			assert.Contains(t, found[0].String(), tt.path)
		})
	}
}

func TestEverythingIsReportedAtOnce(t *testing.T) {
	g := group()
	g.InstanceGroupName, g.InstanceCount, g.ImageId = aws.String("_"), nil, aws.String("ami-1")
	found := Shape("ClusterInstanceGroupSpecification", "InstanceGroups[3]", g)
	paths := make([]string, 0, len(found))
	for _, v := range found {
		paths = append(paths, v.Path)
	}
	slices.Sort(paths)
	assert.Equal(t, []string{"InstanceGroups[3].ImageId", "InstanceGroups[3].InstanceCount", "InstanceGroups[3].InstanceGroupName"}, paths)
}
