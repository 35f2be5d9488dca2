package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/amishare"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

// The tag that the story's cluster is created with, and by which its policy knows it.
const (
	tagKey   = "project"
	tagValue = "hyperpodkit-quickstart"
)

// generatePolicies prints two policies: whoever rolls AMIs should not be the one who
// allows them.
func (s *story) generatePolicies(context.Context) error {
	role, err := arn.Parse(s.names.role)
	if err != nil {
		return fmt.Errorf("execution role %q: %w", s.names.role, err)
	}
	scope := policy.Scope{
		Partition: role.Partition, Region: s.region, Account: role.AccountID,
		Clusters:       policy.ClusterTag(tagKey, tagValue),
		Orchestrator:   policy.EKS(s.names.eksCluster),
		ExecutionRoles: []string{s.names.role},
	}
	operator, err := policy.Generate(scope,
		policy.CheckImage, policy.CreateCluster, policy.UpdateGroups, policy.RollImage, policy.DeleteCluster)
	if err != nil {
		return err
	}
	approver, err := policy.Generate(scope, policy.CheckImage, policy.TagForSharing)
	if err != nil {
		return err
	}
	s.printf("For the role that runs clusters:\n%sFor the role that allows AMIs:\n%s", operator, approver)
	return nil
}

// images are the AMIs that the story uses.
func (s *story) images() []string {
	ids := []string{s.names.image, s.names.next}
	if s.names.broken != "" {
		ids = append(ids, s.names.broken)
	}
	return ids
}

// check looks at all AMIs at once.
func (s *story) check(ctx context.Context) (*amishare.Report, error) {
	var uses []hyperpodkit.ImageUse
	for _, id := range s.images() {
		uses = append(uses, hyperpodkit.ImageUse{
			Image: id, InstanceTypes: []string{string(s.names.instanceType)}, Orchestrator: "eks", Region: s.region,
		})
	}
	report, err := s.checker.Check(ctx, uses...)
	s.printf("%s", report)
	return report, err
}

// checkImages notes the AMIs that lack the tag, which can be cured. Any other error
// that the check finds cannot.
func (s *story) checkImages(ctx context.Context) error {
	report, err := s.check(ctx)
	if err != nil {
		return err
	}
	for _, image := range report.Images {
		for _, f := range image.Findings {
			switch {
			case f.Level != hyperpodkit.Error:
			case f.Rule != amishare.RuleImageTag && f.Rule != amishare.RuleSnapshotTag:
				return fmt.Errorf("AMI %s cannot be used: %s", image.Use.Image, f)
			case !slices.Contains(s.untagged, image.Use.Image):
				s.untagged = append(s.untagged, image.Use.Image)
			}
		}
	}
	return nil
}

func (s *story) tagImages(ctx context.Context) error {
	for _, id := range s.untagged {
		if err := s.consent(ctx, fmt.Sprintf("Tag %s and its snapshots, to allow sharing them with HyperPod", id)); err != nil {
			return err
		}
		report, err := s.tagger.TagForSharing(ctx, id)
		s.printf("%s\n", report)
		if err != nil {
			return err
		}
	}
	report, err := s.check(ctx)
	switch {
	case err != nil:
		return err
	case !report.OK():
		return fmt.Errorf("the check still finds errors after %d of the AMIs were tagged", len(s.untagged))
	default:
		return nil
	}
}
