package amisharetest

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/hyperpodkit/hyperpodkit/policy"
)

// Limits of tags (EC2 User Guide, "Tag restrictions").
const (
	maxTags        = 50
	maxTagKey      = 128
	maxTagValue    = 256
	maxTagged      = 1000
	reservedPrefix = "aws:"
)

func createTags(r *request, in *ec2.CreateTagsInput) (*ec2.CreateTagsOutput, func(), error) {
	asked := requestTags(in.Tags)
	if err := r.allow("CreateTags", r.taggable(in.Resources, func(id string) policy.Resource {
		return r.imageResource(id, asked)
	}, func(id string) policy.Resource {
		return r.snapshotResource(id, asked, r.encryption(id))
	})...); err != nil {
		return nil, nil, err
	}
	if len(in.Tags) == 0 {
		return nil, nil, missing("Tag")
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, nil, err
	}
	resources, err := r.resources(in.Resources)
	if err != nil {
		return nil, nil, err
	}
	for i, on := range resources {
		after := maps.Clone(on[r.account])
		if after == nil {
			after = map[string]string{}
		}
		for _, t := range in.Tags {
			after[aws.ToString(t.Key)] = aws.ToString(t.Value)
		}
		if len(after) > maxTags {
			return nil, nil, refuse("TagLimitExceeded", "%s would have %d tags, more than the limit of %d", in.Resources[i], len(after), maxTags)
		}
	}
	return &ec2.CreateTagsOutput{}, func() {
		for _, on := range resources {
			for _, t := range in.Tags {
				on.set(r.account, aws.ToString(t.Key), aws.ToString(t.Value))
			}
		}
	}, nil
}

func deleteTags(r *request, in *ec2.DeleteTagsInput) (*ec2.DeleteTagsOutput, func(), error) {
	asked := requestTags(in.Tags)
	if err := r.allow("DeleteTags", r.taggable(in.Resources, func(id string) policy.Resource {
		return onlyTags(r.imageResource(id), asked)
	}, func(id string) policy.Resource {
		return onlyTags(r.snapshotResource(id), asked)
	})...); err != nil {
		return nil, nil, err
	}
	for _, t := range in.Tags {
		if isReserved(aws.ToString(t.Key)) {
			return nil, nil, reserved()
		}
	}
	resources, err := r.resources(in.Resources)
	if err != nil {
		return nil, nil, err
	}
	return &ec2.DeleteTagsOutput{}, func() {
		for _, on := range resources {
			maps.DeleteFunc(on[r.account], func(key, value string) bool { return names(in.Tags, key, value) })
		}
	}, nil
}

// names reports whether a deletion means a tag: no tags at all mean every tag but
// AWS's own, a tag without value any value (SDK, DeleteTagsInput).
func names(wanted []types.Tag, key, value string) bool {
	if len(wanted) == 0 {
		return !isReserved(key)
	}
	return slices.ContainsFunc(wanted, func(t types.Tag) bool {
		return aws.ToString(t.Key) == key && (t.Value == nil || *t.Value == value)
	})
}

func checkTags(list []types.Tag) error {
	seen := map[string]bool{}
	for _, t := range list {
		key, value := aws.ToString(t.Key), aws.ToString(t.Value)
		switch {
		case isReserved(key):
			return reserved()
		case key == "" || utf8.RuneCountInString(key) > maxTagKey:
			return refuse("InvalidParameterValue", "Tag key must have between 1 and %d characters.", maxTagKey)
		case utf8.RuneCountInString(value) > maxTagValue:
			return refuse("InvalidParameterValue", "Tag value exceeds the maximum length of %d characters", maxTagValue)
		case seen[key]:
			return refuse("InvalidParameterValue", "Duplicate tag key '%s' specified.", key)
		}
		seen[key] = true
	}
	return nil
}

func isReserved(key string) bool {
	return len(key) >= len(reservedPrefix) && strings.EqualFold(key[:len(reservedPrefix)], reservedPrefix)
}

func reserved() error {
	return refuse("InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use")
}

func (r *request) resources(ids []string) ([]tags, error) {
	switch {
	case len(ids) == 0:
		return nil, missing("ResourceId")
	case len(ids) > maxTagged:
		return nil, refuse("InvalidParameterValue", "%d resources are more than the limit of %d", len(ids), maxTagged)
	}
	resources := make([]tags, 0, len(ids))
	for _, id := range ids {
		on, err := r.tagged(id)
		if err != nil {
			return nil, err
		}
		resources = append(resources, on)
	}
	return resources, nil
}

func describeTags(r *request, in *ec2.DescribeTagsInput) (*ec2.DescribeTagsOutput, func(), error) {
	if err := r.allow("DescribeTags"); err != nil {
		return nil, nil, err
	}
	if err := checkPaging(in.MaxResults, in.NextToken, nil, ""); err != nil {
		return nil, nil, err
	}
	if err := checkFilters(in.Filters, func(name string) ([]string, bool) { return descriptionValues(&types.TagDescription{}, name) }); err != nil {
		return nil, nil, err
	}
	found := []types.TagDescription{}
	collect := func(id string, kind types.ResourceType, list []types.Tag) {
		for _, t := range list {
			d := types.TagDescription{Key: t.Key, ResourceId: aws.String(id), ResourceType: kind, Value: t.Value}
			if matches(in.Filters, func(name string) ([]string, bool) { return descriptionValues(&d, name) }) {
				found = append(found, d)
			}
		}
	}
	here := r.here()
	for id, img := range here.images {
		collect(id, types.ResourceTypeImage, img.tags.of(r.account))
	}
	for id, snap := range here.snapshots {
		collect(id, types.ResourceTypeSnapshot, snap.tags.of(r.account))
	}
	found, next, err := page(found, func(d types.TagDescription) string { return *d.ResourceId + "/" + *d.Key }, in.MaxResults, in.NextToken)
	return &ec2.DescribeTagsOutput{Tags: found, NextToken: next}, nil, err
}

func descriptionValues(d *types.TagDescription, name string) ([]string, bool) {
	switch name {
	case "key", "tag-key":
		return []string{aws.ToString(d.Key)}, true
	case "value", "tag-value":
		return []string{aws.ToString(d.Value)}, true
	case "resource-id":
		return []string{aws.ToString(d.ResourceId)}, true
	case "resource-type":
		return []string{string(d.ResourceType)}, true
	default:
		return tagValues([]types.Tag{{Key: d.Key, Value: d.Value}}, name)
	}
}
