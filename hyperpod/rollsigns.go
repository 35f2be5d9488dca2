package hyperpod

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// Started tells whether a request was accepted whose answer nobody knows.
type Started uint8

const (
	// StartedUnknown means that the cluster does not tell.
	StartedUnknown Started = iota
	// StartedYes means that the request was accepted.
	StartedYes
	// StartedNo means that it was not.
	StartedNo
)

// String returns "unknown", "yes" or "no".
func (s Started) String() string {
	switch s {
	case StartedUnknown:
		return "unknown"
	case StartedYes:
		return "yes"
	case StartedNo:
		return "no"
	default:
		return "invalid"
	}
}

// MarshalText encodes the value as its word.
func (s Started) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the word.
func (s *Started) UnmarshalText(text []byte) error {
	for v := StartedUnknown; v <= StartedNo; v++ {
		if v.String() == string(text) {
			*s = v
			return nil
		}
	}
	return fmt.Errorf("%q does not tell whether a request was accepted: use unknown, yes or no", text)
}

// signs are what a description shows of a request: Yes, No as far as a description can
// tell, or nothing. All groups are of one request.
func (p *RollPlan) signs(live *sagemaker.DescribeClusterOutput, prompt bool) Started {
	yes, no := 0, 0
	for _, was := range p.Groups {
		g := regularGroup(live, was.Name)
		if g == nil {
			continue
		}
		switch p.sign(was, *g, prompt) {
		case StartedYes:
			yes++
		case StartedNo:
			no++
		case StartedUnknown:
		}
	}
	switch {
	case yes > 0 && no == 0:
		return StartedYes
	case no == len(p.Groups) && live.ClusterStatus == types.ClusterStatusInservice:
		return StartedNo
	default:
		return StartedUnknown
	}
}

// sign is what one group shows of a request.
func (p *RollPlan) sign(was RollGroup, g types.ClusterInstanceGroupDetails, prompt bool) Started {
	wanted := ImageVersion{ID: p.Image.id, Release: p.Image.release}
	if was.DesiredImage == "" && wanted.Release != "" {
		wanted.ID = "" // no ids are reported, and a release speaks for itself
	}
	before := ImageVersion{ID: was.DesiredImage, Release: was.DesiredRelease}.drift(wanted)
	desired := ImageVersion{ID: aws.ToString(g.DesiredImageId), Release: aws.ToString(g.DesiredImageReleaseVersion)}.drift(wanted)
	current := ImageVersion{ID: aws.ToString(g.CurrentImageId), Release: aws.ToString(g.CurrentImageReleaseVersion)}.drift(wanted)
	began := (updating(g) || g.ActiveSoftwareUpdateConfig != nil) && !updatingWord(was.Status)
	switch {
	case before == Drifted && desired == NoDrift:
		return StartedYes
	case before == Drifted && desired == Drifted && g.SoftwareUpdateStatus == types.SoftwareUpdateStatusRollbackInProgress && current == NoDrift:
		return StartedYes // and is being rolled back: the images have changed places
	case began && before == NoDrift && desired == NoDrift:
		return StartedYes
	case began && prompt && desired != Drifted:
		return StartedYes
	case before == Drifted && desired == Drifted && was.asBefore(g):
		return StartedNo
	default:
		return StartedUnknown
	}
}

// asBefore tells whether a group is described as it was, and so that no update can have
// come and gone meanwhile: one that was rolled back leaves a word of failure.
func (was RollGroup) asBefore(g types.ClusterInstanceGroupDetails) bool {
	switch g.SoftwareUpdateStatus {
	case types.SoftwareUpdateStatusSucceeded, "":
	case types.SoftwareUpdateStatusPending, types.SoftwareUpdateStatusInProgress, types.SoftwareUpdateStatusFailed,
		types.SoftwareUpdateStatusRollbackInProgress, types.SoftwareUpdateStatusRollbackComplete:
		return false
	default:
		return false
	}
	return string(g.SoftwareUpdateStatus) == was.Status && g.ActiveSoftwareUpdateConfig == nil &&
		aws.ToString(g.DesiredImageId) == was.DesiredImage && aws.ToString(g.CurrentImageId) == was.CurrentImage &&
		aws.ToString(g.DesiredImageReleaseVersion) == was.DesiredRelease && aws.ToString(g.CurrentImageReleaseVersion) == was.CurrentRelease
}

// untouched tells whether each node of the plan's groups got its software before the
// request was sent. The service's times are by its own clock, which the answer's Date
// tells to about a second.
func (r *run) untouched(ctx context.Context, p *RollPlan, live *sagemaker.DescribeClusterOutput, requested time.Time) (bool, error) {
	nodes, err := r.nodesOf(ctx, p.names())
	if err != nil {
		return false, err
	}
	skew, _ := awsmiddleware.GetAttemptSkew(live.ResultMetadata)
	since := requested.Add(skew - time.Second)
	for _, was := range p.Groups {
		if g := regularGroup(live, was.Name); g != nil && len(nodes[was.Name]) < int(aws.ToInt32(g.CurrentCount)) {
			return false, nil
		}
		if len(nodes[was.Name]) == 0 && was.DesiredImage == defaultImage && p.Image.custom() {
			return false, nil // the service may report a public AMI as default
		}
		for _, n := range nodes[was.Name] {
			if n.LastSoftwareUpdateTime == nil || !n.LastSoftwareUpdateTime.Before(since) {
				return false, nil
			}
		}
	}
	return true, nil
}
