package waiter

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// Snapshot is a cluster as one DescribeCluster showed it. It shares nothing with
// the SDK's answer.
type Snapshot struct {
	// At is when the answer came.
	At time.Time
	// Name is the cluster's name, ARN its ARN.
	Name, ARN string
	// Status is the status of the whole cluster. On a Continuous cluster it stays
	// InService while groups scale.
	Status types.ClusterStatus
	// FailureMessage is the one message of the whole cluster. It may be of an
	// earlier failure.
	FailureMessage string
	// Continuous says that the node provisioning mode is Continuous.
	Continuous bool
	// Groups are the instance groups, the restricted ones last, each in the
	// service's order.
	Groups []Group
}

// Group is one instance group of a [Snapshot]. Members that the service does not
// report for the group are zero.
type Group struct {
	// Name is the instance group's name.
	Name string
	// Restricted marks a restricted instance group, of which the service reports
	// no software, no minimum and no active operations.
	Restricted bool
	// Status is the group's own status.
	Status types.InstanceGroupStatus
	// Current, Target and Min count instances. Min is zero without a minimum.
	Current, Target, Min int32
	// ActiveOperations counts what is under way, by kind, such as "Scaling".
	ActiveOperations map[string]int32
	// SoftwareUpdate is the status of the last software update, which keeps its
	// final value until the next one starts. Empty before the first one.
	SoftwareUpdate types.SoftwareUpdateStatus
	// RollingUpdate says that the configuration of a software update is active.
	RollingUpdate bool
	// CurrentImage and DesiredImage are AMI ids or "default". They are reported
	// on Continuous clusters, and change places when an update is rolled back.
	CurrentImage, DesiredImage string
	// CurrentRelease and DesiredRelease are release versions of a
	// HyperPod-managed AMI.
	CurrentRelease, DesiredRelease string
	// OnDesired counts the running instances on the desired image
	// (TargetStateCount). Nil when the service does not report it.
	OnDesired *int32
	// Progress is how far the group has got, as far as the wait or [Watch] that made
	// the snapshot has seen.
	Progress Progress
}

// Group returns the group of that name.
func (s Snapshot) Group(name string) (Group, bool) {
	for _, g := range s.Groups {
		if g.Name == name {
			return g, true
		}
	}
	return Group{}, false
}

// progress tells of the groups that are not complete, for a message.
func (s Snapshot) progress() string {
	var open []string
	for _, g := range s.Groups {
		if g.Current != g.Target || !g.inService(s.Continuous) {
			open = append(open, g.describe(g.Target))
		}
	}
	return strings.Join(open, "; ")
}

// describe tells the group's state against the wanted count, for a message.
func (g Group) describe(wanted int32) string {
	status := string(g.Status)
	if status == "" {
		status = "no status"
	}
	if wanted == 0 && g.Current > 0 {
		return fmt.Sprintf("group %s: %s, %d left", g.Name, status, g.Current)
	}
	return fmt.Sprintf("group %s: %s, %d of %d instances", g.Name, status, g.Current, wanted)
}

// inService reports whether the group's status is InService. A group that
// reports none is taken for it where the cluster's own status tells, which it
// does not on a Continuous cluster.
func (g Group) inService(continuous bool) bool {
	return g.Status == types.InstanceGroupStatusInservice || g.Status == "" && !continuous
}

// operating reports whether an operation on the group is active.
func (g Group) operating() bool {
	for _, n := range g.ActiveOperations {
		if n > 0 {
			return true
		}
	}
	return false
}

// updating reports whether a software update of the group is under way.
func (g Group) updating() bool {
	switch g.SoftwareUpdate {
	case types.SoftwareUpdateStatusPending, types.SoftwareUpdateStatusInProgress, types.SoftwareUpdateStatusRollbackInProgress:
		return true
	case types.SoftwareUpdateStatusSucceeded, types.SoftwareUpdateStatusFailed, types.SoftwareUpdateStatusRollbackComplete, "":
		return g.RollingUpdate
	default:
		return true
	}
}

// busy reports whether the service says that it is at work on the group.
func (g Group) busy() bool {
	if g.operating() {
		return true
	}
	switch g.Status {
	case types.InstanceGroupStatusCreating, types.InstanceGroupStatusUpdating,
		types.InstanceGroupStatusSystemupdating, types.InstanceGroupStatusDeleting:
		return true
	case types.InstanceGroupStatusInservice, types.InstanceGroupStatusFailed,
		types.InstanceGroupStatusDegraded, "":
		return false
	default:
		return true
	}
}

func snapshotOf(out *sagemaker.DescribeClusterOutput) Snapshot {
	s := Snapshot{
		At:             time.Now(),
		Name:           aws.ToString(out.ClusterName),
		ARN:            aws.ToString(out.ClusterArn),
		Status:         out.ClusterStatus,
		FailureMessage: aws.ToString(out.FailureMessage),
		Continuous:     out.NodeProvisioningMode == types.ClusterNodeProvisioningModeContinuous,
	}
	for _, g := range out.InstanceGroups {
		group := Group{
			Name:             aws.ToString(g.InstanceGroupName),
			Status:           g.Status,
			Current:          aws.ToInt32(g.CurrentCount),
			Target:           aws.ToInt32(g.TargetCount),
			Min:              aws.ToInt32(g.MinCount),
			ActiveOperations: maps.Clone(g.ActiveOperations),
			SoftwareUpdate:   g.SoftwareUpdateStatus,
			RollingUpdate:    g.ActiveSoftwareUpdateConfig != nil,
			CurrentImage:     aws.ToString(g.CurrentImageId),
			DesiredImage:     aws.ToString(g.DesiredImageId),
			CurrentRelease:   aws.ToString(g.CurrentImageReleaseVersion),
			DesiredRelease:   aws.ToString(g.DesiredImageReleaseVersion),
		}
		if g.TargetStateCount != nil {
			group.OnDesired = aws.Int32(*g.TargetStateCount)
		}
		s.Groups = append(s.Groups, group)
	}
	for _, g := range out.RestrictedInstanceGroups {
		s.Groups = append(s.Groups, Group{
			Name:       aws.ToString(g.InstanceGroupName),
			Restricted: true,
			Status:     g.Status,
			Current:    aws.ToInt32(g.CurrentCount),
			Target:     aws.ToInt32(g.TargetCount),
		})
	}
	return s
}
