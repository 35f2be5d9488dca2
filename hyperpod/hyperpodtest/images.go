package hyperpodtest

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/hyperpodkit/hyperpodkit/internal/emul"
)

// defaultImage is the literal that stands for HyperPod's own newest image.
const defaultImage = "default"

// imageUse is a custom or public AMI that a request puts on a group.
type imageUse struct {
	image        string
	managed      string // the group, if it cannot leave HyperPod's own images
	rootKey      string // of the group's root volume, empty when it has none
	architecture string // of the group's instance type, empty when it has several types
}

// forwardImages is what the service does with the caller's rights when a request
// names AMIs: look each up, refuse what HyperPod cannot run, and share it and its
// snapshots with an account, the service's or nobody. Public images of HyperPod need no
// sharing.
//
// That the service shares by itself follows from the dependent actions that the
// service authorization reference lists for these operations; it is nowhere stated.
func (s *Server) forwardImages(ctx context.Context, who emul.Identity, uses []imageUse, with string) error {
	done := map[imageUse]bool{}
	for _, use := range uses {
		if done[use] {
			continue
		}
		done[use] = true
		if err := s.forwardImage(ctx, who, use, with); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) forwardImage(ctx context.Context, who emul.Identity, use imageUse, with string) error {
	images := s.options.Images
	owner, name, architecture, state, snapshots, err := images.DescribeImage(ctx, who.Account, who.Region, use.image)
	if err != nil {
		return imageError(use.image, err)
	}
	if state != "available" {
		return invalid("Image %s is in state %s; it must be available.", use.image, state)
	}
	if use.architecture != "" && architecture != use.architecture {
		return invalid("Image %s is for %s; the instance group's instances are %s.", use.image, architecture, use.architecture)
	}
	if owner == "amazon" && strings.HasPrefix(name, "HyperPod ") {
		s.note(func() { s.publicImages[regional{who.Region, use.image}] = true })
		return nil
	}
	if use.managed != "" {
		return staysManaged(use.managed, use.image)
	}
	if owner != who.Account {
		return invalid("Image %s is owned by %s; a custom AMI must be owned by the account of the cluster, %s.", use.image, owner, who.Account)
	}
	if len(snapshots) != 1 {
		return invalid("Image %s has %d EBS snapshots; a custom AMI must have its root snapshot only.", use.image, len(snapshots))
	}
	for _, snapshot := range snapshots {
		key, managed, err := images.DescribeSnapshot(ctx, who.Account, who.Region, snapshot)
		if err != nil {
			return imageError(use.image, err)
		}
		if key != "" && (managed || !sameKey(key, use.rootKey)) {
			return invalid("Image %s is encrypted with %s; an encrypted custom AMI needs a customer managed key that also encrypts the root volume of the instance group.", use.image, key)
		}
	}
	for _, snapshot := range snapshots {
		if err := images.ShareSnapshot(ctx, who.Account, who.Region, snapshot, with); err != nil {
			return imageError(use.image, err)
		}
	}
	if err := images.ShareImage(ctx, who.Account, who.Region, use.image, with); err != nil {
		return imageError(use.image, err)
	}
	if with != "" {
		s.note(func() { s.regained(grant{who, use.image}) })
	}
	return nil
}

// sameKey tells whether two names are of one KMS key. A key has an id and an ARN that
// ends in it. Which key an alias stands for only KMS knows, so an alias is the same as
// itself alone.
func sameKey(a, b string) bool {
	if strings.HasPrefix(a, "arn:") && strings.HasPrefix(b, "arn:") {
		return a == b
	}
	return keyName(a) == keyName(b)
}

// keyName is what an ARN of KMS ends in: a key's id, or "alias/" and its name.
func keyName(nameOrARN string) string {
	if a, err := arn.Parse(nameOrARN); err == nil {
		nameOrARN = a.Resource
	}
	return strings.TrimPrefix(nameOrARN, "key/")
}
