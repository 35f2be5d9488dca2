package hyperpod

import (
	"cmp"
	"time"
)

// ImageVersion names an image as the service does.
type ImageVersion struct {
	// ID is an AMI id, or "default" for HyperPod's own image. Empty when unknown: on
	// clusters that are not Continuous the service was seen to leave it out.
	ID string `json:",omitempty"`
	// Release is the release version of one of HyperPod's own images, such as
	// "1.2.3". A custom AMI has none.
	Release string `json:",omitempty"`
}

// String returns what is known of id and release, "-" for nothing.
func (v ImageVersion) String() string {
	if v.ID != "" && v.Release != "" {
		return v.ID + " " + v.Release
	}
	return cmp.Or(v.ID, v.Release, "-")
}

// ImageClass says what an image is to its cluster.
type ImageClass uint8

const (
	// ImageUnknown is an image that the service does not name, or an AMI of which
	// nobody knows more than that it is not the wanted one.
	ImageUnknown ImageClass = iota
	// ImageWanted is the wanted image.
	ImageWanted
	// ImageOlderCustom is a custom AMI made before the wanted one.
	ImageOlderCustom
	// ImageCustom is a custom AMI that is not known to be older than the wanted one: it is
	// newer, or one of the two ages is unknown, or none is wanted.
	ImageCustom
	// ImageDefault is the literal "default": HyperPod's own image, and not the wanted one.
	ImageDefault
	// ImagePublic is a public AMI of HyperPod that is not the wanted image.
	ImagePublic
	// ImageNone is that of a restricted group, which has no image to choose.
	ImageNone
)

// String returns the class in one or two words.
func (c ImageClass) String() string {
	switch c {
	case ImageUnknown:
		return "unknown"
	case ImageWanted:
		return "wanted"
	case ImageOlderCustom:
		return "older custom"
	case ImageCustom:
		return "custom"
	case ImageDefault:
		return "default"
	case ImagePublic:
		return "public"
	case ImageNone:
		return "none"
	default:
		return "invalid"
	}
}

// MarshalText encodes the class as its words.
func (c ImageClass) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// Drift says whether something runs another image than the wanted one.
type Drift uint8

const (
	// DriftUnknown means that no image is wanted, or that the service does not say what
	// runs.
	DriftUnknown Drift = iota
	// NoDrift means that the wanted image runs.
	NoDrift
	// Drifted means that another one runs, or is going to.
	Drifted
)

// String returns "unknown", "no" or "yes".
func (d Drift) String() string {
	switch d {
	case DriftUnknown:
		return "unknown"
	case NoDrift:
		return "no"
	case Drifted:
		return "yes"
	default:
		return "invalid"
	}
}

// MarshalText encodes the drift as its word.
func (d Drift) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// drift compares what is with what is wanted, member by member as far as they are wanted.
func (v ImageVersion) drift(wanted ImageVersion) Drift {
	result := DriftUnknown
	for _, pair := range [][2]string{{wanted.ID, v.ID}, {wanted.Release, v.Release}} {
		want, is := pair[0], pair[1]
		switch {
		case want == "":
			continue
		case is == "":
			return DriftUnknown
		case is != want:
			return Drifted
		}
		result = NoDrift
	}
	return result
}

// WantedQuery is the group for which an image is wanted.
type WantedQuery struct {
	// Account and Region are where the cluster is.
	Account, Region string
	// Cluster and Group are names.
	Cluster, Group string
	// Orchestrator is "eks" or "slurm".
	Orchestrator string
	// InstanceTypes are the group's, several for a flexible one.
	InstanceTypes []string
	// Architecture is "x86_64" or "arm64". Empty when an instance type is newer than this
	// library, or when they differ.
	Architecture string
	// Kubernetes is the minor version of the EKS cluster, such as "1.31". Empty when
	// unknown, as in an inventory, which does not ask EKS, and on Slurm.
	Kubernetes string
}

// WantedImage is the image wanted for the groups that its other members match. An
// empty member matches all.
type WantedImage struct {
	// Account is the twelve digits of the clusters' account, Region theirs, Architecture
	// "x86_64" or "arm64", Orchestrator "eks" or "slurm".
	Account, Region, Architecture, Orchestrator string
	// Kubernetes is the minor version of the EKS cluster, such as "1.31". One that is
	// given does not match a group whose version is unknown, as in an inventory.
	Kubernetes string
	// Image is what is wanted. Its Release belongs to images of HyperPod's own.
	Image ImageVersion
}

// WantedImages says which image is wanted where. The first match counts.
type WantedImages []WantedImage

// Find is a function for [InventoryOptions.Wanted].
func (w WantedImages) Find(q WantedQuery) ImageVersion {
	matches := func(pattern, s string) bool { return pattern == "" || pattern == s }
	for _, image := range w {
		if matches(image.Account, q.Account) && matches(image.Region, q.Region) &&
			matches(image.Architecture, q.Architecture) && matches(image.Orchestrator, q.Orchestrator) &&
			matches(image.Kubernetes, q.Kubernetes) {
			return image.Image
		}
	}
	return ImageVersion{}
}

// ImageQuery is an AMI of which more is to be known.
type ImageQuery struct {
	// Account and Region are where a cluster uses it.
	Account, Region string
	// Image is the AMI's id.
	Image string
}

// ImageFacts is what is known of an AMI.
type ImageFacts struct {
	// Class is [ImagePublic] or [ImageCustom]; anything else means unknown.
	Class ImageClass
	// Created is when the AMI was made. Zero when unknown.
	Created time.Time
}
