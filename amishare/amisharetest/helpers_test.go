package amisharetest_test

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// credentials sign requests with an access key; nobody verifies the signature.
func credentials(accessKey string) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: "emulated"}, nil
	})
}

func errorAs[T any](err error) (T, bool) {
	var target T
	ok := errors.As(err, &target)
	return target, ok
}
