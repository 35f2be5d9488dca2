package hyperpod

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// InventoryCluster is a cluster and what its groups run. It marshals to JSON by its
// members' names, Err as its text.
type InventoryCluster struct {
	// Account and Region are where the cluster is.
	Account, Region string
	// Name and ARN are the cluster's. Without a name it stands for a source that could
	// not be listed, and Err says why.
	Name string
	ARN  string
	// Status is the cluster's status word, as the service gave it.
	Status string
	// Orchestrator is "eks" or "slurm", empty when the cluster could not be read.
	Orchestrator string
	// Continuous says that the cluster's node provisioning mode is Continuous.
	Continuous bool
	// Groups are the instance groups in the service's order, restricted ones last.
	Groups []InventoryGroup
	// Err is what could not be read, nil when all was.
	Err error `json:"-"`
}

// InventoryGroup is an instance group and what it runs.
type InventoryGroup struct {
	// Name of the group.
	Name string
	// Restricted says that it is a restricted instance group, which has no image to
	// choose: no image is told of it, and it does not drift.
	Restricted bool
	// Status is the group's status word, SoftwareUpdate that of its last software
	// update, empty before the first.
	Status, SoftwareUpdate string
	// InstanceTypes are the group's, several for a flexible one.
	InstanceTypes []string
	// Count is how many instances the group has, Target how many it is to have.
	Count, Target int32
	// OnDesired is how many instances run the desired image since the last software
	// update (SDK, ClusterInstanceGroupDetails.TargetStateCount). Nil when the service
	// does not say.
	OnDesired *int32 `json:",omitempty"`
	// Current is the image that the group runs, Desired the one that it is to run; they
	// differ during a software update and after one that skipped nodes. Wanted is what
	// [InventoryOptions.Wanted] said.
	Current, Desired, Wanted ImageVersion
	// VersionStatus is the service's word on how current the image is, such as
	// "UpdateAvailable". Empty when it has none, as for custom AMIs.
	VersionStatus string
	// Class is that of the current image; of the desired one when the service names no
	// current one.
	Class ImageClass
	// Drift says whether the group, or a node of it, runs or is going to run another
	// image than the wanted one.
	Drift Drift
	// Nodes are the group's nodes, when the inventory tells of them.
	Nodes []InventoryNode `json:",omitempty"`
}

// InventoryNode is a node and what it runs.
type InventoryNode struct {
	// Instance is the EC2 instance id.
	Instance string
	// Status is the node's status word, InstanceType its type.
	Status, InstanceType string
	// Current and Desired are the node's images. Their ids are known of described nodes
	// only. While a software update runs, the desired id was seen to be that of a copy that
	// the service keeps and that the account cannot look up.
	Current, Desired ImageVersion
	// VersionStatus is the service's word on how current the image is.
	VersionStatus string
	// LastSoftwareUpdate is when the node's image was last replaced; the launch time for
	// a node whose image never was. Zero when the service does not say.
	LastSoftwareUpdate time.Time `json:",omitzero"`
	// Class is that of the current image, Drift whether it is another than the wanted.
	Class ImageClass
	Drift Drift

	group string
}

func listedNode(n types.ClusterNodeSummary) InventoryNode {
	node := InventoryNode{
		Instance: aws.ToString(n.InstanceId), InstanceType: string(n.InstanceType), group: aws.ToString(n.InstanceGroupName),
		Current: ImageVersion{Release: aws.ToString(n.CurrentImageReleaseVersion)}, VersionStatus: string(n.ImageVersionStatus),
		LastSoftwareUpdate: aws.ToTime(n.LastSoftwareUpdateTime),
	}
	if n.InstanceStatus != nil {
		node.Status = string(n.InstanceStatus.Status)
	}
	return node
}

// describe adds what only a node's own description shows.
func (n *InventoryNode) describe(d types.ClusterNodeDetails) {
	n.Current = ImageVersion{ID: aws.ToString(d.CurrentImageId), Release: aws.ToString(d.CurrentImageReleaseVersion)}
	n.Desired = ImageVersion{ID: aws.ToString(d.DesiredImageId), Release: aws.ToString(d.DesiredImageReleaseVersion)}
	n.VersionStatus = string(d.ImageVersionStatus)
}

// MarshalJSON encodes the members by their names, and Err as its text.
func (c InventoryCluster) MarshalJSON() ([]byte, error) {
	type members InventoryCluster
	out := struct {
		members
		Err string `json:",omitempty"`
	}{members: members(c)}
	if c.Err != nil {
		out.Err = c.Err.Error()
	}
	return json.Marshal(out)
}

// InventoryList is clusters and what they run. It prints as a table.
type InventoryList []InventoryCluster

// Drift returns what is not known to run the wanted image: the clusters that could
// not be read in full, and the groups and nodes that run another image or of which
// the service does not tell. It is empty when everything runs what is wanted.
func (l InventoryList) Drift() InventoryList {
	drifting := InventoryList{}
	for _, c := range l {
		var groups []InventoryGroup
		for _, g := range c.Groups {
			if g.Drift == NoDrift {
				continue
			}
			var nodes []InventoryNode
			for _, n := range g.Nodes {
				if n.Drift != NoDrift {
					nodes = append(nodes, n)
				}
			}
			g.Nodes = nodes
			groups = append(groups, g)
		}
		if c.Groups = groups; c.Err != nil || len(groups) > 0 {
			drifting = append(drifting, c)
		}
	}
	return drifting
}

// String returns a table with a line for each group and one for each node below it,
// and after it a line for each thing that could not be read.
func (l InventoryList) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	// A strings.Builder does not fail, so neither do these.
	_, _ = fmt.Fprintln(w, "ACCOUNT\tREGION\tCLUSTER\tGROUP\tNODE\tINSTANCES\tIMAGE\tDESIRED\tCLASS\tVERSION\tDRIFT")
	for _, c := range l {
		place := fmt.Sprintf("%s\t%s\t%s", cmp.Or(c.Account, "-"), cmp.Or(c.Region, "-"), cmp.Or(c.Name, "-"))
		for _, g := range c.Groups {
			_, _ = fmt.Fprintf(w, "%s\t%s\t-\t%d of %d\t%s\t%s\t%s\t%s\t%s\n", place, g.Name, g.Count, g.Target,
				g.Current, g.Desired, g.Class, cmp.Or(g.VersionStatus, "-"), g.Drift)
			for _, n := range g.Nodes {
				_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t-\t%s\t%s\t%s\t%s\t%s\n", place, g.Name, n.Instance,
					n.Current, n.Desired, n.Class, cmp.Or(n.VersionStatus, "-"), n.Drift)
			}
		}
	}
	_ = w.Flush()
	for _, c := range l {
		if c.Err != nil {
			_, _ = fmt.Fprintf(&b, "error: %v\n", c.Err)
		}
	}
	return b.String()
}
