package rollout

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
)

// NodesRunning returns a gate that passes when each of the visit's groups has as many
// nodes in Running as its target count, and none in any other status. Nodes that are
// ShuttingDown do not count either way, and other groups are not looked at. Its error
// names the nodes that are in the way, with their status and message.
//
// It waits for whatever may yet come right: a node in Failure is replaced by the service
// on a Continuous cluster, a status that this version does not know is named. A cluster
// that does not exist and a missing permission are refused. A message alone is nothing:
// nodes keep it after they have recovered.
//
// ListClusterNodes can be behind DescribeCluster for seconds to minutes, as was seen on
// live clusters: [GateOptions].Passes of two or more guards against a list that is old.
// The gate calls both, the list a page at a time, which a policy generated for
// [github.com/hyperpodkit/hyperpodkit/policy.RollImage] grants.
func NodesRunning() Gate { return nodesGate{}.ask }

// DeepHealthChecked returns a gate that passes when all nodes of the visit's groups run,
// as by [NodesRunning], and each of the groups has deep health checks on start
// (OnStartDeepHealthChecks). It refuses a group that has none. Checks that were started
// by StartClusterHealthCheck are waited for by NodesRunning as well.
//
// That is all the service tells. A node is in DeepHealthCheckInProgress while it is
// checked, and one that fails is rebooted or replaced and checked again; no status, member
// or event of the API says that a node has passed. By the developer guide checks run on
// instances as they are created or added. That new root volumes have them checked again
// is not documented: the gate says most for groups that replace others; see [Replace].
// On EKS the label sagemaker.amazonaws.com/deep-health-check-status of a Kubernetes node
// tells more, to a gate of one's own.
//
// A check takes about two hours: see [GateOptions].Patience. Calls and permissions are
// those of NodesRunning.
func DeepHealthChecked() Gate { return nodesGate{checked: true}.ask }

// nodesGate asks for the nodes of a visit's groups.
type nodesGate struct {
	checked bool // deep health checks on start are wanted
}

func (g nodesGate) ask(ctx context.Context, v Visit) error {
	if len(v.Groups) == 0 {
		return Refuse(errors.New("the visit has no instance groups: nothing to look at"))
	}
	cluster := cmp.Or(v.ARN, v.Cluster)
	live, err := v.API.DescribeCluster(ctx, &sagemaker.DescribeClusterInput{ClusterName: aws.String(cluster)})
	if err != nil {
		return cannotAsk(fmt.Errorf("DescribeCluster of %q: %w", cluster, err))
	}
	wanted, missing := counts(live, v.Groups)
	if g.checked {
		if err := unchecked(live, v.Groups); err != nil {
			return err
		}
	}
	seen := make(map[string]*tally, len(wanted))
	for _, name := range v.Groups {
		seen[name] = &tally{}
	}
	for n, err := range v.HyperPod.Cluster(cluster).Nodes(ctx, func(o *hyperpod.NodesOptions) { o.Groups = v.Groups }) {
		if err != nil {
			return cannotAsk(err)
		}
		seen[n.Group].add(n)
	}
	wrong := missing
	for _, name := range v.Groups {
		if count, exists := wanted[name]; exists {
			wrong = append(wrong, seen[name].judge(name, count)...)
		}
	}
	if len(wrong) > 0 {
		return errors.New(strings.Join(wrong, "; "))
	}
	return nil
}

// cannotAsk refuses what no patience helps against.
func cannotAsk(err error) error {
	switch {
	case awserr.IsNotFound(err), errors.Is(err, hyperpod.ErrClusterNotFound):
		return Refuse(fmt.Errorf("%w: %w", hyperpod.ErrClusterNotFound, err))
	case awserr.IsAccessDenied(err):
		return Refuse(fmt.Errorf("the gate lacks a permission, grant sagemaker:DescribeCluster and sagemaker:ListClusterNodes: %w", err))
	default:
		return err
	}
}

// counts are the target counts of the named groups, and which of them cannot have any.
func counts(live *sagemaker.DescribeClusterOutput, names []string) (wanted map[string]int32, missing []string) {
	wanted = make(map[string]int32, len(names))
	for _, name := range names {
		switch g := groupOf(live, name); {
		case g == nil:
			missing = append(missing, fmt.Sprintf("group %s does not exist", name))
		case g.Status == types.InstanceGroupStatusDeleting:
			missing = append(missing, fmt.Sprintf("group %s is being deleted", name))
		default:
			wanted[name] = aws.ToInt32(g.TargetCount)
		}
	}
	return wanted, missing
}

// unchecked refuses groups that exist and have no deep health checks.
func unchecked(live *sagemaker.DescribeClusterOutput, names []string) error {
	var without []string
	for _, name := range names {
		if g := groupOf(live, name); g != nil && len(g.OnStartDeepHealthChecks) == 0 {
			without = append(without, name)
		}
	}
	if len(without) == 0 {
		return nil
	}
	return Refuse(fmt.Errorf("OnStartDeepHealthChecks of group %s is not set, so that new nodes are not checked: set it, or use NodesRunning",
		strings.Join(without, ", ")))
}

func groupOf(live *sagemaker.DescribeClusterOutput, name string) *types.ClusterInstanceGroupDetails {
	i := slices.IndexFunc(live.InstanceGroups, func(g types.ClusterInstanceGroupDetails) bool { return aws.ToString(g.InstanceGroupName) == name })
	if i < 0 {
		return nil
	}
	return &live.InstanceGroups[i]
}

// tally is what the list says of a group.
type tally struct {
	running int32
	others  []string
}

func (t *tally) add(n hyperpod.Node) {
	switch n.Status {
	case types.ClusterInstanceStatusRunning:
		t.running++
	case types.ClusterInstanceStatusShuttingDown:
	case types.ClusterInstanceStatusPending, types.ClusterInstanceStatusFailure, types.ClusterInstanceStatusSystemUpdating,
		types.ClusterInstanceStatusDeepHealthCheckInProgress, types.ClusterInstanceStatusNotFound:
		t.others = append(t.others, described(n, string(n.Status)))
	case "":
		t.others = append(t.others, described(n, "no status"))
	default:
		t.others = append(t.others, described(n, fmt.Sprintf("%s (a status that this version does not know)", n.Status)))
	}
}

func described(n hyperpod.Node, status string) string {
	s := fmt.Sprintf("%s %s", cmp.Or(n.Instance, n.LogicalID, "a node without an id"), status)
	if n.Message != "" {
		s += ": " + n.Message
	}
	return s
}

// judge tells what the group lacks. Of many nodes it names the first.
func (t *tally) judge(group string, wanted int32) []string {
	const most = 5
	if t.running >= wanted && len(t.others) == 0 {
		return nil
	}
	told := t.others
	if more := len(told) - most; more > 0 {
		told = append(told[:most:most], fmt.Sprintf("and %d more", more))
	}
	s := fmt.Sprintf("group %s: %d of %d nodes Running", group, t.running, wanted)
	if len(told) > 0 {
		s += " (" + strings.Join(told, ", ") + ")"
	}
	return []string{s}
}
