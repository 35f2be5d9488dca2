package hyperpodtest_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

func TestPrincipalThatIsNone(t *testing.T) {
	_, err := hyperpodtest.NewServer().As(hyperpodtest.Principal{ARN: "operator"}).ListClusters(t.Context(), nil)
	assert.Equal(t, "UnrecognizedClientException", code(t, err))
}

func TestKeyThatNobodyHas(t *testing.T) {
	srv := hyperpodtest.NewServer()
	stranger := srv.Client(func(o *sagemaker.Options) {
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIASTRANGER", SecretAccessKey: "secret"}, nil
		})
	})
	_, err := stranger.ListClusters(t.Context(), &sagemaker.ListClustersInput{})
	require.NoError(t, err, "while nobody has a key")

	srv.As(principal(t, statement(`"*"`, "*", "")))
	_, err = stranger.ListClusters(t.Context(), &sagemaker.ListClustersInput{})
	assert.Equal(t, "UnrecognizedClientException", code(t, err))
	require.ErrorContains(t, err, "The security token included in the request is invalid.")
	assert.NotContains(t, err.Error(), "AKIASTRANGER", "the service does not say why")

	calls := srv.Calls()
	last := calls[len(calls)-1]
	assert.Equal(t, "ListClusters", last.Operation, "a refused call is on record")
	assert.Empty(t, last.Principal)
	require.ErrorContains(t, last.Err, `"AKIASTRANGER"`)
}

func TestRootOfAServerInChina(t *testing.T) {
	srv := hyperpodtest.NewServer(func(o *hyperpodtest.Options) { o.Region = "cn-north-1" })
	srv = srv.As(hyperpodtest.Root("444455556666"))
	_, err := srv.ListClusters(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, "arn:aws-cn:iam::444455556666:root", srv.Calls()[0].Principal)
}
