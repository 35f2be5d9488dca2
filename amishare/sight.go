package amishare

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// sight is what EC2 showed for a check.
type sight struct {
	// images holds this account's and Amazon's AMIs.
	images map[string]types.Image
	// others holds what those AMIs were made from, two generations back, and the AMIs
	// of other accounts.
	others    map[string]types.Image
	snapshots map[string]types.Snapshot
}

// generations is how far back the origin of an AMI is followed.
const generations = 2

func look(ctx context.Context, api API, ids []string) (sight, error) {
	var s sight
	var err error
	// The owners tell this account's AMIs from those shared with it, without a call
	// to ask which account this is.
	if s.images, err = lookupImages(ctx, api, ids, "self", "amazon"); err != nil {
		return sight{}, err
	}
	var snapshots []string
	for _, id := range ids {
		if img, ok := s.images[id]; ok && classify(img) == ImageCustom {
			snapshots = append(snapshots, snapshotIDs(img)...)
		}
	}
	if s.snapshots, err = lookupSnapshots(ctx, api, snapshots); err != nil {
		return sight{}, err
	}
	s.others, err = lookupOthers(ctx, api, ids, s.images)
	if err != nil {
		return sight{}, err
	}
	return s, nil
}

// lookupOthers follows the AMIs to what they were made from, and looks for those of
// the ids that are not among them on the way.
func lookupOthers(ctx context.Context, api API, ids []string, images map[string]types.Image) (map[string]types.Image, error) {
	others := map[string]types.Image{}
	ask := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { _, ok := images[id]; return ok })
	from := images
	for range generations {
		sources := sourcesOf(from)
		for _, id := range sources {
			if _, ok := images[id]; !ok && !slices.Contains(ask, id) {
				ask = append(ask, id)
			}
		}
		found, err := lookupImages(ctx, api, ask)
		if err != nil {
			return nil, err
		}
		maps.Copy(others, found)
		ask, from = nil, map[string]types.Image{}
		for _, id := range sources {
			img, ok := images[id]
			if !ok {
				img, ok = others[id]
			}
			if ok {
				others[id], from[id] = img, img
			}
		}
	}
	return others, nil
}

// sourcesOf returns the ids of what custom AMIs were made from, sorted.
func sourcesOf(images map[string]types.Image) []string {
	var ids []string
	for _, img := range images {
		if id := aws.ToString(img.SourceImageId); id != "" && classify(img) == ImageCustom {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// origin is where the walk through an AMI's sources ended.
type origin struct {
	// at is the last AMI seen, the AMI itself to begin with.
	at types.Image
	// gone is the id of a source that is not visible.
	gone string
}

// origin follows an AMI to the HyperPod public AMI it was made from, as far as EC2
// remembers and was asked.
func (s sight) origin(img types.Image) origin {
	o := origin{at: img}
	for range generations {
		source := aws.ToString(o.at.SourceImageId)
		if source == "" || classify(o.at) == ImagePublic {
			break
		}
		base, ok := s.others[source]
		if !ok {
			o.gone = source
			break
		}
		o.at = base
	}
	return o
}
