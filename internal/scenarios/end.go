package scenarios

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// Want is the end that a scenario must come to.
type Want struct {
	// Refused are words of the error of a plan that is refused. Nothing else is looked at
	// then but Sent.
	Refused []string
	// Warned are words of the plan's findings.
	Warned []string

	Outcome rollout.Outcome
	// Phases are those of the targets, in order.
	Phases []rollout.Phase
	// Failed is how many targets count as failures.
	Failed int
	// Runs is what the nodes of a cluster run, such as "login=old workers=new"; see [End].
	// A cluster that is not named runs New when its target was rolled or is current, Old
	// when it is waiting or was taken back. Those of other phases must be named.
	Runs map[string]string
	// Sent is how many software updates were requested and not refused. -1 is any number.
	Sent int
	// Says are words of reasons, details and timeline, by cluster; "" stands for the
	// rollout as a whole.
	Says map[string][]string
	// Log is what [Bed.Log] was told, in order.
	Log []string
	// Check tells what else is wrong, by the state.
	Check func(s rollout.State) []string
}

// End is the end that a rollout came to. Engines that run the same scenario come to equal
// ends but for Text, which has times in it.
type End struct {
	Refused string
	Outcome rollout.Outcome
	Phases  []rollout.Phase
	Failed  int
	// Outcomes are those of the groups, by target and group.
	Outcomes []map[string]string
	// Runs is what the nodes run, by cluster: for each group, in the order of names, the
	// images of its nodes, as "workers=new". A plus stands between the images of one
	// group, an exclamation mark after an image that a node has failed on, and brackets
	// around that of a group without nodes. A cluster that is gone is "gone".
	Runs map[string]string
	Sent int
	Log  []string

	// Text is what is told of each cluster, and of the rollout by "".
	Text   map[string]string
	warned string
	state  rollout.State
}

// refused tells whether the service has refused a request. One that had no answer it may
// have accepted.
func refused(err error) bool { return err != nil && !errors.Is(err, io.ErrUnexpectedEOF) }

// end looks at how things are.
func (b *Bed) end(ctx context.Context, s rollout.State, p *rollout.Plan, refusal string) (End, error) {
	e := End{Refused: refusal, Runs: map[string]string{}, Text: map[string]string{}, Log: b.log, state: s, Sent: -b.theirs}
	for _, c := range b.Srv.Calls() {
		if c.Operation == updateSoftware && !refused(c.Err) {
			e.Sent++
		}
	}
	if p != nil {
		for _, f := range p.Findings {
			e.warned += f.String() + "\n"
		}
	}
	if refusal != "" {
		return e, nil
	}
	e.Outcome = s.Outcome()
	for _, m := range s.Timeline {
		e.Text[""] += m.Text + "\n"
	}
	for i := range s.Targets {
		t := &s.Targets[i]
		e.Phases = append(e.Phases, t.Phase)
		if t.Failed {
			e.Failed++
		}
		outcomes := map[string]string{}
		text := []string{t.Reason, t.Question}
		for _, g := range t.Groups {
			outcomes[g.Name] = g.Outcome
			text = append(text, g.Name+": "+g.Outcome+": "+g.Detail)
		}
		e.Outcomes = append(e.Outcomes, outcomes)
		e.Text[t.Cluster] = strings.Join(text, "\n")
	}
	b.Srv.Faults().Clear()
	select { // until what is under way has come to rest
	case <-time.After(12 * hour):
	case <-ctx.Done():
	}
	for _, c := range b.made {
		runs, err := b.runs(ctx, c)
		if err != nil {
			return End{}, err
		}
		e.Runs[c.Name] = runs
	}
	return e, nil
}

// runs is what the nodes of a cluster run.
func (b *Bed) runs(ctx context.Context, c Cluster) (string, error) {
	api := b.API(c.account(), c.region())
	live, err := api.DescribeCluster(ctx, &sagemaker.DescribeClusterInput{ClusterName: &c.Name})
	if notFound := (*types.ResourceNotFound)(nil); errors.As(err, &notFound) {
		return "gone", nil
	}
	if err != nil {
		return "", err
	}
	images := map[string][]string{}
	for pages := sagemaker.NewListClusterNodesPaginator(api, &sagemaker.ListClusterNodesInput{ClusterName: &c.Name}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", err
		}
		for _, n := range page.ClusterNodeSummaries {
			node, err := api.DescribeClusterNode(ctx, &sagemaker.DescribeClusterNodeInput{ClusterName: &c.Name, NodeId: n.InstanceId})
			if err != nil {
				return "", err
			}
			group, image := aws.ToString(n.InstanceGroupName), known(aws.ToString(node.NodeDetails.CurrentImageId), aws.ToString(node.NodeDetails.CurrentImageReleaseVersion))
			if n.InstanceStatus.Status == types.ClusterInstanceStatusFailure {
				image += "!"
			}
			images[group] = append(images[group], image)
		}
	}
	var groups []string
	for _, g := range live.InstanceGroups {
		name := aws.ToString(g.InstanceGroupName)
		of := images[name]
		slices.Sort(of)
		run := strings.Join(slices.Compact(of), "+")
		if run == "" {
			run = "(" + known(aws.ToString(g.CurrentImageId), aws.ToString(g.CurrentImageReleaseVersion)) + ")"
		}
		groups = append(groups, name+"="+run)
	}
	slices.Sort(groups)
	return strings.Join(groups, " "), nil
}

// known is a short name of an image.
func known(image, release string) string {
	switch image {
	case Old:
		return "old"
	case New:
		return "new"
	case Arm:
		return "arm"
	case Third:
		return "third"
	case "default", "":
		return or(release, "default")
	default:
		return image
	}
}

// Differences tells where an end is not the one that is wanted.
func (w *Want) Differences(e End) []string {
	var d []string
	differ := func(format string, args ...any) { d = append(d, fmt.Sprintf(format, args...)) }
	lacks := func(what, text string, words []string) {
		for _, word := range words {
			if !strings.Contains(text, word) {
				differ("%s: %q is not in %q", what, word, text)
			}
		}
	}
	if w.Sent >= 0 && w.Sent != e.Sent {
		differ("%d software updates were sent, want %d", e.Sent, w.Sent)
	}
	if len(w.Refused) > 0 {
		lacks("the refusal", e.Refused, w.Refused)
		return d
	}
	if e.Refused != "" {
		differ("the plan was refused: %s", e.Refused)
		return d
	}
	lacks("the plan's findings", e.warned, w.Warned)
	if w.Outcome != e.Outcome {
		differ("the outcome is %q, want %q", e.Outcome, w.Outcome)
	}
	if !slices.Equal(w.Phases, e.Phases) {
		differ("the phases are %q, want %q", e.Phases, w.Phases)
	}
	if w.Failed != e.Failed {
		differ("%d targets failed, want %d", e.Failed, w.Failed)
	}
	if w.Log != nil && !slices.Equal(w.Log, e.Log) {
		differ("the log is %q, want %q", e.Log, w.Log)
	}
	for cluster, words := range w.Says {
		lacks("what is told of "+or(cluster, "the rollout"), e.Text[cluster], words)
	}
	if len(d) == 0 || w.Runs != nil {
		d = append(d, w.running(e)...)
	}
	if w.Check != nil {
		d = append(d, w.Check(e.state)...)
	}
	if len(d) > 0 {
		d = append(d, fmt.Sprintf("told: %q", e.Text))
	}
	return d
}

// running compares what the nodes run.
func (w *Want) running(e End) []string {
	var d []string
	byCluster := map[string]bool{}
	for i := range e.state.Targets {
		t := &e.state.Targets[i]
		byCluster[t.Cluster] = true
		want, named := w.Runs[t.Cluster]
		if !named {
			want = byPhase(t)
		}
		if e.Runs[t.Cluster] != want {
			d = append(d, fmt.Sprintf("%s runs %q, want %q", t.Cluster, e.Runs[t.Cluster], want))
		}
	}
	for cluster, want := range w.Runs {
		if !byCluster[cluster] && e.Runs[cluster] != want {
			d = append(d, fmt.Sprintf("%s runs %q, want %q", cluster, e.Runs[cluster], want))
		}
	}
	return d
}

func byPhase(t *rollout.TargetState) string {
	image := ""
	switch t.Phase {
	case rollout.PhaseRolled, rollout.PhaseCurrent:
		image = "new"
	case rollout.PhaseWaiting, rollout.PhaseTakenBack:
		image = "old"
	case rollout.PhaseActive, rollout.PhaseFailed, rollout.PhaseUnknown, rollout.PhaseStuck:
		return "what the scenario says"
	default:
	}
	var groups []string
	for _, g := range t.Groups {
		groups = append(groups, g.Name+"="+image)
	}
	slices.Sort(groups)
	return strings.Join(groups, " ")
}
