package hyperpod

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// pairedWithin is how far apart two events about one node may be that are of one
// fault. The service writes them together.
const pairedWithin = 2 * time.Minute

// fault is what several texts tell of one thing that is wrong.
type fault struct {
	event   string // id of the newest event
	group   string
	nodes   []string
	time    time.Time // of the newest event
	message string
	events  []string // descriptions, the newest's words
	kinds   []string // the same without the names of nodes
}

// faults are collected from events, nodes and the cluster, and told once each.
type faults struct {
	list []fault
}

// anonymous is a text without the name of the node that it is about, so that the same
// of another node is the same text.
func anonymous(text string, names ...string) string {
	for _, name := range names {
		if name != "" {
			text = strings.ReplaceAll(text, name, "(node)")
		}
	}
	return text
}

// addEvent takes an event in; they come newest first.
func (f *faults) addEvent(ev types.ClusterEventSummary) {
	group, node, text := aws.ToString(ev.InstanceGroupName), aws.ToString(ev.InstanceId), aws.ToString(ev.Description)
	kind := anonymous(text, node)
	for i := range f.list {
		if known := &f.list[i]; known.group == group && known.kinds[0] == kind {
			known.addNodes(node)
			return
		}
	}
	added := fault{event: aws.ToString(ev.EventId), group: group, time: aws.ToTime(ev.EventTime), events: []string{text}, kinds: []string{kind}}
	added.addNodes(node)
	f.list = append(f.list, added)
}

func (f *fault) addNodes(names ...string) {
	for _, name := range names {
		if name != "" && !slices.Contains(f.nodes, name) {
			f.nodes = append(f.nodes, name)
		}
	}
}

// told takes in what an event's detail adds. A node is named by its instance id where
// it has one.
func (f *fault) told(message, node string) {
	f.message = message
	if len(f.nodes) == 0 {
		f.addNodes(node)
	}
}

// sameMessage compares what two faults say, whatever node they name.
func (f *fault) sameMessage(message string, names ...string) bool {
	return message != "" && anonymous(f.message, f.nodes...) == anonymous(message, slices.Concat(names, f.nodes)...)
}

// pair joins the events that the service writes for one fault: those of one group with
// the same message, and those without a message about the same nodes at the same time.
// What only says that the group or the cluster did not get there is left out when
// something else says why.
func (f *faults) pair() {
	var paired []fault
	for _, one := range f.list {
		i := slices.IndexFunc(paired, func(p fault) bool { return p.pairs(one) })
		if i < 0 {
			paired = append(paired, one)
			continue
		}
		p := &paired[i]
		p.addNodes(one.nodes...)
		p.events, p.kinds = append(p.events, one.events...), append(p.kinds, one.kinds...)
		if p.message == "" {
			p.message = one.message
		}
	}
	f.list = slices.DeleteFunc(slices.Clone(paired), func(one fault) bool {
		return len(one.nodes) == 0 && one.message == "" && one.class() == ClassUnknown &&
			slices.ContainsFunc(paired, func(other fault) bool {
				return (one.group == "" || other.group == one.group) && (other.message != "" || other.class() != ClassUnknown)
			})
	})
}

func (f *fault) pairs(other fault) bool {
	if f.message != "" && other.message != "" {
		return (f.group == other.group || other.group == "" || f.group == "") && f.sameMessage(other.message, other.nodes...)
	}
	together := f.time.Sub(other.time).Abs() <= pairedWithin
	return f.group == other.group && together && slices.ContainsFunc(f.nodes, func(n string) bool { return slices.Contains(other.nodes, n) })
}

// addNodes takes in what nodes say.
func (f *faults) addNodes(nodes []NodeMessage) {
	for _, n := range nodes {
		i := slices.IndexFunc(f.list, func(known fault) bool {
			return known.group == n.Group && known.sameMessage(n.Message, n.Instance, n.LogicalID)
		})
		if i < 0 {
			i = slices.IndexFunc(f.list, func(known fault) bool {
				names := slices.Contains(known.nodes, n.Instance) || slices.Contains(known.nodes, n.LogicalID)
				return known.group == n.Group && names && (known.message == "" || n.Message == "")
			})
		}
		if i < 0 && n.Message == "" {
			// Nodes that say nothing are one cause for each group.
			i = slices.IndexFunc(f.list, func(known fault) bool {
				return known.group == n.Group && known.message == "" && len(known.events) == 0
			})
		}
		if i < 0 {
			f.forget(n)
			f.list = append(f.list, fault{group: n.Group})
			i = len(f.list) - 1
		}
		known := &f.list[i]
		if n.Instance != "" {
			known.nodes = slices.DeleteFunc(known.nodes, func(name string) bool { return name == n.LogicalID })
		}
		known.addNodes(n.id())
		if known.message == "" {
			known.message = n.Message
		}
	}
}

// forget takes a node out of the faults that the events gave it: what it says itself is
// another.
func (f *faults) forget(n NodeMessage) {
	for i := range f.list {
		f.list[i].nodes = slices.DeleteFunc(f.list[i].nodes, func(name string) bool { return name == n.Instance || name == n.LogicalID })
	}
}

// addCluster takes in the cluster's message, unless it only repeats another.
func (f *faults) addCluster(message string) {
	if message == "" || slices.ContainsFunc(f.list, func(known fault) bool {
		return known.message != "" && (strings.Contains(message, known.message) || strings.Contains(known.message, message))
	}) {
		return
	}
	f.list = append(f.list, fault{message: message})
}

// class is told by the message, or else by the events.
func (f *fault) class() Class {
	for _, text := range append([]string{f.message}, f.events...) {
		if class := classify(text); class != ClassUnknown {
			return class
		}
	}
	return ClassUnknown
}

// text is the message, or else the event that tells most.
func (f *fault) text() string {
	switch {
	case f.message != "":
		return f.message
	case len(f.events) == 0:
		return "no reason is given"
	}
	for _, text := range f.events {
		if classify(text) != ClassUnknown {
			return text
		}
	}
	return f.events[0]
}

// causes are the faults, the newest first and those without a time last.
func (f *faults) causes(continuous bool, subnets map[string][]string) []Cause {
	var causes []Cause
	for _, one := range f.list {
		c := Cause{Class: one.class(), Text: one.text(), Group: one.group, Nodes: one.nodes, Time: one.time, Events: one.events}
		if c.Class == ClassPermission {
			for _, text := range append([]string{one.message}, one.events...) {
				if c.Permission == "" {
					c.Permission = permissionIn(text)
				}
			}
		}
		c.Waiting, c.Fix = advise(c.Class, continuous, subnets[one.group])
		causes = append(causes, c)
	}
	slices.SortStableFunc(causes, func(a, b Cause) int { return b.Time.Compare(a.Time) })
	return causes
}
