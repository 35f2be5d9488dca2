package amishare

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/hyperpodkit/hyperpodkit"
)

// guard judges the tags of an AMI or a snapshot. Only the exact tag will do: EC2
// keeps keys and values as they are written, and IAM compares values by case.
func (j *judge) guard(rule, resource string, tags []types.Tag) {
	want := j.opts.Guard
	has := hasTag(tags, want)
	near := false
	for _, t := range tags {
		tag := Tag{aws.ToString(t.Key), aws.ToString(t.Value)}
		if tag == want || !strings.EqualFold(strings.TrimSpace(tag.Key), want.Key) {
			continue
		}
		near = true
		level, found := nearMiss(tag, want)
		if has {
			level = hyperpodkit.Warning
			found += "; it stands beside the tag that was meant, and which of them a policy reads is not documented"
		}
		j.find(level, rule+nearMissSuffix, resource, found, fmt.Sprintf("delete that tag, and have %s set by the role that may", want))
	}
	if !has && !near {
		j.find(hyperpodkit.Error, rule, resource, "lacks the tag "+want.String()+" that lets it be shared",
			"have it tagged by the role that may; an AMI and its snapshots are tagged each for itself")
	}
}

// nearMiss says what is wrong with a tag that was meant to be the guard. A key in
// another case is a warning only: IAM compares the keys of a condition without
// case, so that a policy may take it.
func nearMiss(tag, want Tag) (hyperpodkit.Level, string) {
	is := fmt.Sprintf("has the tag %q=%q instead of %q=%q: ", tag.Key, tag.Value, want.Key, want.Value)
	switch {
	case strings.TrimSpace(tag.Key) != tag.Key:
		return hyperpodkit.Error, is + "there is white space around the key"
	case tag.Value == want.Value:
		return hyperpodkit.Warning, is + "the key differs in case, which EC2 tells apart and IAM does not"
	case strings.TrimSpace(tag.Value) == want.Value:
		return hyperpodkit.Error, is + "there is white space around the value"
	case strings.EqualFold(tag.Value, want.Value):
		return hyperpodkit.Error, is + "the value differs in case"
	default:
		return hyperpodkit.Error, is + "the value is another"
	}
}

func hasTag(tags []types.Tag, want Tag) bool {
	for _, t := range tags {
		if aws.ToString(t.Key) == want.Key && aws.ToString(t.Value) == want.Value {
			return true
		}
	}
	return false
}
