package amisharetest_test

import (
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
)

func TestAs(t *testing.T) {
	srv, ctx := docServer(), t.Context()
	p := role(t, allows("ec2:Describe*", onAny, ""))
	p.AccessKey = "AKIAIOSFODNN7EXAMPLE"
	view := srv.As(p)
	signed := func(key string) *ec2.Client {
		return srv.Client(func(o *ec2.Options) { o.Credentials = credentials(key) })
	}
	for name, tt := range map[string]struct {
		api  operations
		want string
	}{
		"typed":             {view, builder},
		"unsigned":          {view.Client(), builder},
		"signed":            {signed("AKIAIOSFODNN7EXAMPLE"), builder},
		"the server itself": {srv, "arn:aws:iam::111122223333:root"},
		"an account's root": {signed(other), "arn:aws:iam::" + other + ":root"},
	} {
		_, err := tt.api.DescribeTags(ctx, &ec2.DescribeTagsInput{})
		require.NoError(t, err, name)
		assert.Equal(t, tt.want, srv.Calls()[len(srv.Calls())-1].Principal, name)
	}
	assert.Len(t, view.Calls(), len(srv.Calls()), "it is the same server")

	theirs := srv.As(amisharetest.Root(other))
	id := theirs.AddImage(amisharetest.Image{})
	out, err := theirs.DescribeImages(ctx, &ec2.DescribeImagesInput{Owners: []string{"self"}})
	require.NoError(t, err)
	require.Len(t, out.Images, 1)
	assert.Equal(t, id, *out.Images[0].ImageId)
	assert.Equal(t, other, *out.Images[0].OwnerId)

	_, err = srv.As(amisharetest.Principal{ARN: "Builder"}).DescribeImages(ctx, nil)
	assert.Equal(t, "AuthFailure", code(err))
}

func TestAKeyThatNobodyHas(t *testing.T) {
	srv, ctx := docServer(), t.Context()
	stranger := srv.Client(func(o *ec2.Options) { o.Credentials = credentials("AKIAI44QH8DHBEXAMPLE") })
	_, err := stranger.DescribeTags(ctx, &ec2.DescribeTagsInput{})
	require.NoError(t, err, "while nobody has a key")

	p := role(t, allows("*", onAny, ""))
	p.AccessKey = "AKIAIOSFODNN7EXAMPLE"
	srv.As(p)
	_, err = stranger.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{imageID}, Tags: []types.Tag{{Key: aws.String("a")}}})
	assert.Equal(t, "AuthFailure", code(err))
	require.ErrorContains(t, err, "AWS was not able to validate the provided access credentials")
	response, ok := errorAs[interface{ HTTPStatusCode() int }](err)
	require.True(t, ok)
	assert.Equal(t, http.StatusUnauthorized, response.HTTPStatusCode())

	calls := srv.Calls()
	last := calls[len(calls)-1]
	assert.Equal(t, "CreateTags", last.Operation, "a refused call is on record")
	assert.Empty(t, last.Principal)
	require.ErrorContains(t, last.Err, `"AKIAI44QH8DHBEXAMPLE"`)
}

func TestRootOfAServerInChina(t *testing.T) {
	srv := amisharetest.NewServer(func(o *amisharetest.Options) { o.Region = "cn-north-1" })
	srv = srv.As(amisharetest.Root("444455556666"))
	_, err := srv.DescribeImages(t.Context(), &ec2.DescribeImagesInput{Owners: []string{"self"}})
	require.NoError(t, err)
	assert.Equal(t, "arn:aws-cn:iam::444455556666:root", srv.Calls()[0].Principal)
}
