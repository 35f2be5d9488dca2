package amishare

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// maxValues is how many filter values EC2 takes in one call (EC2 User Guide,
// "Filter your resources").
const maxValues = 200

// maxPage is the most results that EC2 gives on a page of images or snapshots (EC2 API
// Reference, MaxResults).
const maxPage = 1000

// lookupImages finds AMIs by a filter rather than by ids, so that one unknown id
// does not fail the rest. What EC2 does not show is absent from the answer. Owners
// scope it; none means every AMI that the caller sees.
func lookupImages(ctx context.Context, api API, ids []string, owners ...string) (map[string]types.Image, error) {
	found := map[string]types.Image{}
	for chunk := range slices.Chunk(ids, maxValues) {
		in := &ec2.DescribeImagesInput{
			Filters:           []types.Filter{{Name: aws.String("image-id"), Values: slices.Clone(chunk)}},
			IncludeDeprecated: aws.Bool(true),
			IncludeDisabled:   aws.Bool(true),
			Owners:            owners,
		}
		for {
			out, err := api.DescribeImages(ctx, in)
			if err != nil {
				return nil, fmt.Errorf("looking up %d images: %w", len(chunk), err)
			}
			for _, img := range out.Images {
				found[aws.ToString(img.ImageId)] = img
			}
			if aws.ToString(out.NextToken) == "" {
				break
			}
			in.NextToken = out.NextToken
		}
	}
	return found, nil
}

// lookupSnapshots does the same for snapshots.
func lookupSnapshots(ctx context.Context, api API, ids []string) (map[string]types.Snapshot, error) {
	found := map[string]types.Snapshot{}
	for chunk := range slices.Chunk(ids, maxValues) {
		in := &ec2.DescribeSnapshotsInput{
			Filters: []types.Filter{{Name: aws.String("snapshot-id"), Values: slices.Clone(chunk)}},
		}
		for {
			out, err := api.DescribeSnapshots(ctx, in)
			if err != nil {
				return nil, fmt.Errorf("looking up %d snapshots: %w", len(chunk), err)
			}
			for _, snap := range out.Snapshots {
				found[aws.ToString(snap.SnapshotId)] = snap
			}
			if aws.ToString(out.NextToken) == "" {
				break
			}
			in.NextToken = out.NextToken
		}
	}
	return found, nil
}

// volumes returns the EBS volumes that an AMI brings. Mappings of instance-store
// devices and suppressed ones are none.
func volumes(img types.Image) []types.BlockDeviceMapping {
	var list []types.BlockDeviceMapping
	for _, m := range img.BlockDeviceMappings {
		if m.Ebs != nil && m.NoDevice == nil {
			list = append(list, m)
		}
	}
	return list
}

// snapshotIDs returns the ids of the snapshots in an AMI's mappings, each once.
func snapshotIDs(img types.Image) []string {
	var ids []string
	for _, m := range volumes(img) {
		if id := aws.ToString(m.Ebs.SnapshotId); id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}
