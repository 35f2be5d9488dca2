package hyperpod_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

func TestDesiredTags(t *testing.T) {
	srv := hyperpodtest.NewServer()
	c := hyperpod.New(srv.Client(), fast).Cluster("example-cluster")
	spec := pageSpec(1)
	spec.Tags = map[string]string{"team": "a", "cost": "1", "old": "x"}
	_, err := c.Create(t.Context(), spec)
	require.NoError(t, err)

	spec.Tags = map[string]string{"team": "b", "cost": "1", "new": ""}
	plan, err := c.Plan(t.Context(), hyperpod.Desired(spec))
	require.NoError(t, err)
	assert.Contains(t, plan.String(), `warning: Tags["old"]: the cluster has it`)
	before := len(srv.Calls())
	report, err := c.Update(t.Context(), hyperpod.Desired(spec, prune))
	require.NoError(t, err)
	assert.Equal(t, []string{"DescribeCluster", "ListTags", "AddTags", "DeleteTags"}, ops(srv, before), "no update is sent for tags alone")
	assert.Len(t, report.Calls, 2)
	out, err := srv.ListTags(t.Context(), &sagemaker.ListTagsInput{ResourceArn: aws.String(report.ARN)})
	require.NoError(t, err)
	tags := map[string]string{}
	for _, tag := range out.Tags {
		tags[*tag.Key] = *tag.Value
	}
	assert.Equal(t, spec.Tags, tags)

	// What was accepted is at its end, though a call after it fails.
	spec.Tags, spec.Groups[0] = map[string]string{"team": "c"}, spec.Groups[0].WithInstanceCount(2)
	srv.Faults().Fail("DeleteTags", 1, validation("no"))
	report, err = c.Update(t.Context(), hyperpod.Desired(spec, prune))
	require.Error(t, err)
	assert.Len(t, report.Calls, 2)
	assert.False(t, report.Unfinished)

	for _, key := range []string{"aws:reserved", "AWS:reserved"} {
		spec.Tags = map[string]string{key: "x"}
		_, err = c.Plan(t.Context(), hyperpod.Desired(spec))
		require.ErrorContains(t, err, "[reserved-tag]")
	}
	spec.Tags = nil
	plan, err = c.Plan(t.Context(), hyperpod.Desired(spec))
	require.NoError(t, err)
	assert.True(t, plan.Empty(), "a specification without tags leaves them alone")
}
