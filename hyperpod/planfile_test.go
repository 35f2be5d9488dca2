package hyperpod_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

// bigPlan changes something of every kind.
func bigPlan(t *testing.T, srv *hyperpodtest.Server) (*hyperpod.Cluster, *hyperpod.Plan) {
	t.Helper()
	c := newCluster(t, srv, 2)
	_, err := c.Update(t.Context(), hyperpod.AddGroup(workersGroup("old", 1)))
	require.NoError(t, err)
	spec := pageSpec(3)
	spec.Groups[0] = spec.Groups[0].WithImage(newAMI)
	spec.Groups = append(spec.Groups, workersGroup("new", 1))
	spec.NodeRecovery = types.ClusterNodeRecoveryNone
	spec.Tags = map[string]string{"team": "a"}
	plan, err := c.Plan(t.Context(), hyperpod.Desired(spec, prune))
	require.NoError(t, err)
	return c, plan
}

func TestASavedPlanIsAppliedElsewhere(t *testing.T) {
	srv := hyperpodtest.NewServer()
	_, plan := bigPlan(t, srv)
	saved, err := json.Marshal(plan)
	require.NoError(t, err)

	elsewhere := hyperpod.New(srv.Client(), fast)
	loaded, err := elsewhere.Cluster("example-cluster").LoadPlan(saved)
	require.NoError(t, err)
	assert.Equal(t, plan.String(), loaded.String())
	assert.Equal(t, plan.Input(), loaded.Input())
	assert.Equal(t, plan.Rolls(), loaded.Rolls())
	again, err := json.Marshal(loaded)
	require.NoError(t, err)
	assert.JSONEq(t, string(saved), string(again))

	before := len(srv.Calls())
	report, err := loaded.Apply(t.Context())
	require.NoError(t, err)
	assert.True(t, report.Complete)
	assert.Equal(t, []string{"DescribeCluster", "UpdateCluster", "DescribeCluster", "AddTags"}, ops(srv, before))
	assert.Equal(t, plan.Input(), sent[sagemaker.UpdateClusterInput](srv)[1])
	_, err = loaded.Apply(t.Context())
	require.ErrorIs(t, err, hyperpod.ErrStale, "once is enough")
}

func TestAPlanIsLoadedByARNToo(t *testing.T) {
	srv := hyperpodtest.NewServer()
	_, plan := bigPlan(t, srv)
	saved, err := json.Marshal(plan)
	require.NoError(t, err)
	arn := *describe(t, srv).ClusterArn
	loaded, err := hyperpod.New(srv.Client(), fast).Cluster(arn).LoadPlan(saved)
	require.NoError(t, err)
	assert.Equal(t, arn, *loaded.Input().ClusterName)
	_, err = loaded.Apply(t.Context())
	require.NoError(t, err)
}

func TestEditedPlansAreRefused(t *testing.T) {
	srv := hyperpodtest.NewServer()
	_, plan := bigPlan(t, srv)
	saved, err := json.Marshal(plan)
	require.NoError(t, err)
	client := hyperpod.New(srv.Client(), fast)
	before := mutations(srv)
	for _, tt := range []struct{ name, old, with string }{
		{"no JSON", `{`, `[`},
		{"more behind it", `}}` + "\n", ``},
		{"other version", `"Version":1`, `"Version":2`},
		{"other cluster", `"example-cluster"`, `"other-cluster"`},
		{"unknown member", `"Version":1`, `"Version":1,"Extra":1`},
		{"unknown kind", `"group changed"`, `"group painted"`},
		{"unknown level", `"warning"`, `"trifle"`},
		{"request edited", `"InstanceCount":3`, `"InstanceCount":30`},
		{"changes edited", `"After":"3"`, `"After":"30"`},
		{"member of the request", `"InstanceCount":3`, `"InstanceCounts":3`},
		{"tags edited", `"Set":{"team":"a"}`, `"Set":{"team":"b"}`},
		{"tags deleted", `"Set":{"team":"a"}`, `"Set":{"team":"a"},"Delete":["cost"]`},
		{"fingerprint edited", `"Saw":{`, `"Saw":{"ghost":"1",`},
		{"fingerprint taken out", `"new":"",`, ``},
		{"request emptied", `"Request":{`, `"Request":{"ClusterRole":"arn:aws:iam::444455556666:role/x",`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			edited := strings.Replace(string(saved), tt.old, tt.with, 1)
			if tt.name == "more behind it" {
				edited = string(saved) + "{}"
			}
			require.NotEqual(t, string(saved), edited)
			plan, err := client.Cluster("example-cluster").LoadPlan([]byte(edited))
			if err != nil {
				require.ErrorIs(t, err, hyperpod.ErrInvalid)
				return
			}
			_, err = plan.Apply(t.Context())
			require.Error(t, err)
			assert.Equal(t, before, mutations(srv), "nothing was sent")
		})
	}
}
