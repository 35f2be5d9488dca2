package amisharetest

import (
	"cmp"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/hyperpodkit/hyperpodkit/internal/deep"
	"github.com/hyperpodkit/hyperpodkit/internal/emul"
)

// AWSManagedKey stands for the owner's AWS managed key for EBS as the KMSKey of an
// [Image] or a [Snapshot]. The API shows it as the ARN that [ManagedKey] returns.
const AWSManagedKey = "alias/aws/ebs"

// ManagedKey returns the ARN of the AWS managed key for EBS (alias aws/ebs) of an
// account in a Region.
func ManagedKey(account, region string) string {
	h := emul.HexID(32, "aws/ebs", account, region)
	return "arn:" + emul.Partition(region) + ":kms:" + region + ":" + account +
		":key/" + h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// Image is an AMI to be put into a [Server]. The zero value is an AMI that is fit
// for HyperPod but for the tags of a guard: available, x86_64, HVM, owned by the
// server's account, with one unencrypted root snapshot.
type Image struct {
	// ID is the AMI's id. Empty means a new one.
	ID string
	// Account owns the AMI, and Region holds it. Empty means those that
	// the server acts for.
	Account, Region string
	// OwnerAlias is EC2's alias for the owner, such as "amazon". Mostly empty.
	OwnerAlias string
	// Name is the AMI's name. Empty means its id.
	Name string
	// Description is the AMI's description.
	Description string
	// Architecture is x86_64 when empty, State available.
	Architecture types.ArchitectureValues
	// State is the AMI's state. Empty means available.
	State types.ImageState
	// Mappings are the block device mappings. Nil means a root volume alone, at
	// /dev/xvda; empty and not nil means none. An EBS mapping without a snapshot id
	// gets a new snapshot; one that names a snapshot unknown to the server is an
	// AMI whose snapshot has been deleted.
	Mappings []types.BlockDeviceMapping
	// KMSKey is the ARN of the key that new snapshots are encrypted with, or
	// [AWSManagedKey]. Empty means unencrypted.
	KMSKey string
	// SourceImage and SourceRegion say what the AMI was made from.
	SourceImage, SourceRegion string
	// Created is when the AMI was made. Zero means now.
	Created time.Time
	// Deprecated is when the AMI is deprecated. Zero means never.
	Deprecated time.Time
	// Tags are the owner's tags on the AMI, SnapshotTags those on new snapshots.
	Tags, SnapshotTags map[string]string
	// SharedWith are the accounts that have the launch permission.
	SharedWith []string
	// Public gives the launch permission to all.
	Public bool
	// Change, when not nil, changes any other member of the image.
	Change func(*types.Image)
}

// Snapshot is an EBS snapshot to be put into a [Server]. The zero value is a
// completed, unencrypted snapshot of 100 GiB, owned by the server's account.
type Snapshot struct {
	// ID is the snapshot's id. Empty means a new one.
	ID string
	// Account owns the snapshot, and Region holds it. Empty means those that
	// the server acts for.
	Account, Region string
	// OwnerAlias is EC2's alias for the owner, such as "amazon". Mostly empty.
	OwnerAlias string
	// State is the snapshot's state. Empty means completed.
	State types.SnapshotState
	// SizeGiB is the size of the volume. Zero means 100.
	SizeGiB int32
	// KMSKey is the ARN of the key that the snapshot is encrypted with, or
	// [AWSManagedKey]. Empty means unencrypted.
	KMSKey string
	// Tags are the owner's tags.
	Tags map[string]string
	// SharedWith are the accounts that have the create volume permission.
	SharedWith []string
	// Public gives the create volume permission to all.
	Public bool
	// Change, when not nil, changes any other member of the snapshot.
	Change func(*types.Snapshot)
}

// AddImage puts an AMI and its new snapshots into the server and returns the AMI's
// id. An AMI of the same id in the same Region is replaced.
func (s *Server) AddImage(img Image) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addImage(img)
}

// AddSnapshot puts a snapshot into the server and returns its id. A snapshot of
// the same id in the same Region is replaced.
func (s *Server) AddSnapshot(snap Snapshot) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addSnapshot(snap)
}

// ChangeImage changes an AMI as it is stored, as if time had passed: its state, its
// deprecation. It reports whether the Region (empty means the server's) has the
// AMI. The change must not call the server.
func (s *Server) ChangeImage(region, id string, change func(*types.Image)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	img, ok := s.region(cmp.Or(region, s.opts.Region)).images[id]
	if ok {
		change(&img.Image)
	}
	return ok
}

// RemoveImage takes an AMI away and leaves its snapshots, as deregistering does.
// It reports whether the Region (empty means the server's) had it.
func (s *Server) RemoveImage(region, id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return remove(s.region(cmp.Or(region, s.opts.Region)).images, id)
}

// RemoveSnapshot takes a snapshot away, even from under an AMI, which EC2 would
// refuse. It reports whether the Region (empty means the server's) had it.
func (s *Server) RemoveSnapshot(region, id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return remove(s.region(cmp.Or(region, s.opts.Region)).snapshots, id)
}

func remove[T any](from map[string]T, id string) bool {
	_, ok := from[id]
	delete(from, id)
	return ok
}

func (s *Server) addImage(img Image) string {
	account, where := cmp.Or(img.Account, s.acting.Principal.Account()), cmp.Or(img.Region, s.opts.Region)
	id := s.id(img.ID, "ami-", account, where)
	created := img.Created
	if created.IsZero() {
		created = s.clock.Now()
	}
	stored := &image{tags: ownTags(account, img.Tags), Image: types.Image{
		Architecture:       cmp.Or(img.Architecture, types.ArchitectureValuesX8664),
		CreationDate:       aws.String(timestamp(created)),
		Description:        optional(img.Description),
		EnaSupport:         aws.Bool(true),
		Hypervisor:         types.HypervisorTypeXen,
		ImageId:            aws.String(id),
		ImageLocation:      aws.String(account + "/" + cmp.Or(img.Name, id)),
		ImageOwnerAlias:    optional(img.OwnerAlias),
		ImageType:          types.ImageTypeValuesMachine,
		Name:               aws.String(cmp.Or(img.Name, id)),
		OwnerId:            aws.String(account),
		PlatformDetails:    aws.String("Linux/UNIX"),
		RootDeviceName:     aws.String("/dev/xvda"),
		RootDeviceType:     types.DeviceTypeEbs,
		SourceImageId:      optional(img.SourceImage),
		SourceImageRegion:  optional(img.SourceRegion),
		SriovNetSupport:    aws.String("simple"),
		State:              cmp.Or(img.State, types.ImageStateAvailable),
		UsageOperation:     aws.String("RunInstances"),
		VirtualizationType: types.VirtualizationTypeHvm,
	}}
	if !img.Deprecated.IsZero() {
		stored.DeprecationTime = aws.String(timestamp(img.Deprecated))
	}
	stored.BlockDeviceMappings = s.mappings(img, account, where)
	stored.grants = sharedWith(img.SharedWith, img.Public)
	if img.Change != nil {
		img.Change(&stored.Image)
	}
	s.region(where).images[id] = stored
	return id
}

// mappings completes an image's mappings and makes the snapshots they lack.
func (s *Server) mappings(img Image, account, where string) []types.BlockDeviceMapping {
	list := deep.Copy(img.Mappings)
	if list == nil {
		list = []types.BlockDeviceMapping{{DeviceName: aws.String("/dev/xvda"), Ebs: &types.EbsBlockDevice{}}}
	}
	r := s.region(where)
	for _, m := range list {
		if m.Ebs == nil {
			continue
		}
		if m.Ebs.SnapshotId == nil {
			id := s.addSnapshot(Snapshot{
				Account: account, Region: where, OwnerAlias: img.OwnerAlias, Tags: img.SnapshotTags,
				SizeGiB: aws.ToInt32(m.Ebs.VolumeSize), KMSKey: cmp.Or(aws.ToString(m.Ebs.KmsKeyId), img.KMSKey),
			})
			m.Ebs.SnapshotId = aws.String(id)
			m.Ebs.KmsKeyId = nil
		}
		if m.Ebs.DeleteOnTermination == nil {
			m.Ebs.DeleteOnTermination = aws.Bool(true)
		}
		m.Ebs.VolumeType = cmp.Or(m.Ebs.VolumeType, types.VolumeTypeGp3)
		if snap, ok := r.snapshots[*m.Ebs.SnapshotId]; ok {
			m.Ebs.Encrypted, m.Ebs.VolumeSize = deep.Copy(snap.Encrypted), deep.Copy(snap.VolumeSize)
		}
	}
	return list
}

func (s *Server) addSnapshot(snap Snapshot) string {
	account, where := cmp.Or(snap.Account, s.acting.Principal.Account()), cmp.Or(snap.Region, s.opts.Region)
	id := s.id(snap.ID, "snap-", account, where)
	key := snap.KMSKey
	if key == AWSManagedKey {
		key = ManagedKey(account, where)
	}
	now := s.clock.Now()
	stored := &snapshot{tags: ownTags(account, snap.Tags), Snapshot: types.Snapshot{
		CompletionTime: aws.Time(now),
		Description:    aws.String(""),
		Encrypted:      aws.Bool(key != ""),
		KmsKeyId:       optional(key),
		OwnerAlias:     optional(snap.OwnerAlias),
		OwnerId:        aws.String(account),
		Progress:       aws.String("100%"),
		SnapshotId:     aws.String(id),
		StartTime:      aws.Time(now),
		State:          cmp.Or(snap.State, types.SnapshotStateCompleted),
		StorageTier:    types.StorageTierStandard,
		VolumeId:       aws.String("vol-ffffffff"),
		VolumeSize:     aws.Int32(cmp.Or(snap.SizeGiB, 100)),
	}}
	stored.grants = sharedWith(snap.SharedWith, snap.Public)
	if snap.Change != nil {
		snap.Change(&stored.Snapshot)
	}
	s.region(where).snapshots[id] = stored
	return id
}

func sharedWith(accounts []string, public bool) grants {
	g := flatGrants(accounts, nil, nil, nil)
	if public {
		g = append(g, grant{group: string(types.PermissionGroupAll)})
	}
	return g
}

// id returns the wanted id, or a new one. Those count, so that they are the same
// on every run.
func (s *Server) id(wanted, prefix, account, where string) string {
	if wanted != "" {
		return wanted
	}
	s.made++
	return prefix + emul.HexID(17, account, where, strconv.Itoa(s.made))
}

func ownTags(account string, from map[string]string) tags {
	own := tags{}
	for key, value := range from {
		own.set(account, key, value)
	}
	return own
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
