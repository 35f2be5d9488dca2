package hyperpod

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// Image is what a group is to run. The zero value is an error. Images can be compared.
type Image struct {
	id      string
	release string
}

// DefaultImage is HyperPod's own newest image.
var DefaultImage = Image{id: defaultImage}

// AMI is an AMI by its id, such as "ami-0123456789abcdef0". Its form is checked where it is
// used.
func AMI(id string) Image { return Image{id: id} }

// Release is a release of HyperPod's own images by its version, such as "1.2.3". No
// version is no image: the newest release is [DefaultImage].
func Release(version string) Image {
	if version == "" {
		return Image{}
	}
	return Image{id: defaultImage, release: version}
}

// ID returns the AMI id, or "default" for an image of HyperPod's own.
func (i Image) ID() string { return i.id }

// Version returns the release version, empty for an AMI and for [DefaultImage].
func (i Image) Version() string { return i.release }

// String returns the AMI id, "default", or "release" with the version.
func (i Image) String() string {
	if i.release != "" {
		return "release " + i.release
	}
	return i.id
}

// custom tells whether the image is an AMI by its id, and not HyperPod's own by name.
func (i Image) custom() bool { return i.id != "" && i.id != defaultImage }

// GroupSelection says which instance groups a roll is for. The zero value is an error.
type GroupSelection struct {
	all   bool
	names []string
}

// AllGroups selects every regular instance group that the cluster has when the roll
// starts. Restricted groups are never rolled.
var AllGroups = GroupSelection{all: true}

// Named selects instance groups by name. None at all, and one named twice, are refused.
func Named(names ...string) GroupSelection { return GroupSelection{names: slices.Clone(names)} }

// IsZero tells whether nothing is selected.
func (s GroupSelection) IsZero() bool { return !s.all && len(s.names) == 0 }

// All tells whether every regular group is selected.
func (s GroupSelection) All() bool { return s.all }

// Names returns the groups that are named, none for [AllGroups].
func (s GroupSelection) Names() []string { return slices.Clone(s.names) }

// Batch is a number of nodes at a time. The zero value is an error where a batch is
// required. Batches can be compared.
type Batch struct {
	allAtOnce bool
	kind      types.NodeUnavailabilityType // empty without a size
	value     int32
}

// AllAtOnce is the consent to replace all nodes of a group at the same time: nothing
// is drained.
var AllAtOnce = Batch{allAtOnce: true}

// Nodes is a batch of a number of nodes, at least 1.
func Nodes(n int32) Batch { return Batch{kind: types.NodeUnavailabilityTypeInstanceCount, value: n} }

// Percent is a batch of a share of a group's nodes, 1 to 100.
func Percent(p int32) Batch {
	return Batch{kind: types.NodeUnavailabilityTypeCapacityPercentage, value: p}
}

// String returns the batch in words, such as "2 nodes", "25%" or "all at once", and
// nothing for the zero value.
func (b Batch) String() string {
	switch {
	case b.allAtOnce:
		return allAtOnceText
	case b.kind == types.NodeUnavailabilityTypeCapacityPercentage:
		return fmt.Sprintf("%d%%", b.value)
	case b.sized():
		return counted(b.value, "node")
	default:
		return ""
	}
}

// sized tells whether the batch is a number of nodes or a share.
func (b Batch) sized() bool { return b.kind != "" }

// size is the batch as the API has it, nil without a number.
func (b Batch) size() *types.CapacitySizeConfig {
	if !b.sized() {
		return nil
	}
	return &types.CapacitySizeConfig{Type: b.kind, Value: aws.Int32(b.value)}
}

// Of returns how many nodes a batch takes at most, of a group that has so many nodes and
// is to have target. The service does not say how it rounds a share: down is assumed, and
// one node at least. Without a size it is all nodes.
func (b Batch) Of(nodes, target int32) int32 {
	switch b.kind {
	case types.NodeUnavailabilityTypeCapacityPercentage:
		return min(nodes, max(1, int32(int64(target)*int64(b.value)/100)))
	case types.NodeUnavailabilityTypeInstanceCount:
		return min(nodes, b.value)
	default:
		return nodes
	}
}
