package hyperpod

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/internal/smmodel"
)

// tagChanges are what a plan does to a cluster's tags.
type tagChanges struct {
	Set    map[string]string `json:",omitempty"`
	Delete []string          `json:",omitempty"`
}

// listTags reads the cluster's tags, page by page.
func (r *run) listTags(ctx context.Context, arn string) (map[string]string, error) {
	tags := map[string]string{}
	in := &sagemaker.ListTagsInput{ResourceArn: aws.String(arn)}
	for {
		out, err := r.api.ListTags(ctx, in)
		if err != nil {
			return nil, callError(r.report.Operation, r.report.Cluster, "ListTags", err)
		}
		for _, tag := range out.Tags {
			tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
		if aws.ToString(out.NextToken) == "" {
			return tags, nil
		}
		in.NextToken = out.NextToken
	}
}

// planTags compares the tags that are wanted with those of the cluster. Tags that AWS
// set itself cannot be changed and are left alone.
func (r *run) planTags(ctx context.Context, p *Plan, d *draft) error {
	live, err := r.listTags(ctx, p.arn)
	if err != nil {
		return err
	}
	change := Change{Kind: TagsChanged}
	keys := slices.Concat(slices.Collect(maps.Keys(live)), slices.Collect(maps.Keys(d.tags)))
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		was, exists := live[key]
		is, wanted := d.tags[key]
		field := FieldChange{Path: tagPath(key)}
		if exists {
			field.Before = strconv.Quote(was)
		}
		switch {
		case wanted && exists && was == is, !wanted && isReservedTag(key):
			continue
		case isReservedTag(key):
			d.findings = append(d.findings, hyperpodkit.Finding{
				Level: hyperpodkit.Error, Rule: "reserved-tag", Path: field.Path, Found: "keys that begin with aws: are AWS's own", Fix: "leave it out",
			})
			continue
		case wanted:
			field.After = strconv.Quote(is)
			if p.tags.Set == nil {
				p.tags.Set = map[string]string{}
			}
			p.tags.Set[key] = is
		case d.pruneTags:
			p.tags.Delete = append(p.tags.Delete, key)
		default:
			d.findings = append(d.findings, hyperpodkit.Finding{
				Level: hyperpodkit.Warning, Rule: "tag-not-declared", Path: field.Path, Found: "the cluster has it, the specification does not, and it stays",
				Fix: "declare it, or consent to its removal with Prune",
			})
			continue
		}
		change.Fields = append(change.Fields, field)
	}
	if len(change.Fields) > 0 {
		p.changes = append(p.changes, change)
	}
	if len(p.tags.Set) > 0 {
		d.findings = append(d.findings, modelFindings(smmodel.Operation("AddTags", p.addTags()))...)
	}
	return nil
}

// showsTags tells whether the tags that the plan sends are those that its changes show.
func (p *Plan) showsTags() bool {
	shown, sent := map[string]string{}, map[string]string{}
	for _, c := range p.changes {
		for _, f := range c.Fields {
			if c.Kind == TagsChanged {
				shown[f.Path] = f.After
			}
		}
	}
	for key, value := range p.tags.Set {
		sent[tagPath(key)] = strconv.Quote(value)
	}
	for _, key := range p.tags.Delete {
		sent[tagPath(key)] = ""
	}
	return maps.Equal(shown, sent)
}

// isReservedTag tells whether a key is AWS's own, which is so in any case of letters
// (AWS General Reference, "Tag naming limits and requirements").
func isReservedTag(key string) bool { return strings.HasPrefix(strings.ToLower(key), "aws:") }

func tagPath(key string) string { return "Tags[" + strconv.Quote(key) + "]" }

func (p *Plan) addTags() *sagemaker.AddTagsInput {
	in := &sagemaker.AddTagsInput{ResourceArn: aws.String(p.arn)}
	for _, key := range slices.Sorted(maps.Keys(p.tags.Set)) {
		in.Tags = append(in.Tags, types.Tag{Key: aws.String(key), Value: aws.String(p.tags.Set[key])})
	}
	return in
}

// sendTags changes the cluster's tags: the wanted ones are set before others go.
func (r *run) sendTags(ctx context.Context, p *Plan) error {
	if len(p.tags.Set) > 0 {
		if _, err := r.api.AddTags(ctx, p.addTags()); err != nil {
			return r.refused("AddTags", err)
		}
		r.called(ctx, "AddTags", nil)
	}
	if len(p.tags.Delete) > 0 {
		if _, err := r.api.DeleteTags(ctx, &sagemaker.DeleteTagsInput{ResourceArn: aws.String(p.arn), TagKeys: slices.Clone(p.tags.Delete)}); err != nil {
			return r.refused("DeleteTags", err)
		}
		r.called(ctx, "DeleteTags", nil)
	}
	return nil
}
