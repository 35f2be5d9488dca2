package hyperpod_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

type imageChecker func(use hyperpodkit.ImageUse) ([]hyperpodkit.Finding, error)

func (f imageChecker) CheckImage(_ context.Context, use hyperpodkit.ImageUse) ([]hyperpodkit.Finding, error) {
	return f(use)
}

func TestImagesAreCheckedBeforeTheyAreSent(t *testing.T) {
	srv := hyperpodtest.NewServer()
	var uses []hyperpodkit.ImageUse
	level := hyperpodkit.Warning
	checked := func(o *hyperpod.Options) {
		o.Images = imageChecker(func(use hyperpodkit.ImageUse) ([]hyperpodkit.Finding, error) {
			uses = append(uses, use)
			return []hyperpodkit.Finding{{Level: level, Rule: "test", Path: use.Path, Resource: use.Image, Found: "something"}}, nil
		})
	}
	c := hyperpod.New(srv.Client(), fast, checked).Cluster("example-cluster")
	spec := pageSpec(1)
	spec.Groups = append(spec.Groups, workersGroup("big", 1).WithInstances(types.ClusterInstanceTypeMlC518xlarge, 1))
	report, err := c.Create(t.Context(), spec)
	require.NoError(t, err)
	assert.Equal(t, []hyperpodkit.ImageUse{{
		Image: goldenAMI, InstanceTypes: []string{"ml.c5.2xlarge", "ml.c5.18xlarge"}, Orchestrator: "eks", Region: "us-west-2", Path: "InstanceGroups[0].ImageId",
	}}, uses)
	require.Len(t, report.Findings, 1)
	assert.Contains(t, report.String(), "something")

	level = hyperpodkit.Error
	before := mutations(srv)
	for name, attempt := range map[string]func() error{
		"add":  func() error { _, err := c.Update(t.Context(), hyperpod.AddGroup(workersGroup("more", 1))); return err },
		"plan": func() error { _, err := c.Plan(t.Context(), hyperpod.AddGroup(workersGroup("more", 1))); return err },
		"roll": func() error {
			_, err := c.RollImage(t.Context(), rollTo(newAMI))
			return err
		},
		"create": func() error {
			_, err := hyperpod.New(srv.Client(), fast, checked).Cluster("other").Create(t.Context(), spec)
			return err
		},
	} {
		err := attempt()
		require.ErrorIs(t, err, hyperpod.ErrInvalid, name)
		require.ErrorContains(t, err, "something", name)
	}
	assert.Equal(t, before, mutations(srv), "nothing was sent")
}

func TestAFailedCheckStopsTheWorkflow(t *testing.T) {
	srv := hyperpodtest.NewServer()
	denied := errors.New("denied")
	c := hyperpod.New(srv.Client(), fast, func(o *hyperpod.Options) {
		o.Images = imageChecker(func(hyperpodkit.ImageUse) ([]hyperpodkit.Finding, error) { return nil, denied })
	}).Cluster("example-cluster")
	_, err := c.Create(t.Context(), pageSpec(1))
	require.ErrorIs(t, err, denied)
	require.ErrorContains(t, err, "InstanceGroups[0].ImageId")
	assert.Empty(t, srv.Calls())
}
