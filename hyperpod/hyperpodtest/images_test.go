package hyperpodtest_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// album is an EC2 in which every AMI is the account's own, or HyperPod's, and of one
// architecture. It keeps what is shared.
type album struct {
	architecture string
	owner, name  string
	shared       []string
}

func (a *album) DescribeImage(_ context.Context, account, _, imageID string) (owner, name, architecture, state string, snapshots []string, err error) {
	owner = account
	if a.owner != "" {
		owner = a.owner
	}
	return owner, a.name, a.architecture, "available", []string{"snap-of-" + imageID}, nil
}

func (a *album) DescribeSnapshot(context.Context, string, string, string) (kmsKey string, managed bool, err error) {
	return "", false, nil
}

func (a *album) ShareImage(_ context.Context, _, _, imageID, with string) error {
	if with != "" {
		a.shared = append(a.shared, imageID)
	}
	return nil
}

func (a *album) ShareSnapshot(_ context.Context, _, _, snapshotID, with string) error {
	if with != "" {
		a.shared = append(a.shared, snapshotID)
	}
	return nil
}

// A call that changes nothing shares nothing either.
func TestAnswersThatShareNothing(t *testing.T) {
	images := &album{architecture: "x86_64"}
	doors(t, func(t *testing.T, srv *hyperpodtest.Server, api hyperpodtest.API) {
		images.shared = nil
		ctx, name := t.Context(), aws.String("train")
		more := &sagemaker.UpdateClusterInput{ClusterName: name, InstanceGroups: []types.ClusterInstanceGroupSpecification{group("more", 1)}}
		roll := &sagemaker.UpdateClusterSoftwareInput{ClusterName: name, ImageId: aws.String(newer)}

		srv.Faults().Ignore("CreateCluster", 1)
		create(t, api, createInput(group("workers", 1)))
		assert.Empty(t, images.shared, "by CreateCluster")

		create(t, api, createInput(group("workers", 1)))
		assert.ElementsMatch(t, []string{golden, "snap-of-" + golden}, images.shared, "a call that is heeded shares")
		describe(t, srv)

		images.shared = nil
		srv.Faults().Ignore("", 2)
		_, err := api.UpdateCluster(ctx, more)
		require.NoError(t, err)
		assert.Empty(t, images.shared, "by UpdateCluster")
		_, err = api.UpdateClusterSoftware(ctx, roll)
		require.NoError(t, err)
		assert.Empty(t, images.shared, "by UpdateClusterSoftware")

		_, err = api.UpdateClusterSoftware(ctx, roll)
		require.NoError(t, err)
		assert.ElementsMatch(t, []string{newer, "snap-of-" + newer}, images.shared)
	}, func(o *hyperpodtest.Options) { o.Images = images })
}

// The architecture of an AMI, HyperPod's own included, is that of the group's instances.
// A group of several types says none.
func TestArchitectureOfAnImage(t *testing.T) {
	arm := func(g *types.ClusterInstanceGroupSpecification) { g.InstanceType = types.ClusterInstanceTypeMlC6gLarge }
	flexible := func(g *types.ClusterInstanceGroupSpecification) {
		g.InstanceType = ""
		g.InstanceRequirements = &types.ClusterInstanceRequirements{InstanceTypes: []types.ClusterInstanceType{types.ClusterInstanceTypeMlC5Large, types.ClusterInstanceTypeMlC6gLarge}}
	}
	x86 := func(*types.ClusterInstanceGroupSpecification) {}
	public := album{owner: "amazon", name: "HyperPod EKS 1.32 AMI"}
	for _, tt := range []struct {
		name         string
		architecture string
		images       album
		group        func(*types.ClusterInstanceGroupSpecification)
		want         string
	}{
		{"x86_64 on x86_64", "x86_64", album{}, x86, ""},
		{"arm64 on arm64", "arm64", album{}, arm, ""},
		{"arm64 on x86_64", "arm64", album{}, x86, "is for arm64; the instance group's instances are x86_64"},
		{"x86_64 on arm64", "x86_64", album{}, arm, "is for x86_64; the instance group's instances are arm64"},
		{"x86_64 on several types", "x86_64", album{}, flexible, ""},
		{"arm64 on several types", "arm64", album{}, flexible, ""},
		{"HyperPod's own on another", "arm64", public, x86, "is for arm64"},
		{"HyperPod's own", "x86_64", public, x86, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			images := tt.images
			images.architecture = tt.architecture
			srv := hyperpodtest.NewServer(func(o *hyperpodtest.Options) { o.Images = &images })
			_, err := srv.CreateCluster(t.Context(), createInput(group("workers", 1, tt.group)))
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			assert.Equal(t, "ValidationException", code(t, err))
			require.ErrorContains(t, err, tt.want)
			assert.Empty(t, images.shared, "what does not fit is not shared")
		})
	}
}
