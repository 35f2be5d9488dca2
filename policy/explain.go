package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
)

// Explanation tells of a generated policy why it is as it is.
type Explanation struct {
	// Grants has one element for each action of each statement, in the order of
	// the document.
	Grants []Grant
	// Limits is what could not be narrowed.
	Limits []Limit
}

// Grant is an action of a generated policy.
type Grant struct {
	// Action is the IAM action.
	Action string
	// Access is its access level, such as "Write".
	Access string
	// Sid names the statement that allows it.
	Sid string
	// Why is what the action is for, as a clause.
	Why string
	// Workflows are those that need it.
	Workflows []Workflow
	// Sources are where that need is written down.
	Sources []Source
}

// Limit is a right that is wider than the workflows need, because no condition
// key or no known fact can narrow it.
type Limit struct {
	// Actions are the actions concerned, sorted.
	Actions []string
	// Why is what their holder can do beyond the workflows, why it cannot be
	// narrowed, and what helps instead.
	Why string
}

// Explain returns the reasons behind the policy that [Generate] returns for the
// same input. Its errors are the same.
func Explain(scope Scope, workflows ...Workflow) (*Explanation, error) {
	if err := validate(scope, workflows); err != nil {
		return nil, err
	}
	all := plan(scope, workflows)
	return &Explanation{Grants: grants(scope, all), Limits: limits(scope, all)}, nil
}

func grants(s Scope, all []planned) []Grant {
	var out []Grant
	for _, p := range all {
		sid := p.rule.statement(s).Sid
		i := slices.IndexFunc(out, func(g Grant) bool { return g.Action == p.action && g.Sid == sid })
		if i < 0 {
			a, _ := LookupAction(p.action)
			out, i = append(out, Grant{Action: p.action, Access: a.Access, Sid: sid, Why: p.why}), len(out)
		}
		g := &out[i]
		if !strings.Contains(g.Why, p.why) {
			g.Why += "; " + p.why
		}
		if !slices.Contains(g.Workflows, p.workflow) {
			g.Workflows = append(g.Workflows, p.workflow)
		}
		if !slices.Contains(g.Sources, p.source) {
			g.Sources = append(g.Sources, p.source)
		}
	}
	order := map[string]int{}
	for i, st := range document(s, all).Statements {
		order[st.Sid] = i
	}
	slices.SortFunc(out, func(a, b Grant) int {
		return cmp.Or(cmp.Compare(order[a.Sid], order[b.Sid]), cmp.Compare(a.Action, b.Action))
	})
	return out
}

// limits returns the limits of what the plan contains.
func limits(s Scope, all []planned) []Limit {
	has := map[string]bool{}
	rules := map[rule]bool{}
	workflows := map[Workflow]bool{}
	for _, p := range all {
		has[p.action], rules[p.rule], workflows[p.workflow] = true, true, true
	}
	var out []Limit
	add := func(applies bool, why string, actions ...string) {
		actions = slices.DeleteFunc(actions, func(a string) bool { return !has[a] })
		if applies && len(actions) > 0 {
			slices.Sort(actions)
			out = append(out, Limit{Actions: actions, Why: why})
		}
	}
	add(true, "no condition key names ImageId, the lifecycle script, a group's execution role or an instance count: "+
		"the guard tag controls which AMIs are shared, not which image runs; AWS's own images need no sharing at all. "+
		"Watch what runs by comparing nodes' images with what was rolled",
		"sagemaker:CreateCluster", "sagemaker:UpdateCluster", "sagemaker:UpdateClusterSoftware")
	add(true, "needs no iam:PassRole: its holder runs an image as the role that each group of these clusters already has",
		"sagemaker:UpdateClusterSoftware")
	add(workflows[UpdateGroups] && !workflows[RollImage], "replaces images, which updating groups does not mean to: "+
		"the Service Authorization Reference lists it among the actions of UpdateCluster, and no key tells the two apart",
		"sagemaker:UpdateClusterSoftware")
	add(rules[createRule], "cluster/*: a cluster's ARN ends in an id that does not exist before the cluster does",
		"sagemaker:CreateCluster")
	add(rules[createRule] && s.Clusters.kind == clustersByARN, "is listed among the actions of CreateCluster in the Service Authorization Reference, "+
		"but not among its dependent actions, and is not granted for that: on cluster/* it would replace the image of every cluster. "+
		"If creating is refused for it, select clusters by tag", "sagemaker:CreateCluster")
	add(rules[newClusterRule], "cluster/*: the clusters that will be created have no ARN yet; select clusters by tag to narrow it",
		"sagemaker:DescribeCluster", "sagemaker:DescribeClusterEvent", "sagemaker:DescribeClusterNode", "sagemaker:ListClusterEvents", "sagemaker:ListClusterNodes")
	add(workflows[OperateNodes], "no condition key names nodes or groups: its holder can delete, replace and reboot every node of these clusters, and adds as many as quotas allow",
		"sagemaker:BatchAddClusterNodes", "sagemaker:BatchDeleteClusterNodes", "sagemaker:BatchRebootClusterNodes", "sagemaker:BatchReplaceClusterNodes")
	add(rules[updateRule], "the limits on instance types, subnets and security groups hold only for what a request sends: "+
		"their keys are absent from one that sends none", "sagemaker:UpdateCluster")
	add(rules[listRule], "takes no resource and shows every cluster of the account in the Region", "sagemaker:ListClusters")
	add(rules[describeImagesRule], "take no resource: the Region is the only key",
		"ec2:DescribeImages", "ec2:DescribeSnapshots")
	add(rules[shareImageRule] || rules[directImageRule], "no condition key tells with whom an AMI is shared, the public included: "+
		"turn on block public access for AMIs in the account", "ec2:ModifyImageAttribute")
	add(rules[shareSnapshotRule], "the account that HyperPod shares with is not documented, so the accounts cannot be listed",
		"ec2:ModifySnapshotAttribute")
	add(rules[shareImageRule], "can be called directly as well: that HyperPod calls with the keys of forward access sessions is not documented",
		"ec2:ModifyImageAttribute", "ec2:ModifySnapshotAttribute")
	add(rules[shareSnapshotRule] && workflows[ShareImage] && len(s.Accounts) > 0, "the accounts that snapshots are shared with cannot be listed in a policy "+
		"that also lets HyperPod share: give ShareImage to another role", "ec2:ModifySnapshotAttribute")
	add(rules[directImageRule] || workflows[ShareImage], "once the guard tag is gone, nothing that is shared can be taken back: revoke first, then untag",
		"ec2:ModifyImageAttribute", "ec2:ModifySnapshotAttribute")
	add(rules[copyRule], "has no condition key for tags of the source, and none for the name or the encryption of the copy",
		"ec2:CopyImage")
	add(rules[copyRule] && len(s.Sources.Images)+len(s.Sources.Owners) > 0, "id and owner of the source are compared if EC2 tells them: the copy itself has neither yet (inferred), "+
		"so that a condition which insists on them might refuse every copy", "ec2:CopyImage")
	add(rules[retireRule], "can be told to deprecate an AMI that clusters still use: nothing in a policy knows",
		"ec2:EnableImageDeprecation")
	add((rules[shareImageRule] || rules[directImageRule]) && rules[tagRule], "one holder may both tag for sharing and share, so that the guard tag guards nothing against them: "+
		"give TagForSharing to another role", "ec2:CreateTags", "ec2:ModifyImageAttribute", "ec2:ModifySnapshotAttribute")
	add(rules[accessEntryRule], "which principal, entry type and access policy HyperPod sets is not documented: "+
		"within this EKS cluster any can be, cluster administrator included",
		"eks:CreateAccessEntry", "eks:AssociateAccessPolicy", "eks:DeleteAccessEntry")
	return out
}

// String returns the explanation as text: a table of grants with their sources
// numbered, then the sources, then the limits.
func (e *Explanation) String() string {
	var sources []Source
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ACTION\tSTATEMENT\tWORKFLOWS\tWHY\tSOURCES")
	for _, g := range e.Grants {
		fmt.Fprintf(w, "%s\t%s\t", g.Action, g.Sid)
		for i, wf := range g.Workflows {
			if i > 0 {
				fmt.Fprint(w, ", ")
			}
			fmt.Fprint(w, wf)
		}
		fmt.Fprintf(w, "\t%s\t", g.Why)
		for _, src := range g.Sources {
			i := slices.Index(sources, src)
			if i < 0 {
				sources, i = append(sources, src), len(sources)
			}
			fmt.Fprintf(w, "[%d]", i+1)
		}
		fmt.Fprintln(w)
	}
	_ = w.Flush() // A strings.Builder takes everything.
	b.WriteString("\nSources\n")
	for i, src := range sources {
		fmt.Fprintf(&b, "[%d] %v\n", i+1, src)
	}
	if len(e.Limits) > 0 {
		b.WriteString("\nNot narrowed\n")
	}
	for _, l := range e.Limits {
		fmt.Fprintf(&b, "- %s: %s\n", strings.Join(l.Actions, ", "), l.Why)
	}
	return b.String()
}
