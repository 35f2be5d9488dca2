package hyperpod_test

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
)

const restrictedRole = adminRole

// twoGroups is a cluster with groups "workers" of 4 nodes and "login" of 1, and the
// restricted "nova".
func twoGroups() hyperpod.Spec {
	spec := pageSpec(4)
	spec.Groups = append(spec.Groups, workersGroup("login", 1))
	spec.RestrictedGroups = []types.ClusterRestrictedInstanceGroupSpecification{{
		InstanceGroupName: aws.String("nova"), InstanceCount: aws.Int32(1), InstanceType: types.ClusterInstanceTypeMlP548xlarge, ExecutionRole: aws.String(restrictedRole),
	}}
	return spec
}

// madeBy returns a handle on a cluster of a specification that exists, and its server.
func madeBy(t *testing.T, spec hyperpod.Spec, options ...func(*hyperpodtest.Options)) (*hyperpodtest.Server, *hyperpod.Cluster) {
	t.Helper()
	srv := hyperpodtest.NewServer(options...)
	optFns := []func(*hyperpod.Options){fast}
	if len(options) > 0 {
		optFns = nil // it takes its time
	}
	c := hyperpod.New(srv.Client(), optFns...).Cluster("example-cluster")
	_, err := c.Create(t.Context(), spec)
	require.NoError(t, err)
	return srv, c
}

func rollAll(image hyperpod.Image) hyperpod.Roll {
	return hyperpod.Roll{Image: image, Groups: hyperpod.AllGroups, Batch: hyperpod.AllAtOnce, ReplaceRootVolumes: true}
}

func TestPlanRollRecordsTheGroups(t *testing.T) {
	spec := twoGroups()
	spec.Groups[1] = spec.Groups[1].WithImage("default")
	srv, c := madeBy(t, spec)
	roll := rollAll(hyperpod.AMI(newAMI))
	roll.Batch, roll.OneByOne, roll.KeepDone = hyperpod.Percent(50), true, true
	plan, err := c.PlanRoll(t.Context(), roll)
	require.NoError(t, err)
	assert.Equal(t, []hyperpod.RollGroup{
		{Name: "workers", Nodes: 4, Target: 4, Out: 2, CurrentImage: goldenAMI, DesiredImage: goldenAMI, Back: hyperpod.AMI(goldenAMI)},
		{
			Name: "login", Nodes: 1, Target: 1, Out: 1, CurrentImage: "default", DesiredImage: "default", CurrentRelease: "1.4.0", DesiredRelease: "1.4.0",
			Back: hyperpod.Release("1.4.0"),
		},
	}, plan.Groups)
	assert.Equal(t, []hyperpod.GroupResult{{Name: "nova", Outcome: hyperpod.OutcomeNotRolled, Count: 1, Wanted: 1, Detail: "restricted"}}, plan.Left)
	assert.Equal(t, hyperpod.Deployment{Batch: hyperpod.Percent(50)}, plan.Deployment)
	assert.True(t, plan.OneByOne && plan.KeepDone)
	assert.Empty(t, plan.Findings)
	assert.Equal(t, *describe(t, srv).ClusterArn, plan.ARN)
	assert.WithinDuration(t, time.Now(), plan.Described, time.Minute)
	assert.Equal(t, []string{"CreateCluster"}, mutations(srv), "a plan sends nothing")
}

// One description, and none when there is one already.
func TestPlanRollDescribesOnce(t *testing.T) {
	srv, c := madeBy(t, twoGroups())
	before := len(srv.Calls())
	plan, err := c.PlanRoll(t.Context(), rollAll(hyperpod.AMI(newAMI)))
	require.NoError(t, err)
	assert.Equal(t, 1, len(srv.Calls())-before)

	snapshot, err := c.Describe(t.Context())
	require.NoError(t, err)
	before = len(srv.Calls())
	again, err := c.PlanRollFrom(t.Context(), snapshot, rollAll(hyperpod.AMI(newAMI)))
	require.NoError(t, err)
	assert.Zero(t, len(srv.Calls())-before)
	assert.Equal(t, snapshot.Time, again.Described)
	assert.Equal(t, plan.Groups, again.Groups)

	for name, s := range map[string]*hyperpod.Snapshot{
		"none": nil, "empty": {}, "of another cluster": {Cluster: &sagemaker.DescribeClusterOutput{ClusterName: aws.String("other")}},
	} {
		_, err = c.PlanRollFrom(t.Context(), s, rollAll(hyperpod.AMI(newAMI)))
		require.ErrorIs(t, err, hyperpod.ErrInvalid, name)
		require.ErrorContains(t, err, "[roll-snapshot]", name)
	}
}

// A plan that was written down and read again is the same plan, and is carried out as
// the same.
func TestPlanRollAsJSON(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spec := twoGroups()
		spec.Groups[1] = spec.Groups[1].WithImage("default")
		srv, c := madeBy(t, spec, hyperpodtest.Realistic)
		roll := rollAll(hyperpod.AMI(newAMI))
		roll.Batch, roll.WaitInterval, roll.Alarms = hyperpod.Percent(50), time.Minute, []string{"loss"}
		plan, err := c.PlanRoll(t.Context(), roll)
		require.NoError(t, err)
		body, err := json.Marshal(plan)
		require.NoError(t, err)
		var read hyperpod.RollPlan
		require.NoError(t, json.Unmarshal(body, &read))
		again, err := json.Marshal(&read)
		require.NoError(t, err)
		assert.JSONEq(t, string(body), string(again))
		assert.Equal(t, plan.Groups, read.Groups)
		assert.Equal(t, plan.String(), read.String())

		started, err := c.StartRoll(t.Context(), &read)
		require.NoError(t, err)
		assert.False(t, started.Complete)
		assert.Contains(t, started.String(), "its end was not waited for")
		assert.Equal(t, hyperpod.OutcomeUndecided, started.Groups[0].Outcome)
		sentInput := sent[sagemaker.UpdateClusterSoftwareInput](srv)[0]
		assert.Equal(t, plan.ARN, *sentInput.ClusterName, "no other cluster of the same name")
		time.Sleep(30 * time.Minute)
		report, err := c.AwaitRoll(t.Context(), &read, started.Calls[0].Time)
		require.NoError(t, err)
		assert.True(t, report.Complete)
		for _, g := range report.Groups[:2] {
			assert.Equal(t, hyperpod.OutcomeOnImage, g.Outcome, g.Name)
			assert.Equal(t, newAMI, g.Image)
		}
		assert.Equal(t, "nova", report.Groups[2].Name)
		assert.Empty(t, report.Calls)
	})
}

func TestPlanRollForSomeGroups(t *testing.T) {
	_, c := madeBy(t, twoGroups())
	plan, err := c.PlanRoll(t.Context(), rollAll(hyperpod.AMI(newAMI)))
	require.NoError(t, err)
	some := plan.Only("login", "none")
	require.Len(t, some.Groups, 1)
	assert.Equal(t, "login", some.Groups[0].Name)
	assert.Empty(t, some.Left)
	some.Groups[0].Name = "changed"
	assert.Equal(t, "login", plan.Groups[1].Name, "nothing is shared")
	assert.True(t, plan.Only().Empty())
	assert.False(t, plan.Empty())
}

func TestOutAtOnce(t *testing.T) {
	spec := pageSpec(7)
	_, c := madeBy(t, spec)
	for want, batch := range map[int32]hyperpod.Batch{7: hyperpod.AllAtOnce, 1: hyperpod.Percent(10), 3: hyperpod.Percent(50), 5: hyperpod.Nodes(5)} {
		roll := rollTo(newAMI)
		roll.Batch = batch
		plan, err := c.PlanRoll(t.Context(), roll)
		require.NoError(t, err)
		assert.Equal(t, want, plan.Groups[0].Out, batch)
	}
	roll := rollTo(newAMI)
	roll.Batch = hyperpod.Nodes(20)
	plan, err := c.PlanRoll(t.Context(), roll)
	require.NoError(t, err)
	assert.EqualValues(t, 7, plan.Groups[0].Out, "no more than there are")
}

// Where going back is not exact is said before anything is sent.
func TestPlanRollSaysWhereThereIsNoWayBack(t *testing.T) {
	slurm := func(s *hyperpod.Spec) { s.Orchestrator = hyperpod.Slurm() }
	managed := func(s *hyperpod.Spec) { s.Groups[0] = s.Groups[0].WithImage("default") }
	whole := func(s *hyperpod.Spec) { s.NonContinuous = true }
	for name, tt := range map[string]struct {
		edits []func(*hyperpod.Spec)
		image hyperpod.Image
		force bool
		back  hyperpod.Image
		says  string
	}{
		"AMI to AMI on EKS":             {nil, hyperpod.AMI(newAMI), false, hyperpod.AMI(goldenAMI), ""},
		"AMI to default on EKS":         {nil, hyperpod.DefaultImage, false, hyperpod.AMI(goldenAMI), ""},
		"default to AMI on EKS":         {[]func(*hyperpod.Spec){managed}, hyperpod.AMI(newAMI), false, hyperpod.Release("1.4.0"), ""},
		"default to a release":          {[]func(*hyperpod.Spec){managed}, hyperpod.Release("1.2.3"), false, hyperpod.Release("1.4.0"), ""},
		"AMI to AMI on Slurm":           {[]func(*hyperpod.Spec){slurm}, hyperpod.AMI(newAMI), false, hyperpod.AMI(goldenAMI), ""},
		"AMI to default on Slurm":       {[]func(*hyperpod.Spec){slurm}, hyperpod.DefaultImage, false, hyperpod.Image{}, "does not move a group from HyperPod's own image to a custom AMI"},
		"default to default on Slurm":   {[]func(*hyperpod.Spec){slurm, managed}, hyperpod.DefaultImage, false, hyperpod.Image{}, "release versions, by which the former one could be put back"},
		"default to a public, on Slurm": {[]func(*hyperpod.Spec){slurm, managed}, hyperpod.AMI(newAMI), true, hyperpod.Image{}, "clusters on EKS only"},
		"not Continuous":                {[]func(*hyperpod.Spec){whole}, hyperpod.AMI(newAMI), false, hyperpod.Image{}, "does not say which image it runs"},
	} {
		t.Run(name, func(t *testing.T) {
			spec := pageSpec(1)
			for _, edit := range tt.edits {
				edit(&spec)
			}
			srv, c := madeBy(t, spec)
			srv.PublishRelease("1.5.0")
			roll := rollAll(tt.image)
			roll.Force = tt.force
			var told []hyperpod.Event
			plan, err := c.With(func(o *hyperpod.Options) {
				o.OnEvent = func(_ context.Context, e hyperpod.Event) { told = append(told, e) }
			}).PlanRoll(t.Context(), roll)
			require.NoError(t, err)
			require.Len(t, plan.Groups, 1)
			assert.Equal(t, tt.back, plan.Groups[0].Back)
			if tt.says == "" {
				assert.Empty(t, plan.Groups[0].BackNote)
				assert.Empty(t, plan.Findings)
				return
			}
			assert.Contains(t, plan.Groups[0].BackNote, tt.says)
			require.Len(t, plan.Findings, 1)
			assert.Equal(t, hyperpodkit.Warning, plan.Findings[0].Level)
			assert.Equal(t, "roll-back", plan.Findings[0].Rule)
			assert.Equal(t, "InstanceGroups[0]", plan.Findings[0].Path)
			require.Len(t, told, 1)
			assert.Equal(t, plan.Findings[0], *told[0].Finding)
			assert.Contains(t, plan.String(), tt.says)
		})
	}
}

// A group on two images goes back to the one that it was meant to run.
func TestPlanRollOfAMixedGroup(t *testing.T) {
	srv := hyperpodtest.NewServer()
	newCluster(t, srv, 2)
	api := scripted{API: srv.Client(), describe: func(ctx context.Context, in *sagemaker.DescribeClusterInput) (*sagemaker.DescribeClusterOutput, error) {
		out, err := srv.DescribeCluster(ctx, in)
		g := &out.InstanceGroups[0]
		g.DesiredImageId, g.SoftwareUpdateStatus, g.TargetStateCount = aws.String("ami-0aaaaaaaaaaaaaaaa"), types.SoftwareUpdateStatusSucceeded, aws.Int32(1)
		return out, err
	}}
	plan, err := hyperpod.New(api, fast).Cluster("example-cluster").PlanRoll(t.Context(), rollTo(newAMI))
	require.NoError(t, err)
	assert.Equal(t, hyperpod.AMI("ami-0aaaaaaaaaaaaaaaa"), plan.Groups[0].Back)
	assert.Contains(t, plan.Groups[0].BackNote, "not all of its instances run ami-0aaaaaaaaaaaaaaaa")
	assert.Contains(t, plan.String(), goldenAMI+" -> ami-0aaaaaaaaaaaaaaaa")
	assert.Contains(t, plan.String(), "ami-0aaaaaaaaaaaaaaaa, not exact")
	assert.EqualValues(t, 1, *plan.Groups[0].OnDesired)
	assert.Equal(t, "Succeeded", plan.Groups[0].Status)
}

// The newest image is no way back, and neither is a guess at what some nodes run.
func TestPlanRollOfWhatIsNotReported(t *testing.T) {
	_, c := described(t, func(out *sagemaker.DescribeClusterOutput) {
		out.InstanceGroups[0].CurrentImageReleaseVersion, out.InstanceGroups[0].DesiredImageReleaseVersion = nil, nil
	}, onDefault)
	plan, err := c.PlanRoll(t.Context(), rollTo(newAMI))
	require.NoError(t, err)
	assert.Equal(t, hyperpod.Image{}, plan.Groups[0].Back)
	assert.Contains(t, plan.Groups[0].BackNote, "does not say which release")
	assert.Contains(t, plan.String(), "not possible")
	assert.Empty(t, plan.Back())

	_, c = described(t, func(out *sagemaker.DescribeClusterOutput) {
		out.InstanceGroups[0].SoftwareUpdateStatus, out.InstanceGroups[0].TargetStateCount = types.SoftwareUpdateStatusSucceeded, aws.Int32(3)
	})
	plan, err = c.PlanRoll(t.Context(), rollTo(newAMI))
	require.NoError(t, err)
	assert.Equal(t, hyperpod.AMI(goldenAMI), plan.Groups[0].Back)
	assert.Contains(t, plan.Groups[0].BackNote, "not all of its instances run "+goldenAMI)
}
