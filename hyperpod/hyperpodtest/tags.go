package hyperpodtest

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// maxTags is the model's bound on the tags of a new cluster; the service's own bound
// on later tags is taken to be the same.
const maxTags = 50

// findTagged returns the cluster of an ARN. Other resources of SageMaker are not
// emulated and so not found.
func (r request) findTagged(arn *string) (*cluster, error) {
	if c := r.own.byARN[aws.ToString(arn)]; c != nil {
		return c, nil
	}
	return nil, notFound("Resource %s could not be found.", aws.ToString(arn))
}

func validTags(tags []types.Tag) error {
	for i, t := range tags {
		if strings.HasPrefix(strings.ToLower(*t.Key), "aws:") {
			return invalid("Tag key %q is reserved.", *t.Key)
		}
		if slices.IndexFunc(tags, func(other types.Tag) bool { return *other.Key == *t.Key }) < i {
			return invalid("Tag key %q is given more than once.", *t.Key)
		}
	}
	return nil
}

func (s *Server) addTags(r request, in *sagemaker.AddTagsInput) (outcome[sagemaker.AddTagsOutput], error) {
	none := outcome[sagemaker.AddTagsOutput]{}
	c, err := r.findTagged(in.ResourceArn)
	if err != nil {
		return none, err
	}
	if err := validTags(in.Tags); err != nil {
		return none, err
	}
	tags := slices.Clone(c.tags)
	for _, t := range in.Tags {
		if i := slices.IndexFunc(tags, func(old types.Tag) bool { return *old.Key == *t.Key }); i >= 0 {
			tags[i] = t
		} else {
			tags = append(tags, t)
		}
	}
	if len(tags) > maxTags {
		return none, &types.ResourceLimitExceeded{Message: aws.String("A resource can have at most 50 tags.")}
	}
	pretend := func() *sagemaker.AddTagsOutput { return &sagemaker.AddTagsOutput{Tags: tags} }
	return outcome[sagemaker.AddTagsOutput]{pretend: pretend, apply: func() *sagemaker.AddTagsOutput {
		c.tags = tags
		return pretend()
	}}, nil
}

func (s *Server) deleteTags(r request, in *sagemaker.DeleteTagsInput) (outcome[sagemaker.DeleteTagsOutput], error) {
	c, err := r.findTagged(in.ResourceArn)
	if err != nil {
		return outcome[sagemaker.DeleteTagsOutput]{}, err
	}
	pretend := func() *sagemaker.DeleteTagsOutput { return &sagemaker.DeleteTagsOutput{} }
	return outcome[sagemaker.DeleteTagsOutput]{pretend: pretend, apply: func() *sagemaker.DeleteTagsOutput {
		c.tags = slices.DeleteFunc(slices.Clone(c.tags), func(t types.Tag) bool { return slices.Contains(in.TagKeys, *t.Key) })
		return pretend()
	}}, nil
}

func (s *Server) listTags(r request, in *sagemaker.ListTagsInput) (outcome[sagemaker.ListTagsOutput], error) {
	none := outcome[sagemaker.ListTagsOutput]{}
	c, err := r.findTagged(in.ResourceArn)
	if err != nil {
		return none, err
	}
	key := func(t types.Tag) string { return *t.Key }
	tags, next, err := list[types.Tag]{
		name: "ListTags " + c.arn, key: key,
		items: slices.SortedFunc(slices.Values(c.tags), func(a, b types.Tag) int { return strings.Compare(key(a), key(b)) }),
	}.page(in.MaxResults, in.NextToken, func(types.Tag) bool { return true })
	if err != nil {
		return none, err
	}
	return answer(&sagemaker.ListTagsOutput{Tags: append([]types.Tag{}, tags...), NextToken: next}), nil
}
