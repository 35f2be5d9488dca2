package rollout

import (
	"time"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// Spec says what is to be rolled where, and how. Targets, Images, Waves, Strategy and
// ReplaceRootVolumes must be set: each of them has no harmless default.
type Spec struct {
	// Name is for people. It may be empty.
	Name string

	// Targets are the clusters, in the order in which they are begun. A cluster is named
	// once.
	Targets []Target

	// Images says which image a group is to run, by account, Region, architecture,
	// orchestrator and Kubernetes minor version. A group for which it has none is an
	// error.
	Images hyperpod.WantedImages

	// Waves divides the targets: [OneWave], [Percentages], [ByLabel] or [Waves].
	Waves Division

	// Strategy is how each target is changed that has none of its own.
	Strategy Strategy

	// Bake is how long nothing is done after a wave, while the gate is not asked. Then
	// the gate is asked once more for each target of the wave. The last wave bakes too.
	Bake time.Duration

	// Approval has every wave but the first wait until it is approved; see
	// [Control.Approve].
	Approval bool

	// Budget is how many targets may fail. Zero allows none.
	Budget Budget

	// OnFailure is what happens when more have failed: [Stop], [UndoWave] or [UndoAll].
	OnFailure Response

	// Limits bound what is done at the same time. Zero bounds nothing.
	Limits Limits

	// Windows are when targets may begin. Nil means at any time. What has begun when a
	// window closes goes on, and nothing waits for a window to be taken back.
	Windows []Window

	// WaitBusy is how long a target waits for another operation on its cluster to end.
	// Zero means that it fails at once. One that is to be taken back waits for four
	// hours at least.
	WaitBusy time.Duration

	// ReplaceRootVolumes is the consent to what a roll does: every node's root volume is
	// replaced, and what is on it is lost. Replacing groups replaces their nodes whole.
	// It must be true.
	ReplaceRootVolumes bool
}

// Target is a cluster with the groups that are to be rolled.
type Target struct {
	// Account is the id of the cluster's account, Region its Region.
	Account, Region string
	// Cluster is the name or ARN.
	Cluster string
	// Groups is [hyperpod.Named] or [hyperpod.AllGroups]: the regular groups that the
	// cluster has when the rollout is planned.
	Groups hyperpod.GroupSelection
	// Labels serve [ByLabel]. They are the caller's own.
	Labels map[string]string
	// Kubernetes is the minor version of the EKS cluster, such as "1.31", for
	// Spec.Images. SageMaker does not tell it. Empty matches only images for any.
	Kubernetes string
	// Strategy is how this target is changed. Nil means Spec.Strategy.
	Strategy *Strategy
	// Windows are when this target may begin. Nil means Spec.Windows.
	Windows []Window
}

// Strategy is how a target is changed: in place unless Replace is set. Deployment.Batch
// must be set then.
type Strategy struct {
	// Deployment says how the nodes of a group are replaced in place. Its Batch must be
	// [hyperpod.Nodes] or [hyperpod.Percent], on EKS only, or [hyperpod.AllAtOnce]. A zero
	// RollbackBatch means Batch, so that the service's own way back takes out no more.
	Deployment hyperpod.Deployment `json:"deployment,omitzero"`
	// OneByOne sends one group after another. Zero sends all that get the same image
	// together.
	OneByOne bool `json:"oneByOne,omitempty"`
	// Force is that of [hyperpod.Roll].
	Force bool `json:"force,omitempty"`
	// Replace has groups replaced by new ones.
	Replace *Replace `json:"replace,omitempty"`
}

// Replace replaces each group by a new one with the new image and deletes the old one
// when the gate was passed. It is the way from HyperPod's own image to an AMI on Slurm,
// and to another key, type or subnet: see [Options].Replacement.
//
// Once the old group is deleted the target cannot be taken back.
type Replace struct {
	// Suffix is added to the name of a group for that of the new one. It must be set.
	Suffix string `json:"suffix"`
	// Canary is how many instances of each new group are added first, and asked the gate
	// about, before the others. Zero adds all at once.
	Canary int32 `json:"canary,omitempty"`
}

// Budget is how many targets may fail. As many as it says may; one more and the rollout
// begins no further target.
type Budget struct {
	// Wave is for the targets of one wave, Total for all. Zero allows none, a negative
	// number any.
	Wave  int `json:"wave,omitempty"`
	Total int `json:"total,omitempty"`
}

// Response is what happens to targets when more have failed than the budget allows, or
// when a rollout is aborted. The zero value is an error in a [Spec].
type Response string

const (
	// Stop begins no further target and leaves those that have begun to their end.
	Stop Response = "stop"
	// UndoWave takes back the targets of the wave that is under way.
	UndoWave Response = "undo-wave"
	// UndoAll takes back every target that was changed.
	UndoAll Response = "undo-all"
)

// Limits bound what is done at the same time. Zero members bound nothing.
type Limits struct {
	// Wave, Region and Account are the targets worked on in a wave, and of those in one
	// Region and in one account.
	Wave    int `json:"wave,omitempty"`
	Region  int `json:"region,omitempty"`
	Account int `json:"account,omitempty"`
	// Nodes is how many nodes may be out, over all targets and groups: the batches of the
	// groups that are being updated, or their rollback batches where these are larger, all
	// nodes of a group without batches. Nodes that fail by themselves do not count.
	Nodes int `json:"nodes,omitempty"`
}
