package hyperpod

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/schemas"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/internal/smwire"
)

// ReadSpec reads a specification from JSON in the API's own shape: the body of
// CreateCluster, as the AWS CLI's option --cli-input-json takes it.
//
//	spec, err := hyperpod.ReadSpec(file)
//	...
//	report, err := hp.Cluster(spec.ClusterName).Create(ctx, spec)
//
// The file means what it means to the API. In particular a file without
// NodeProvisioningMode asks for none, so that Spec.NonContinuous is set, and one without
// Orchestrator for a cluster on Slurm. A member that is null is absent.
//
// Every place where the file differs from the API's shape is found at once, and is
// named by its path in an [*InvalidError]: members that the API does not have or that
// are given twice, values of another type, unions without exactly one member. Whether
// the values are right is checked when the specification is used.
func ReadSpec(r io.Reader) (Spec, error) {
	document, err := io.ReadAll(r)
	if err != nil {
		return Spec{}, fmt.Errorf("read a cluster specification: %w", err)
	}
	spec, err := parseSpec(document)
	if err != nil {
		return Spec{}, fmt.Errorf("read a cluster specification: %w", err)
	}
	return spec, nil
}

// UnmarshalJSON implements [json.Unmarshaler]: it replaces the specification, Input
// included, by what [ReadSpec] would read. On an error it stays as it was.
func (s *Spec) UnmarshalJSON(document []byte) error {
	if bytes.Equal(document, []byte("null")) {
		return nil
	}
	spec, err := parseSpec(document)
	if err != nil {
		return err
	}
	*s = spec
	return nil
}

// MarshalJSON implements [json.Marshaler]: the request that Create would send to a
// handle of ClusterName, Input's edits included, unchecked. Without a ClusterName the
// member is left out.
func (s Spec) MarshalJSON() ([]byte, error) {
	in := s.input(s.ClusterName)
	for i := range in.InstanceGroups {
		if err := writable(in.InstanceGroups[i].InstanceGroupName, in.InstanceGroups[i].InstanceStorageConfigs); err != nil {
			return nil, err
		}
	}
	for i := range in.RestrictedInstanceGroups {
		if err := writable(in.RestrictedInstanceGroups[i].InstanceGroupName, in.RestrictedInstanceGroups[i].InstanceStorageConfigs); err != nil {
			return nil, err
		}
	}
	return encode(in)
}

func parseSpec(document []byte) (Spec, error) {
	body, findings, err := smwire.Conform(document, schemas.CreateClusterRequest)
	if err != nil {
		return Spec{}, err
	}
	var in sagemaker.CreateClusterInput
	if err := smwire.Fill(body, &in); err != nil && len(findings) == 0 {
		return Spec{}, err
	}
	for _, f := range unspeakable(&in) {
		// What could not be read is told already, and looks as if it were missing.
		if !slices.ContainsFunc(findings, func(known hyperpodkit.Finding) bool { return within(f.Path, known.Path) }) {
			findings = append(findings, f)
		}
	}
	if len(findings) > 0 {
		return Spec{}, &InvalidError{Findings: findings}
	}
	return specOf(&in), nil
}

// within tells whether a path is another or leads below it.
func within(path, above string) bool {
	rest, below := strings.CutPrefix(path, above)
	return below && (rest == "" || above == "" || rest[0] == '.' || rest[0] == '[')
}

// specOf is the specification that makes a request. The request is kept.
func specOf(in *sagemaker.CreateClusterInput) Spec {
	s := Spec{
		ClusterName:            aws.ToString(in.ClusterName),
		RestrictedGroups:       in.RestrictedInstanceGroups,
		RestrictedGroupsConfig: in.RestrictedInstanceGroupsConfig,
		Orchestrator:           Orchestrator{config: in.Orchestrator, left: in.Orchestrator == nil},
		NonContinuous:          in.NodeProvisioningMode == "",
		NodeRecovery:           in.NodeRecovery,
		AutoScaling:            in.AutoScaling,
		ClusterRole:            aws.ToString(in.ClusterRole),
		TieredStorage:          in.TieredStorageConfig,
	}
	for _, g := range in.InstanceGroups {
		s.Groups = append(s.Groups, Group{spec: g})
	}
	if v := in.VpcConfig; v != nil {
		s.VPC = VPC{Subnets: v.Subnets, SecurityGroups: v.SecurityGroupIds}
		if v.Subnets == nil && v.SecurityGroupIds == nil {
			s.VPC.Subnets = []string{} // a network is given, though an empty one
		}
	}
	if in.Tags != nil {
		s.Tags = make(map[string]string, len(in.Tags))
	}
	for _, tag := range in.Tags {
		s.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return s
}

// unspeakable finds what the API's shape has room for and a specification has not: it
// would be lost on the way. The service refuses all of it.
func unspeakable(in *sagemaker.CreateClusterInput) []hyperpodkit.Finding {
	var findings []hyperpodkit.Finding
	refuse := func(rule, path, found, fix string) {
		findings = append(findings, hyperpodkit.Finding{Level: hyperpodkit.Error, Rule: rule, Path: path, Found: found, Fix: fix})
	}
	if in.ClusterName != nil && *in.ClusterName == "" {
		refuse("json-empty", "ClusterName", "the value is empty", "leave the member out, or give it a value")
	}
	if in.ClusterRole != nil && *in.ClusterRole == "" {
		refuse("json-empty", "ClusterRole", "the value is empty", "leave the member out, or give it a value")
	}
	if mode := in.NodeProvisioningMode; mode != "" && mode != types.ClusterNodeProvisioningModeContinuous {
		refuse("model-enum", "NodeProvisioningMode", fmt.Sprintf("%q is not a known value", mode), "use Continuous, or leave the member out")
	}
	seen := map[string]bool{}
	for i, tag := range in.Tags {
		path := fmt.Sprintf("Tags[%d]", i)
		switch {
		case tag.Key == nil:
			refuse("model-required", path+".Key", "missing", "give it a value")
		case seen[*tag.Key]:
			refuse("unique-tags", path+".Key", fmt.Sprintf("%q is the key of another tag", *tag.Key), "remove one")
		}
		if tag.Value == nil {
			refuse("model-required", path+".Value", "missing", "give it a value")
		}
		seen[aws.ToString(tag.Key)] = true
	}
	return findings
}
