package amisharetest

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/hyperpodkit/hyperpodkit/internal/deep"
	"github.com/hyperpodkit/hyperpodkit/internal/emul"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

var (
	// imageName is what the SDK's doc comment of RegisterImage says of an AMI's name.
	imageName  = regexp.MustCompile(`^[A-Za-z0-9()\[\] ./\-'@_]{3,128}$`)
	regionName = regexp.MustCompile(`^[a-z]+(-[a-z]+)+-[0-9]{1,2}$`)
)

// copyToken is whose client token it is, and where.
type copyToken struct {
	emul.Identity
	token string
}

// copied is what a client token stands for.
type copied struct {
	input ec2.CopyImageInput
	image string
}

// copyImage copies an AMI of any Region into the one of the call. The AMI of another
// account needs to be shared, and its snapshots as well (EC2 User Guide, "Copy an
// Amazon EC2 AMI"). The code and the words for snapshots that are not were seen in
// public bug reports; those for a client token are the API Reference's.
func copyImage(r *request, in *ec2.CopyImageInput) (*ec2.CopyImageOutput, func(), error) {
	if err := checkCopy(in); err != nil {
		return nil, nil, err
	}
	from := *r
	from.region = *in.SourceRegion
	if err := r.allowCopy(&from, in); err != nil {
		return nil, nil, err
	}
	key := copyToken{r.Identity(), aws.ToString(in.ClientToken)}
	if before, ok := r.server.tokens[key]; ok {
		if !reflect.DeepEqual(before.input, tokenInput(in)) {
			return nil, nil, refuse("IdempotentParameterMismatch", "The client token '%s' was used before with other parameters", key.token)
		}
		return &ec2.CopyImageOutput{ImageId: aws.String(before.image)}, nil, nil
	}
	source, err := from.image(*in.SourceImageId)
	switch {
	case err != nil:
		return nil, nil, err
	case source.State != types.ImageStateAvailable:
		return nil, nil, refuse("InvalidAMIID.Unavailable", "The image ID '%s' is not available", *in.SourceImageId)
	}
	for _, id := range source.snapshots() {
		snap, ok := from.here().snapshots[id]
		switch {
		case !ok:
			return nil, nil, refuse("InvalidSnapshot.NotFound", "The snapshot '%s' does not exist.", id)
		case !from.sees(snap):
			return nil, nil, refuse("InvalidRequest", "You do not have permission to access the storage of this ami")
		}
		if err := r.allowKeys(&from, snap, in); err != nil {
			return nil, nil, err
		}
	}
	id := "ami-" + emul.HexID(17, r.account, r.region, "copy", strconv.Itoa(r.server.made))
	return &ec2.CopyImageOutput{ImageId: aws.String(id)}, func() {
		r.server.made++
		r.putCopy(&from, source, id, in)
		if key.token != "" {
			r.server.tokens[key] = copied{tokenInput(in), id}
		}
	}, nil
}

// allowCopy authorises the copy on the source AMI and on the AMI and the snapshots that
// come of it, and their tags, those copied from the source among them. Of the source
// only id and owner are condition keys, not its tags.
func (r *request) allowCopy(from *request, in *ec2.CopyImageInput) error {
	source := from.imageResource(aws.ToString(in.SourceImageId))
	seen := source.Context
	source.Context = map[string][]string{"ec2:ImageID": seen["ec2:ImageID"], "ec2:Owner": seen["ec2:Owner"], "aws:ResourceAccount": seen["aws:ResourceAccount"]}
	image, snapshots := r.copyTags(from, in)
	target := policy.Resource{ARN: r.arn("image", "*"), Context: requestTags(image)}
	storage := policy.Resource{ARN: r.arn("snapshot", "*"), Context: requestTags(snapshots)}
	if err := r.allow("CopyImage", source, target, storage); err != nil {
		return err
	}
	var tagged []policy.Resource
	if len(image) > 0 {
		tagged = append(tagged, target)
	}
	if len(snapshots) > 0 {
		tagged = append(tagged, storage)
	}
	if len(tagged) == 0 {
		return nil
	}
	return r.allowWith("CreateTags", map[string][]string{"ec2:CreateAction": {"CopyImage"}}, tagged...)
}

// copyTags are the tags of the copy and of its snapshots: the source's, if they are
// asked for, and over them those of the request.
func (r *request) copyTags(from *request, in *ec2.CopyImageInput) (image, snapshots []types.Tag) {
	if source, ok := from.here().images[aws.ToString(in.SourceImageId)]; ok && aws.ToBool(in.CopyImageTags) {
		for _, t := range source.tags.of(r.account) {
			if !isReserved(*t.Key) {
				image = append(image, t)
			}
		}
	}
	for _, s := range in.TagSpecifications {
		if s.ResourceType == types.ResourceTypeImage {
			image = mergeTags(image, s.Tags)
		} else {
			snapshots = mergeTags(snapshots, s.Tags)
		}
	}
	return image, snapshots
}

func mergeTags(under, over []types.Tag) []types.Tag {
	var list []types.Tag
	for _, t := range under {
		if !slices.ContainsFunc(over, func(o types.Tag) bool { return aws.ToString(o.Key) == aws.ToString(t.Key) }) {
			list = append(list, t)
		}
	}
	return append(list, over...)
}

func checkCopy(in *ec2.CopyImageInput) error {
	switch {
	case in.SourceImageId == nil:
		return missing("SourceImageId")
	case aws.ToString(in.SourceRegion) == "":
		return missing("SourceRegion")
	case !regionName.MatchString(*in.SourceRegion):
		return refuse("InvalidParameterValue", "Invalid source region: %s", *in.SourceRegion)
	case in.Name == nil:
		return missing("Name")
	case !imageName.MatchString(*in.Name):
		return refuse("InvalidAMIName.Malformed", "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', '/' and '_'")
	case in.KmsKeyId != nil && !aws.ToBool(in.Encrypted):
		return refuse("InvalidParameterDependency", "The parameter KmsKeyId requires the parameter Encrypted to be set.")
	case in.DestinationOutpostArn != nil || in.DestinationAvailabilityZone != nil || in.DestinationAvailabilityZoneId != nil:
		return refuse("UnsupportedOperation", "Outposts and Local Zones are not emulated")
	}
	for _, s := range in.TagSpecifications {
		if s.ResourceType != types.ResourceTypeImage && s.ResourceType != types.ResourceTypeSnapshot {
			return refuse("InvalidParameterValue", "'%s' is not a valid taggable resource type for this operation.", s.ResourceType)
		}
		if err := checkTags(s.Tags); err != nil {
			return err
		}
	}
	return nil
}

// tokenInput is what has to be the same when a client token comes again.
func tokenInput(in *ec2.CopyImageInput) ec2.CopyImageInput {
	same := deep.Copy(*in)
	same.DryRun = nil
	return same
}

// putCopy makes the new AMI. It carries neither permissions nor a deprecation.
func (r *request) putCopy(from *request, source *image, id string, in *ec2.CopyImageInput) {
	fresh := &image{Image: deep.Copy(source.Image), tags: tags{}}
	fresh.ImageId, fresh.Name, fresh.Description = aws.String(id), deep.Copy(in.Name), deep.Copy(in.Description)
	fresh.OwnerId, fresh.ImageOwnerAlias, fresh.PublicSsmParameterName = aws.String(r.account), nil, nil
	fresh.ImageLocation = aws.String(r.account + "/" + *in.Name)
	fresh.CreationDate, fresh.DeprecationTime, fresh.LastLaunchedTime = aws.String(timestamp(r.now)), nil, nil
	fresh.SourceImageId, fresh.SourceImageRegion, fresh.SourceInstanceId = deep.Copy(in.SourceImageId), deep.Copy(in.SourceRegion), nil
	fresh.State = types.ImageStatePending
	pending := &pendingCopy{region: r.region, image: id, since: r.now, until: r.now.Add(r.server.opts.CopyTime)}
	onImage, onSnapshots := r.copyTags(from, in)
	for _, t := range onImage {
		fresh.tags.set(r.account, *t.Key, aws.ToString(t.Value))
	}
	for i, m := range fresh.BlockDeviceMappings {
		if m.Ebs == nil || m.NoDevice != nil || aws.ToString(m.Ebs.SnapshotId) == "" {
			continue
		}
		old := from.here().snapshots[*m.Ebs.SnapshotId]
		snap := r.copySnapshot(from, old, "snap-"+emul.HexID(17, id, strconv.Itoa(i)), in)
		snap.Description = aws.String("Copied for DestinationAmi " + id + " from SourceAmi " + *in.SourceImageId + " for SourceSnapshot " + *old.SnapshotId)
		for _, t := range onSnapshots {
			snap.tags.set(r.account, *t.Key, aws.ToString(t.Value))
		}
		pending.snapshots = append(pending.snapshots, *snap.SnapshotId)
		m.Ebs.SnapshotId, m.Ebs.Encrypted = deep.Copy(snap.SnapshotId), deep.Copy(snap.Encrypted)
	}
	r.here().images[id] = fresh
	r.server.pending = append(r.server.pending, pending)
}

// copySnapshot makes the copy of one snapshot.
func (r *request) copySnapshot(from *request, old *snapshot, id string, in *ec2.CopyImageInput) *snapshot {
	key := r.copyKey(from, old, in)
	snap := &snapshot{Snapshot: deep.Copy(old.Snapshot), tags: tags{}}
	snap.SnapshotId, snap.OwnerId, snap.OwnerAlias = aws.String(id), aws.String(r.account), nil
	snap.Encrypted, snap.KmsKeyId = aws.Bool(key != ""), optional(key)
	snap.VolumeId = aws.String("vol-" + strings.Repeat("f", 8))
	snap.StartTime, snap.CompletionTime = aws.Time(r.now), nil
	snap.State, snap.Progress = types.SnapshotStatePending, aws.String("0%")
	r.here().snapshots[id] = snap
	return snap
}
