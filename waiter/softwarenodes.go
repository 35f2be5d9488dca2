package waiter

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
)

const (
	// nodePage is the largest page that ListClusterNodes gives.
	nodePage = 100
	// maxNodeReads bounds the single nodes described in one check.
	maxNodeReads = 100
)

// evidence is what the nodes of one group say.
type evidence struct {
	on       int      // shown to run what was asked for
	old      []string // ids of those shown not to
	unknown  int
	upToDate int // of all, those with ImageVersionStatus UpToDate
}

func (e *evidence) nodes() int { return e.on + len(e.old) + e.unknown }

// askNodes gives an outcome to each group whose ruling asks for it, and reports
// whether asking again may change one.
func (w *softwareWait) askNodes(ctx context.Context, s Snapshot, rulings []ruling) (settled bool, err error) {
	found := map[string]*evidence{}
	for _, r := range rulings {
		if r.askNodes {
			found[r.Group] = &evidence{}
		}
	}
	if len(found) == 0 {
		return true, nil
	}
	if w.checked.IsZero() {
		w.checked = time.Now()
	}
	if err := w.collect(ctx, s, found); err != nil {
		return false, err
	}
	settled = true
	for i, r := range rulings {
		if !r.askNodes {
			continue
		}
		g, _ := s.Group(r.Group)
		ev := *found[r.Group]
		slices.Sort(ev.old)
		verdict := w.weigh(g, ev).GroupSoftware
		verdict.Group = r.Group
		w.outcomes[i] = verdict
		settled = settled && verdict.Outcome != SoftwareIncomplete && ev.nodes() >= int(g.Current)
	}
	return settled, nil
}

// collect reads the nodes of the cluster once and sorts them into found.
func (w *softwareWait) collect(ctx context.Context, s Snapshot, found map[string]*evidence) error {
	in := &sagemaker.ListClusterNodesInput{ClusterName: &w.name, MaxResults: aws.Int32(nodePage)}
	if len(found) == 1 {
		for name := range found {
			in.InstanceGroupNameContains = &name
		}
	}
	reads := 0
	pages := sagemaker.NewListClusterNodesPaginator(w.api, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx, w.opts.APIOptions...)
		if err != nil {
			return fmt.Errorf("listing nodes: %w", err)
		}
		for _, n := range page.ClusterNodeSummaries {
			ev, asked := found[aws.ToString(n.InstanceGroupName)]
			if !asked || leaving(n) {
				continue
			}
			g, _ := s.Group(aws.ToString(n.InstanceGroupName))
			if err := w.sort(ctx, g, n, ev, &reads); err != nil {
				return fmt.Errorf("describing node %s: %w", aws.ToString(n.InstanceId), err)
			}
		}
	}
	return nil
}

// leaving reports whether the node no longer belongs to the group.
func leaving(n types.ClusterNodeSummary) bool {
	if n.InstanceStatus == nil {
		return false
	}
	return n.InstanceStatus.Status == types.ClusterInstanceStatusShuttingDown ||
		n.InstanceStatus.Status == types.ClusterInstanceStatusNotFound
}

// sort adds one node to the evidence, from the cheapest proof to the dearest.
func (w *softwareWait) sort(ctx context.Context, g Group, n types.ClusterNodeSummary, ev *evidence, reads *int) error {
	run, tells := w.runs(g)
	id, version := aws.ToString(n.InstanceId), aws.ToString(n.CurrentImageReleaseVersion)
	upToDate := n.ImageVersionStatus == types.ClusterImageVersionStatusUpToDate
	if upToDate {
		ev.upToDate++
	}
	switch {
	case w.update.ReleaseVersion != "" && version != "":
		ev.add(id, version == w.update.ReleaseVersion, version != w.update.ReleaseVersion)
	case w.since.updated(n) && !(tells && run.ambiguous()):
		ev.add(id, true, false)
	case tells && (run.desired == run.wanted || run.ambiguous()):
		if *reads == maxNodeReads || id == "" {
			ev.add(id, false, false)
			return nil
		}
		*reads++
		image, err := w.nodeImage(ctx, id)
		if err != nil {
			return err
		}
		ev.add(id, image == w.update.Image, !run.ambiguous() && w.isOldImage(g, image))
	case tells:
		ev.add(id, false, false)
	case upToDate && w.fresh(g) && w.update.Image == defaultImage && w.update.ReleaseVersion == "":
		ev.add(id, true, false)
	default:
		ev.add(id, false, w.since.leftBehind(n))
	}
	return nil
}

func (e *evidence) add(id string, on, old bool) {
	switch {
	case on:
		e.on++
	case old:
		e.old = append(e.old, id)
	default:
		e.unknown++
	}
}

// isOldImage reports whether the group is known to have run the image before. Any
// other id may be the service's own copy of an AMI.
func (w *softwareWait) isOldImage(g Group, image string) bool {
	before := w.before[g.Name]
	return image != "" && image != w.update.Image &&
		(image == g.CurrentImage || image == before.CurrentImage || image == before.DesiredImage)
}

// nodeImage returns the image that a node runs, and "" when the service does not
// say, or the node has gone since it was listed.
func (w *softwareWait) nodeImage(ctx context.Context, id string) (string, error) {
	out, err := w.api.DescribeClusterNode(ctx, &sagemaker.DescribeClusterNodeInput{ClusterName: &w.name, NodeId: &id}, w.opts.APIOptions...)
	switch {
	case awserr.IsNotFound(err):
		return "", nil
	case err != nil:
		return "", err
	case out.NodeDetails == nil:
		return "", nil
	default:
		return aws.ToString(out.NodeDetails.CurrentImageId), nil
	}
}

// weigh gives the outcome of a group from what its nodes say.
func (w *softwareWait) weigh(g Group, ev evidence) ruling {
	run, tells := w.runs(g)
	switch complete := w.complete(g); {
	case !w.fresh(g) && unsuccessful(g) && !complete:
		return w.weighOldFailure(g, ev)
	case !w.fresh(g) && !tells && (ev.on == 0 || g.SoftwareUpdate == ""):
		return w.weighUnseen(ev)
	case len(ev.old) > 0:
		r := ruled(SoftwareIncomplete, "%d of %d nodes are left on the old image", len(ev.old), ev.nodes())
		r.NotUpdated = ev.old
		return r
	case complete:
		return ruled(SoftwareSucceeded, "the group runs %s%s", run.wanted, onDesired(g))
	case tells && !run.ambiguous():
		return ruled(SoftwareIncomplete, "the group still reports %s as current%s", run.current, onDesired(g))
	case ev.unknown == 0 && ev.nodes() >= int(g.Current):
		return ruled(SoftwareSucceeded, "all %d nodes were updated", ev.nodes())
	default:
		return ruled(SoftwareUnproven, "%d of %d instances are known to be updated, of the others the service reports nothing", ev.on, g.Current)
	}
}

// weighOldFailure judges a group that was not seen to run and has a status of
// failure, which is of this update only if it touched a node.
func (w *softwareWait) weighOldFailure(g Group, ev evidence) ruling {
	switch {
	case ev.on > 0:
		return w.undone(g)
	case w.update.Before == nil && w.update.Requested.IsZero():
		r := w.undone(g)
		r.Reason += ", perhaps of an earlier update"
		return r
	default:
		return neverStarted()
	}
}

// weighUnseen judges a group of which neither status nor images tell that there
// was an update.
func (w *softwareWait) weighUnseen(ev evidence) ruling {
	switch {
	case ev.on > 0:
		return ruled(SoftwareUnproven, "nodes are newer than the request, and the service reports no software update")
	case len(ev.old) == 0:
		return ruled(SoftwareUnproven, "no update was seen, and the service reports neither images nor the time of an update")
	case ev.upToDate == ev.nodes():
		return ruled(SoftwareUnproven, "no update was seen, and every node is reported up to date: there may have been nothing newer")
	default:
		return neverStarted()
	}
}

func neverStarted() ruling {
	return ruled(SoftwareNeverStarted, "no update was seen, and no node was updated since the request")
}
