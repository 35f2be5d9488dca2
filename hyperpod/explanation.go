package hyperpod

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// Explanation is why a cluster is not healthy, as far as the service tells. It is a
// value: print it, log it, encode it as JSON. Make one with [Cluster.Explain]; every
// [*FailedError] has one.
type Explanation struct {
	// Cluster is the cluster's name or ARN as it was given, ARN its ARN once known.
	Cluster, ARN string
	// Status is the cluster's status word. Empty when the cluster could not be asked.
	Status string
	// Message is the cluster's own failure message, empty when it has none. The
	// service has one for the whole cluster, and it may be older than the failure.
	Message string
	// Groups are the instance groups that are not healthy, or that a failed workflow
	// touched.
	Groups []GroupHealth
	// Nodes are the nodes of those groups that are not healthy or that say something,
	// in the service's order. A node may keep a message after it has recovered.
	Nodes []NodeMessage
	// Causes are what is known to be wrong, the newest first and those without a time
	// last. Each is told once, however many nodes and events say it.
	Causes []Cause
	// LogGroup is the CloudWatch log group of the cluster's lifecycle scripts.
	LogGroup string
	// Gaps are what could not be looked at, and why.
	Gaps []string
}

// GroupHealth is an instance group of an [Explanation].
type GroupHealth struct {
	// Name of the group.
	Name string
	// Status is the group's status word.
	Status string
	// Current is how many instances the group has, Target how many it is to have.
	Current, Target int32
}

// NodeMessage is what a node says of itself.
type NodeMessage struct {
	// Group is the instance group, Instance the instance id, empty before it has one.
	Group, Instance string
	// LogicalID is the node's logical id, empty where the service gives none.
	LogicalID string
	// Status is the node's status word, Message its status message.
	Status, Message string
}

// id is the best name that the node has.
func (n NodeMessage) id() string {
	if n.Instance != "" {
		return n.Instance
	}
	return n.LogicalID
}

// Cause is one thing that is wrong.
type Cause struct {
	// Class is the kind of the cause.
	Class Class
	// Text is what the service says, in the words that say most.
	Text string
	// Group is the instance group, empty when the cause is the whole cluster's.
	Group string
	// Nodes are the nodes that it concerns: instance ids, or logical ids where there
	// is no instance yet.
	Nodes []string
	// Time is that of the newest event, by the service's clock. Zero when no event
	// tells of it.
	Time time.Time `json:",omitzero"`
	// Events are the descriptions of the events that belong together, each once, in
	// the words of the newest.
	Events []string
	// Permission is the action that the service says is missing, such as
	// "ec2:DeleteNetworkInterface". Empty when none is, or when it does not say which.
	Permission string
	// Waiting says whether the cause may go away by itself.
	Waiting Waiting
	// Fix is what to do. Empty when nothing is known.
	Fix string
	// Look are the places where more is told, one for each instance.
	Look []Place
}

// Place is where to look at an instance of a cluster.
type Place struct {
	// LogGroup and LogStream are those of its lifecycle script in CloudWatch Logs.
	LogGroup, LogStream string
	// SSMTarget is the target for a session by Systems Manager.
	SSMTarget string
}

// Healthy tells whether nothing was found wrong.
func (e Explanation) Healthy() bool { return len(e.Causes) == 0 && len(e.Groups) == 0 }

// Group returns what is known of one instance group, the causes of the whole cluster
// left out.
func (e Explanation) Group(name string) Explanation {
	return e.of(func(group string) bool { return group == name }, nil)
}

// Node returns what is known of one node, by instance or logical id.
func (e Explanation) Node(id string) Explanation {
	groups := map[string]bool{}
	names := []string{id}
	for _, n := range e.Nodes {
		if n.Instance == id || n.LogicalID == id {
			groups[n.Group] = true
			names = append(names, n.Instance, n.LogicalID)
		}
	}
	for _, c := range e.Causes {
		if slices.Contains(c.Nodes, id) {
			groups[c.Group] = true
		}
	}
	return e.of(func(group string) bool { return groups[group] }, func(node string) bool { return node != "" && slices.Contains(names, node) })
}

// of keeps what concerns some groups and nodes. A nil node keeps all of the groups'.
func (e Explanation) of(group func(string) bool, node func(string) bool) Explanation {
	part := e
	part.Groups, part.Nodes, part.Causes, part.Gaps = nil, nil, nil, slices.Clone(e.Gaps)
	for _, g := range e.Groups {
		if group(g.Name) {
			part.Groups = append(part.Groups, g)
		}
	}
	for _, n := range e.Nodes {
		if group(n.Group) && (node == nil || node(n.Instance) || node(n.LogicalID)) {
			part.Nodes = append(part.Nodes, n)
		}
	}
	for _, c := range e.Causes {
		if group(c.Group) && (node == nil || slices.ContainsFunc(c.Nodes, node)) {
			c.Nodes, c.Events, c.Look = slices.Clone(c.Nodes), slices.Clone(c.Events), slices.Clone(c.Look)
			part.Causes = append(part.Causes, c)
		}
	}
	return part
}

// String prints the explanation as plain text for people.
func (e Explanation) String() string {
	var b strings.Builder
	status := e.Status
	if status == "" {
		status = "status not known"
	}
	fmt.Fprintf(&b, "cluster %s: %s", e.Cluster, status)
	if e.Healthy() {
		b.WriteString(", nothing found wrong")
	}
	b.WriteByte('\n')
	if len(e.Groups) > 0 {
		w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		for _, g := range e.Groups {
			fmt.Fprintf(w, "  group %s\t%s\t%d of %d instances\n", g.Name, g.Status, g.Current, g.Target)
		}
		_ = w.Flush() // a strings.Builder takes everything
	}
	if !e.Healthy() && len(e.Causes) == 0 {
		b.WriteString("nothing tells of a fault: a change may be under way\n")
	}
	for i, c := range e.Causes {
		fmt.Fprintf(&b, "%d. %s: %s\n", i+1, c.Class, c.Text)
		if where := c.where(); where != "" {
			fmt.Fprintf(&b, "   %s\n", where)
		}
		if !c.Time.IsZero() {
			fmt.Fprintf(&b, "   last told %s\n", c.Time.UTC().Format(time.RFC3339))
		}
		for _, text := range c.Events {
			if text != c.Text {
				fmt.Fprintf(&b, "   event: %s\n", text)
			}
		}
		if c.Class == ClassPermission {
			fmt.Fprintf(&b, "   missing permission: %s\n", c.permission())
		}
		advice := c.Waiting.String()
		if c.Fix != "" {
			advice += "; " + c.Fix
		}
		fmt.Fprintf(&b, "   %s\n", advice)
		if len(c.Look) > 0 {
			fmt.Fprintf(&b, "   log stream: %s\n   session: aws ssm start-session --target %s\n", c.Look[0].LogStream, c.Look[0].SSMTarget)
		}
	}
	if !e.Healthy() && e.LogGroup != "" {
		fmt.Fprintf(&b, "log group: %s\n", e.LogGroup)
	}
	for _, gap := range e.Gaps {
		fmt.Fprintf(&b, "not looked at: %s\n", gap)
	}
	return b.String()
}

// permission names what is missing, or says that it is not known.
func (c Cause) permission() string {
	if c.Permission != "" {
		return c.Permission
	}
	return "unknown, the service does not name it; look in CloudTrail for calls that were denied"
}

// where tells whom the cause concerns.
func (c Cause) where() string {
	switch {
	case c.Group == "":
		return ""
	case len(c.Nodes) == 0:
		return "group " + c.Group
	case len(c.Nodes) == 1:
		return fmt.Sprintf("node %s of group %s", c.Nodes[0], c.Group)
	default:
		return fmt.Sprintf("node %s of group %s and %d more", c.Nodes[0], c.Group, len(c.Nodes)-1)
	}
}

// LogValue implements [slog.LogValuer].
func (e Explanation) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("cluster", e.Cluster), slog.String("status", e.Status)}
	if e.Message != "" {
		attrs = append(attrs, slog.String("message", e.Message))
	}
	for i, c := range e.Causes {
		attrs = append(attrs, slog.Group(fmt.Sprintf("cause%d", i+1),
			slog.String("class", c.Class.String()), slog.String("text", c.Text), slog.String("group", c.Group),
			slog.Any("nodes", c.Nodes), slog.String("waiting", c.Waiting.String()), slog.String("permission", c.Permission)))
	}
	return slog.GroupValue(attrs...)
}
