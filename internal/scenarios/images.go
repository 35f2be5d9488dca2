package scenarios

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/hyperpodtest"
	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// images are about what groups run before and are to run.
func images() []Scenario {
	on := func(name string, images map[string]string) Cluster {
		c := Cluster{Name: name}
		for _, group := range []string{"workers", "login"} {
			c.Groups = append(c.Groups, Workers(group, 1).WithImage(images[group]))
		}
		return c
	}
	done := map[string]string{"workers": New, "login": New}
	half := map[string]string{"workers": Old, "login": New}
	managed := func(i int) Cluster {
		c := Train(i)
		for j := range c.Groups {
			c.Groups[j] = c.Groups[j].WithDefaultImage()
		}
		return c
	}
	return []Scenario{
		{
			Name: "a group without instances", Clusters: []Cluster{{Name: "train-0", Groups: []hyperpod.Group{Workers("login", 1), Workers("workers", 0)}}},
			Want: Want{Outcome: succeeded, Phases: phases(rolled), Sent: 1, Runs: map[string]string{"train-0": "login=new workers=(new)"}},
		},
		{
			Name: "a cluster without instances", Clusters: []Cluster{{Name: "train-0", Groups: []hyperpod.Group{Workers("workers", 0)}}, Train(1)},
			Options: func(_ *Bed, o *rollout.Options) { o.Gate = rollout.NodesRunning() },
			Want:    Want{Outcome: succeeded, Phases: phases(rolled, rolled), Sent: 2, Runs: map[string]string{"train-0": "workers=(new)"}},
		},
		{
			Name: "a cluster that is current", Clusters: []Cluster{on("train-0", done), Train(1)}, Spec: canary, Options: refuses("train-0"),
			Want: Want{Outcome: succeeded, Phases: phases(current, rolled), Sent: 1},
		},
		{
			Name: "everything is current", Clusters: []Cluster{on("train-0", done), on("train-1", done)}, Spec: each(canary, bake(24*day)),
			Want: Want{
				Outcome: succeeded, Phases: phases(current, current), Sent: 0,
				Check: func(s rollout.State) []string {
					if s.Ended.Sub(s.Began) > hour {
						return []string{"it has baked what was not changed"}
					}
					return nil
				},
			},
		},
		{
			Name: "half the groups are current", Clusters: []Cluster{on("train-0", half), on("train-1", half)}, Spec: each(canary, onFailure(rollout.UndoAll)), Options: refuses("train-1"),
			Want: Want{
				Outcome: undone, Phases: phases(takenBack, takenBack), Failed: 1, Sent: 4,
				Runs: map[string]string{"train-0": "login=new workers=old", "train-1": "login=new workers=old"},
				Says: map[string][]string{"train-0": {"login: unchanged"}},
			},
		},
		{
			Name: "only the named groups are rolled",
			Spec: func(spec *rollout.Spec) {
				for i := range spec.Targets {
					spec.Targets[i].Groups = hyperpod.Named("workers")
				}
			},
			Want: Want{
				Outcome: succeeded, Phases: phases(rolled, rolled, rolled), Sent: 3,
				Runs: map[string]string{"train-0": "login=old workers=new", "train-1": "login=old workers=new", "train-2": "login=old workers=new"},
			},
		},
		{
			Name: "a named group that does not exist", Spec: func(spec *rollout.Spec) { spec.Targets[1].Groups = hyperpod.Named("worker") },
			Want: Want{Refused: []string{"train-1", `no regular instance group "worker"`}},
		},
		{
			Name: "two architectures in one cluster",
			Clusters: []Cluster{{Name: "train-0", Groups: []hyperpod.Group{
				Workers("workers", 2), Workers("graviton", 1).WithInstances(types.ClusterInstanceTypeMlC6gXlarge, 1), Workers("login", 1),
			}}},
			Spec: func(spec *rollout.Spec) {
				spec.Images = hyperpod.WantedImages{{Architecture: "arm64", Image: hyperpod.ImageVersion{ID: Arm}}, {Architecture: "x86_64", Image: hyperpod.ImageVersion{ID: New}}}
			},
			Want: Want{Outcome: succeeded, Phases: phases(rolled), Sent: 2, Runs: map[string]string{"train-0": "graviton=arm login=new workers=new"}},
		},
		{
			Name: "an architecture without an image",
			Clusters: []Cluster{{Name: "train-0", Groups: []hyperpod.Group{
				Workers("workers", 2), Workers("graviton", 1).WithInstances(types.ClusterInstanceTypeMlC6gXlarge, 1),
			}}},
			Spec: func(spec *rollout.Spec) {
				spec.Images = hyperpod.WantedImages{{Architecture: "x86_64", Image: hyperpod.ImageVersion{ID: New}}}
			},
			Want: Want{Refused: []string{"no image for group graviton", "arm64"}},
		},
		{
			Name:     "an image for each account and Region",
			Clusters: []Cluster{Train(0), {Name: "east", Region: otherRegion, Groups: Train(0).Groups}, {Name: "theirs", Account: otherAccount, Groups: Train(0).Groups}},
			Spec: func(spec *rollout.Spec) {
				spec.Images = hyperpod.WantedImages{
					{Region: otherRegion, Image: hyperpod.ImageVersion{ID: Third}},
					{Account: otherAccount, Image: hyperpod.ImageVersion{ID: Arm}},
					{Image: hyperpod.ImageVersion{ID: New}},
				}
			},
			Want: Want{
				Outcome: succeeded, Phases: phases(rolled, rolled, rolled), Sent: 3,
				Runs: map[string]string{"east": "login=third workers=third", "theirs": "login=arm workers=arm"},
			},
		},
		{
			Name: "restricted groups are told and left",
			Clusters: []Cluster{{Name: "train-0", Groups: []hyperpod.Group{Workers("workers", 1)}, Spec: func(spec *hyperpod.Spec) {
				spec.RestrictedGroups = []types.ClusterRestrictedInstanceGroupSpecification{{
					InstanceGroupName: aws.String("nova"), InstanceCount: aws.Int32(1), InstanceType: types.ClusterInstanceTypeMlP548xlarge,
					ExecutionRole: aws.String("arn:aws:iam::111122223333:role/Execution"), EnvironmentConfig: &types.EnvironmentConfig{},
				}}
			}}},
			Want: Want{
				Outcome: succeeded, Phases: phases(rolled), Sent: 1,
				Warned: []string{"group nova is restricted and is not rolled"}, Runs: map[string]string{"train-0": "workers=new"},
			},
		},
		{
			Name: "to a release of HyperPod's own image", Clusters: []Cluster{managed(0), managed(1)},
			Emulator: func(o *hyperpodtest.Options) { o.ReleaseVersion = "1.4.0" },
			Spec:     image(hyperpod.ImageVersion{Release: "1.3.0"}),
			Want: Want{
				Outcome: succeeded, Phases: phases(rolled, rolled), Sent: 2,
				Runs: map[string]string{"train-0": "login=1.3.0 workers=1.3.0", "train-1": "login=1.3.0 workers=1.3.0"},
			},
		},
		{
			Name: "to a release, undone to the former one", Clusters: []Cluster{managed(0)},
			Spec: each(image(hyperpod.ImageVersion{Release: "1.3.0"}), onFailure(rollout.UndoAll)), Options: refuses("train-0"),
			Want: Want{
				Outcome: undone, Phases: phases(takenBack), Failed: 1, Sent: 2,
				Runs: map[string]string{"train-0": "login=1.4.0 workers=1.4.0"},
			},
		},
		{
			Name: "to HyperPod's newest image, from an AMI and back", Clusters: Fleet(1),
			Spec: each(image(hyperpod.ImageVersion{ID: "default"}), onFailure(rollout.UndoAll)), Options: refuses("train-0"),
			Want: Want{Outcome: undone, Phases: phases(takenBack), Failed: 1, Sent: 2},
		},
		{
			Name: "to HyperPod's newest image", Clusters: []Cluster{managed(0), managed(1)}, Spec: image(hyperpod.ImageVersion{ID: "default"}),
			Before: func(_ context.Context, b *Bed) error { b.Srv.PublishRelease("1.5.0"); return nil },
			Want: Want{
				Outcome: succeeded, Phases: phases(rolled, rolled), Sent: 2,
				Runs: map[string]string{"train-0": "login=1.5.0 workers=1.5.0", "train-1": "login=1.5.0 workers=1.5.0"},
			},
		},
		{
			Name: "on HyperPod's newest image already", Clusters: []Cluster{managed(0)}, Spec: image(hyperpod.ImageVersion{ID: "default"}),
			Want: Want{Outcome: succeeded, Phases: phases(current), Sent: 0, Runs: map[string]string{"train-0": "login=1.4.0 workers=1.4.0"}},
		},
		{
			Name: "to HyperPod's newest image, and nothing proves it", Clusters: []Cluster{managed(0)}, Spec: image(hyperpod.ImageVersion{ID: "default"}),
			Before: func(_ context.Context, b *Bed) error { b.Srv.PublishRelease("1.5.0"); return nil },
			Planned: func(_ context.Context, b *Bed) error {
				b.Srv.Faults().Ignore(updateSoftware, 1) // by then there is nothing newer
				b.Once(updateSoftware, "", 1, func(context.Context) error { b.Srv.PublishRelease("1.4.0"); return nil })
				return nil
			},
			Want: Want{
				Outcome: succeeded, Phases: phases(rolled), Sent: 1,
				Runs: map[string]string{"train-0": "login=1.4.0 workers=1.4.0"},
				Says: map[string][]string{"train-0": {"workers: unproven: no update was seen", "login: unproven"}},
			},
		},
		{
			Name: "accepted and never started", Clusters: Fleet(1), Spec: onFailure(rollout.UndoAll),
			Planned: func(_ context.Context, b *Bed) error { b.Srv.Faults().Ignore(updateSoftware, 1); return nil },
			Want: Want{
				Outcome: undone, Phases: phases(takenBack), Failed: 1, Sent: 1, Says: map[string][]string{"train-0": {"never started"}},
			},
		},
	}
}
