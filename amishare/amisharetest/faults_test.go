package amisharetest_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/amishare/amisharetest"
)

// share grants the doc image's launch permission, and shared tells whether it is granted.
func share(ctx context.Context, api operations) error {
	_, err := api.ModifyImageAttribute(ctx, &ec2.ModifyImageAttributeInput{ImageId: aws.String(imageID), LaunchPermission: &types.LaunchPermissionModifications{Add: launch(other)}})
	return err
}

func shared(t *testing.T, srv *amisharetest.Server) bool {
	t.Helper()
	out, err := srv.DescribeImageAttribute(t.Context(), &ec2.DescribeImageAttributeInput{ImageId: aws.String(imageID), Attribute: types.ImageAttributeNameLaunchPermission})
	require.NoError(t, err)
	return len(out.LaunchPermissions) > 0
}

func TestFaults(t *testing.T) {
	const operation = "ModifyImageAttribute"
	for name, tt := range map[string]struct {
		inject func(*amisharetest.Faults)
		check  func(t *testing.T, err error)
		shared bool
	}{
		"fail with a code": {
			inject: func(f *amisharetest.Faults) {
				f.Fail(operation, 1, &smithy.GenericAPIError{Code: "Unavailable", Message: "try later"})
			},
			check: func(t *testing.T, err error) { assert.Equal(t, "Unavailable", code(err)) },
		},
		"fail of any operation": {
			inject: func(f *amisharetest.Faults) { f.Fail("", 1, &smithy.GenericAPIError{Code: "InternalError"}) },
			check:  func(t *testing.T, err error) { assert.Equal(t, "InternalError", code(err)) },
		},
		"the connection breaks before the call": {
			inject: func(f *amisharetest.Faults) { f.Fail(operation, 1, io.ErrUnexpectedEOF) },
			check:  func(t *testing.T, err error) { require.ErrorIs(t, err, io.ErrUnexpectedEOF) },
		},
		"the connection breaks after the change": {
			inject: func(f *amisharetest.Faults) { f.LoseResponse(operation, 1) },
			check:  func(t *testing.T, err error) { require.ErrorIs(t, err, io.ErrUnexpectedEOF) },
			shared: true,
		},
		"answered and not done": {
			inject: func(f *amisharetest.Faults) { f.Ignore(operation, 1) },
			check:  func(t *testing.T, err error) { require.NoError(t, err) },
		},
		"a hook refuses": {
			inject: func(f *amisharetest.Faults) {
				f.Before(func(_ context.Context, name string, input any) error {
					if in, ok := input.(*ec2.ModifyImageAttributeInput); ok && name == operation && *in.ImageId == imageID {
						return &smithy.GenericAPIError{Code: "Custom"}
					}
					return nil
				})
			},
			check: func(t *testing.T, err error) { assert.Equal(t, "Custom", code(err)) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, door := range []func(*amisharetest.Server) operations{
				func(s *amisharetest.Server) operations { return s },
				func(s *amisharetest.Server) operations { return s.Client() },
			} {
				srv := docServer()
				tt.inject(srv.Faults())
				err := share(t.Context(), door(srv))
				tt.check(t, err)
				require.Len(t, srv.Calls(), 1, "the call is recorded")
				assert.Equal(t, err != nil, srv.Calls()[0].Err != nil)
				srv.Faults().Clear()
				assert.Equal(t, tt.shared, shared(t, srv))
				require.NoError(t, share(t.Context(), door(srv)))
			}
		})
	}
}

func TestALostResponseIsRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := docServer()
		srv.Faults().LoseResponse("CopyImage", 1)
		client := srv.Client(func(o *ec2.Options) { o.RetryMaxAttempts = 2 })
		out, err := client.CopyImage(t.Context(), &ec2.CopyImageInput{SourceImageId: aws.String(imageID), SourceRegion: aws.String("us-west-2"), Name: aws.String("copy")})
		require.NoError(t, err)
		require.Len(t, srv.Calls(), 2)
		images, err := srv.DescribeImages(t.Context(), &ec2.DescribeImagesInput{Filters: []types.Filter{{Name: aws.String("name"), Values: []string{"copy"}}}})
		require.NoError(t, err)
		require.Len(t, images.Images, 1, "the SDK sends its client token again")
		assert.Equal(t, *out.ImageId, *images.Images[0].ImageId)
	})
}

func TestALostResponseOverASocket(t *testing.T) {
	srv := docServer()
	socket := httptest.NewServer(srv)
	defer socket.Close()
	srv.Faults().LoseResponse("", 1)
	err := share(t.Context(), ec2.New(ec2.Options{
		Region: "us-west-2", BaseEndpoint: &socket.URL, Credentials: aws.AnonymousCredentials{}, RetryMaxAttempts: 1,
	}))
	require.ErrorIs(t, err, io.EOF)
	assert.True(t, shared(t, srv))
}

func TestThrottlingAndDelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := docServer(func(o *amisharetest.Options) { o.Speed = 10 })
		srv.Faults().Throttle("ModifyImageAttribute", 1)
		require.NoError(t, share(t.Context(), srv.Client()))
		err := share(t.Context(), srv.Client())
		assert.Equal(t, "RequestLimitExceeded", code(err))
		response, ok := errorAs[interface{ HTTPStatusCode() int }](err)
		require.True(t, ok)
		assert.Equal(t, http.StatusServiceUnavailable, response.HTTPStatusCode())
		time.Sleep(100 * time.Millisecond)
		require.NoError(t, share(t.Context(), srv.Client()), "a tenth of a second is a second at this speed")
		srv.Faults().Clear()

		srv.Faults().Delay("", time.Minute)
		start := time.Now()
		require.NoError(t, share(t.Context(), srv))
		assert.Equal(t, 6*time.Second, time.Since(start))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, share(ctx, srv.Client()), context.DeadlineExceeded)
	})
}

func TestACallIsRecordedWithTheTimeItCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, start := docServer(), time.Now()
		srv.Faults().Delay("", time.Minute)
		require.NoError(t, share(t.Context(), srv))
		assert.Equal(t, start.UTC(), srv.Calls()[0].Time)
	})
}

func TestHooksMayCallTheServer(t *testing.T) {
	srv := docServer()
	var after error
	srv.Faults().Before(func(ctx context.Context, operation string, _ any) error {
		if operation != "ModifyImageAttribute" {
			return nil
		}
		srv.RemoveImage("", imageID)
		_, err := srv.DescribeTags(ctx, nil)
		return err
	})
	srv.Faults().After(func(_ context.Context, _ string, _ any, err error) { after = err })
	assert.Equal(t, "InvalidAMIID.NotFound", code(share(t.Context(), srv)))
	assert.Equal(t, "InvalidAMIID.NotFound", code(after))
}

func TestInjectIntoAnyClient(t *testing.T) {
	var faults amisharetest.Faults
	srv := docServer()
	client := srv.Client(func(o *ec2.Options) { o.APIOptions = append(o.APIOptions, faults.Inject) })
	faults.Ignore("", 3)
	require.NoError(t, share(t.Context(), client))
	images, err := client.DescribeImages(t.Context(), nil)
	require.NoError(t, err)
	assert.Empty(t, images.Images)
	off, err := client.DisableImageDeprecation(t.Context(), &ec2.DisableImageDeprecationInput{ImageId: aws.String(imageID)})
	require.NoError(t, err)
	assert.True(t, *off.Return)
	assert.Empty(t, srv.Calls())
	faults.Throttle("ModifyImageAttribute", 1)
	require.NoError(t, share(t.Context(), client))
	assert.Equal(t, "RequestLimitExceeded", code(share(t.Context(), client)))
	assert.Len(t, srv.Calls(), 1)
}

func TestManyGoroutines(t *testing.T) {
	srv := docServer(func(o *amisharetest.Options) { o.CopyTime = time.Millisecond })
	t.Run("group", func(t *testing.T) {
		for i := range 50 {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				api := operations(srv)
				if i%2 == 0 {
					api = srv.Client()
				}
				for name, call := range calls(t) {
					if !strings.HasPrefix(name, "Disable") {
						assert.NoError(t, call(api, nil), name)
					}
				}
			})
		}
	})
}
