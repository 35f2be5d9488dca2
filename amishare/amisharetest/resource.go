package amisharetest

import (
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/hyperpodkit/hyperpodkit/internal/emul"
	"github.com/hyperpodkit/hyperpodkit/policy"
)

// The resources of this file have the ARNs and the condition keys that the Service
// Authorization Reference lists for Amazon EC2. The ARNs of images and snapshots have
// no account. One that does not exist, or that the caller does not see, has no keys.

func (r *request) arn(kind, id string) string {
	return "arn:" + emul.Partition(r.region) + ":ec2:" + r.region + "::" + kind + "/" + id
}

func (r *request) imageResource(id string, extra ...map[string][]string) policy.Resource {
	keys := map[string][]string{}
	if img, ok := r.here().images[id]; ok && img.visibleTo(r.account) {
		keys = tagKeys(img.tags[r.account])
		keys["ec2:ImageID"] = []string{id}
		keys["ec2:ImageType"] = present(string(img.ImageType))
		keys["ec2:Owner"] = owner(img.OwnerId, img.ImageOwnerAlias)
		keys["ec2:Public"] = []string{strconv.FormatBool(img.grants.public())}
		keys["ec2:RootDeviceType"] = present(string(img.RootDeviceType))
		keys["aws:ResourceAccount"] = present(aws.ToString(img.OwnerId))
	}
	return resource(r.arn("image", id), keys, extra)
}

func (r *request) snapshotResource(id string, extra ...map[string][]string) policy.Resource {
	keys := map[string][]string{}
	if snap, ok := r.here().snapshots[id]; ok && r.sees(snap) {
		keys = tagKeys(snap.tags[r.account])
		keys["ec2:SnapshotID"] = []string{id}
		keys["ec2:SnapshotTime"] = []string{aws.ToTime(snap.StartTime).Format(time.RFC3339)}
		keys["ec2:Owner"] = owner(snap.OwnerId, snap.OwnerAlias)
		keys["ec2:ParentVolume"] = []string{"arn:" + emul.Partition(r.region) + ":ec2:" + r.region + ":" + aws.ToString(snap.OwnerId) + ":volume/" + aws.ToString(snap.VolumeId)}
		keys["ec2:VolumeSize"] = present(integer(snap.VolumeSize))
		keys["aws:ResourceAccount"] = present(aws.ToString(snap.OwnerId))
	}
	return resource(r.arn("snapshot", id), keys, extra)
}

// encryption is the key that snapshots have in some actions and not in others.
func (r *request) encryption(id string) map[string][]string {
	if snap, ok := r.here().snapshots[id]; ok && r.sees(snap) {
		return map[string][]string{"ec2:Encrypted": present(boolean(snap.Encrypted))}
	}
	return nil
}

func resource(arn string, keys map[string][]string, extra []map[string][]string) policy.Resource {
	for _, more := range extra {
		maps.Copy(keys, more)
	}
	return policy.Resource{ARN: arn, Context: keys}
}

// owner is the alias of an owner that has one, as ec2:Owner has it.
func owner(id, alias *string) []string {
	if alias != nil {
		return []string{*alias}
	}
	return present(aws.ToString(id))
}

func tagKeys(own map[string]string) map[string][]string {
	keys := map[string][]string{}
	for key, value := range own {
		keys["aws:ResourceTag/"+key] = []string{value}
		keys["ec2:ResourceTag/"+key] = []string{value}
	}
	return keys
}

// requestTags are the condition keys of the tags that a request names. A tag to be
// deleted may have no value.
func requestTags(list []types.Tag) map[string][]string {
	keys := map[string][]string{}
	for _, t := range list {
		keys["aws:TagKeys"] = append(keys["aws:TagKeys"], aws.ToString(t.Key))
		if t.Value != nil {
			keys["aws:RequestTag/"+aws.ToString(t.Key)] = []string{*t.Value}
		}
	}
	return keys
}

// taggable are the resources of a request for tags, with the keys of each action.
func (r *request) taggable(ids []string, image, snapshot func(id string) policy.Resource) []policy.Resource {
	var list []policy.Resource
	for _, id := range ids {
		switch {
		case strings.HasPrefix(id, "ami-"):
			list = append(list, image(id))
		case strings.HasPrefix(id, "snap-"):
			list = append(list, snapshot(id))
		default:
			list = append(list, policy.Resource{ARN: "*"})
		}
	}
	return list
}

// onlyTags leaves a resource the keys that DeleteTags has.
func onlyTags(of policy.Resource, asked map[string][]string) policy.Resource {
	maps.DeleteFunc(of.Context, func(key string, _ []string) bool {
		return !strings.Contains(key, "ResourceTag/") && key != "aws:ResourceAccount"
	})
	maps.Copy(of.Context, asked)
	return of
}
