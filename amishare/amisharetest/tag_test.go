package amisharetest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
)

func TestTags(t *testing.T) {
	srv := docServer()
	ctx, client := t.Context(), srv.Client()
	tag := func(pairs ...string) []types.Tag {
		var list []types.Tag
		for i := 0; i < len(pairs); i += 2 {
			list = append(list, types.Tag{Key: aws.String(pairs[i]), Value: aws.String(pairs[i+1])})
		}
		return list
	}
	set := func(resources []string, tags []types.Tag) string {
		_, err := client.CreateTags(ctx, &ec2.CreateTagsInput{Resources: resources, Tags: tags})
		return code(err)
	}
	both := []string{imageID, snapshotID}
	assert.Empty(t, set(both, tag("a", "1", "b", "2", "c", "")))
	assert.Empty(t, set(both, tag("a", "3")))
	assert.Equal(t, "InvalidParameterValue", set(both, tag("aws:x", "1")))
	assert.Equal(t, "InvalidParameterValue", set(both, tag("AWS:x", "1")))
	assert.Equal(t, "InvalidParameterValue", set(both, tag("x", "1", "x", "2")))
	assert.Equal(t, "InvalidParameterValue", set(both, tag("", "1")))
	assert.Equal(t, "InvalidID", set([]string{"vol-1"}, tag("x", "1")))
	assert.Equal(t, "InvalidAMIID.NotFound", set([]string{snapshotID, "ami-0000000000000000f"}, tag("x", "1")), "and the snapshot is not tagged either")
	var many []types.Tag
	for _, id := range users(48) {
		many = append(many, tag(id, "")...)
	}
	assert.Equal(t, "TagLimitExceeded", set(both, many))

	list := func(c *ec2.Client, filters ...types.Filter) []string {
		out, err := c.DescribeTags(ctx, &ec2.DescribeTagsInput{Filters: filters})
		require.NoError(t, err)
		var got []string
		for _, d := range out.Tags {
			got = append(got, string(d.ResourceType)+" "+aws.ToString(d.Key)+"="+aws.ToString(d.Value))
		}
		return got
	}
	assert.Equal(t, []string{"image a=3", "image b=2", "image c=", "snapshot a=3", "snapshot b=2", "snapshot c="}, list(client))
	assert.Equal(t, []string{"image a=3"}, list(client, filter("resource-id", imageID), filter("key", "a")))
	assert.Equal(t, []string{"snapshot b=2"}, list(client, filter("resource-type", "snapshot"), filter("tag:b", "2")))

	_, err := client.DeleteTags(ctx, &ec2.DeleteTagsInput{Resources: both, Tags: []types.Tag{{Key: aws.String("a")}, {Key: aws.String("b"), Value: aws.String("")}, {Key: aws.String("c"), Value: aws.String("")}}})
	require.NoError(t, err)
	assert.Equal(t, []string{"image b=2", "snapshot b=2"}, list(client))
	_, err = client.DeleteTags(ctx, &ec2.DeleteTagsInput{Resources: []string{imageID}})
	require.NoError(t, err)
	assert.Equal(t, []string{"snapshot b=2"}, list(client))
}

func TestTagsDoNotTravelWithAShare(t *testing.T) {
	srv := amisharetest.NewServer()
	id := srv.AddImage(amisharetest.Image{SharedWith: []string{other}, Tags: map[string]string{"AllowSharing": "true"}})
	theirs := srv.As(amisharetest.Root(other)).Client()
	_, err := theirs.CreateTags(t.Context(), &ec2.CreateTagsInput{Resources: []string{id}, Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("x")}}})
	require.NoError(t, err)
	for client, want := range map[*ec2.Client]string{theirs: "team", srv.Client(): "AllowSharing"} {
		out, err := client.DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{id}})
		require.NoError(t, err)
		require.Len(t, out.Images[0].Tags, 1)
		assert.Equal(t, want, aws.ToString(out.Images[0].Tags[0].Key))
	}
}
