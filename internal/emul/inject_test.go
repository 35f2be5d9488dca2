package emul

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// injected is a client with the faults, and the count of what it sent.
func injected(faults *Faults, attempts int) (*sagemaker.Client, *int) {
	sent := new(int)
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		*sent++
		if *sent > 100 {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"__type":"ResourceNotFound"}`))
			return
		}
		_, _ = w.Write([]byte(`{"ClusterArn":"arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghijkl"}`))
	})
	return sagemaker.New(sagemaker.Options{
		Region: "us-west-2", Credentials: aws.AnonymousCredentials{}, HTTPClient: Transport{Handler: handler}, RetryMaxAttempts: attempts,
		APIOptions: []func(*middleware.Stack) error{faults.Inject("{}")},
	}), sent
}

func TestInject(t *testing.T) {
	in := &sagemaker.DeleteClusterInput{ClusterName: aws.String("train")}
	var faults Faults
	client, sent := injected(&faults, 1)
	faults.Fail("DeleteCluster", 1, &types.ConflictException{Message: aws.String("busy")})
	_, err := client.DeleteCluster(t.Context(), in)
	var conflict *types.ConflictException
	require.ErrorAs(t, err, &conflict)
	assert.Zero(t, *sent)

	faults.Ignore("DeleteCluster", 1)
	out, err := client.DeleteCluster(t.Context(), in)
	require.NoError(t, err)
	assert.Nil(t, out.ClusterArn)
	assert.Zero(t, *sent)

	faults.LoseResponse("DeleteCluster", 1)
	_, err = client.DeleteCluster(t.Context(), in)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.Equal(t, 1, *sent)

	out, err = client.DeleteCluster(t.Context(), in)
	require.NoError(t, err)
	assert.NotNil(t, out.ClusterArn)
}

func TestInjectedFaultsAreRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // the retryer waits
		var faults Faults
		client, sent := injected(&faults, 3)
		faults.LoseResponse("DeleteCluster", 2)
		_, err := client.DeleteCluster(t.Context(), &sagemaker.DeleteClusterInput{ClusterName: aws.String("train")})
		require.NoError(t, err)
		assert.Equal(t, 3, *sent)
	})
}

func TestInjectedHooksSeeInputsAndErrors(t *testing.T) {
	var faults Faults
	client, sent := injected(&faults, 1)
	*sent = 100
	var before *sagemaker.DeleteClusterInput
	var after error
	faults.Before(func(_ context.Context, operation string, input any) error {
		assert.Equal(t, "DeleteCluster", operation)
		before, _ = input.(*sagemaker.DeleteClusterInput)
		return nil
	})
	faults.After(func(_ context.Context, _ string, _ any, err error) { after = err })
	_, err := client.DeleteCluster(t.Context(), &sagemaker.DeleteClusterInput{ClusterName: aws.String("train")})
	var missing *types.ResourceNotFound
	require.ErrorAs(t, err, &missing)
	require.ErrorAs(t, after, &missing)
	require.NotNil(t, before)
	assert.Equal(t, "train", *before.ClusterName)
}

func TestTransportBreaksOff(t *testing.T) {
	do := func(reason any) error {
		transport := Transport{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(reason) })}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://nowhere.invalid/", strings.NewReader("hello"))
		require.NoError(t, err)
		_, err = transport.Do(r) //nolint:bodyclose // there is no response
		return err
	}
	require.ErrorIs(t, do(http.ErrAbortHandler), io.ErrUnexpectedEOF)
	assert.PanicsWithValue(t, "else", func() { _ = do("else") })
}
