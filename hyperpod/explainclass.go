package hyperpod

import (
	"strings"
	"unicode"
)

// Class is the kind of a [Cause]. It is read from the service's own texts, which are
// written for people and may change: show it, and decide nothing by it.
type Class uint8

// The classes.
const (
	// ClassUnknown means that the service does not say, or in words that are not known.
	ClassUnknown Class = iota
	// ClassCapacity means that there are no instances of the type to be had.
	ClassCapacity
	// ClassEFA means that the Elastic Fabric Adapter of an instance did not come up.
	ClassEFA
	// ClassLifecycle means that a lifecycle script failed or was not found.
	ClassLifecycle
	// ClassPermission means that somebody may not do what is needed.
	ClassPermission
	// ClassImage means that the image cannot be used.
	ClassImage
	// ClassNetwork means subnets, security groups or network interfaces.
	ClassNetwork
	// ClassQuota means a limit of the account.
	ClassQuota
)

// String returns the class in words, such as "lifecycle script".
func (c Class) String() string {
	switch c {
	case ClassCapacity:
		return "capacity"
	case ClassEFA:
		return "EFA"
	case ClassLifecycle:
		return "lifecycle script"
	case ClassPermission:
		return "permission"
	case ClassImage:
		return "image"
	case ClassNetwork:
		return "network"
	case ClassQuota:
		return "quota"
	case ClassUnknown:
		return "unknown"
	default:
		return "unknown"
	}
}

// MarshalText encodes the class as its words.
func (c Class) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// clue is words of the service that tell a class.
type clue struct {
	words string // as folded makes them; a blank at an end stands for the end of a word
	class Class
}

// clues returns what is looked for in a text, in this order: the first that is found
// decides. Sources: [events] SageMaker AI Developer Guide, "HyperPod cluster events
// reference"; [ec2] EC2 API Reference, "Error codes"; [iam] IAM User Guide,
// "Troubleshoot access denied error messages"; [limits] SageMaker's error
// ResourceLimitExceeded; [seen] messages of nodes and clusters in public reports.
func clues() []clue {
	return []clue{
		{"does not have permission to perform", ClassPermission},        // seen, in deletions that hang
		{"is not authorized to perform", ClassPermission},               // iam
		{"accessdenied", ClassPermission},                               // iam
		{"access denied", ClassPermission},                              // iam
		{"unauthorizedoperation", ClassPermission},                      // ec2
		{"assume the execution role", ClassPermission},                  // seen
		{"resourcelimitexceeded", ClassQuota},                           // limits
		{"service limit", ClassQuota},                                   // limits
		{"vcpulimitexceeded", ClassQuota},                               // ec2
		{"instancelimitexceeded", ClassQuota},                           // ec2
		{"sufficient capacity", ClassCapacity},                          // seen
		{"insufficientinstancecapacity", ClassCapacity},                 // ec2
		{"insufficient capacity", ClassCapacity},                        // ec2
		{"failed to process capacityreservationdetails", ClassCapacity}, // events
		{" efa ", ClassEFA},                                             // seen
		{"failed to process custom ami override", ClassImage},           // events
		{"invalidamiid", ClassImage},                                    // ec2
		{" the image ", ClassImage},                                     // ec2, in the text of InvalidAMIID
		{"lifecycle script", ClassLifecycle},                            // events, seen
		{"no provisioning parameters json found", ClassLifecycle},       // events
		{"failed to process instance group network", ClassNetwork},      // events
		{"failed to create customer eni", ClassNetwork},                 // events
		{"failed to delete customer eni", ClassNetwork},                 // events
		{"failed to delete unused customer enis", ClassNetwork},         // events
		{"insufficientfreeaddressesinsubnet", ClassNetwork},             // ec2
		{"networkinterface", ClassNetwork},                              // seen, in deletions of large clusters
		{"network interface", ClassNetwork},                             // seen
		{" security groups ", ClassNetwork},                             // seen
	}
}

// classify tells the class of a text of the service.
func classify(text string) Class {
	t := folded(text)
	// The operation stands in the middle of these two, and their success is no cause.
	if (strings.Contains(t, " slr access entry ") || strings.Contains(t, " eks access entries ")) && strings.Contains(t, " failed ") {
		return ClassPermission // events
	}
	for _, c := range clues() {
		if strings.Contains(t, c.words) {
			return c.class
		}
	}
	return ClassUnknown
}

// folded is a text in lower case with one blank between words and at both ends.
func folded(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return " " + strings.Join(words, " ") + " "
}

// permissionIn returns the action that a text names, such as "ec2:DeleteTags"; empty
// when it names none.
func permissionIn(text string) string {
	for word := range strings.FieldsSeq(text) {
		word = strings.Trim(word, `.,;:'"()[]`)
		service, action, ok := strings.Cut(word, ":")
		if ok && service != "" && action != "" && isAction(service, action) {
			return word
		}
	}
	return ""
}

func isAction(service, action string) bool {
	lower := func(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' }
	letter := func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' }
	return strings.IndexFunc(service, func(r rune) bool { return !lower(r) }) < 0 &&
		strings.IndexFunc(action, func(r rune) bool { return !letter(r) }) < 0 &&
		action[0] >= 'A' && action[0] <= 'Z'
}

// Waiting says whether a [Cause] may go away by itself.
type Waiting uint8

const (
	// WaitingUnknown means that nobody can tell.
	WaitingUnknown Waiting = iota
	// WaitingMayHelp means that the service tries again, and has been seen to succeed.
	WaitingMayHelp
	// WaitingInVain means that something has to be changed first.
	WaitingInVain
)

// String returns a clause, such as "waiting may help".
func (w Waiting) String() string {
	switch w {
	case WaitingMayHelp:
		return "waiting may help"
	case WaitingInVain:
		return "waiting does not help"
	case WaitingUnknown:
		return "whether waiting helps is not known"
	default:
		return "whether waiting helps is not known"
	}
}

// MarshalText encodes it as its clause.
func (w Waiting) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// advise says whether waiting helps and what to do. A Continuous cluster replaces a
// node that has failed and goes on asking for capacity; any other has given up.
func advise(class Class, continuous bool, subnets []string) (Waiting, string) {
	again := WaitingInVain
	if continuous {
		again = WaitingMayHelp
	}
	switch class {
	case ClassCapacity:
		where := "the subnets"
		if len(subnets) > 0 {
			where += " (" + strings.Join(subnets, ", ") + ")"
		}
		fix := "in vain if " + where + " are in no zone that offers the instance type; check that, use another zone, or reserve capacity"
		if !continuous {
			fix = "ask again later, use another zone than that of " + where + ", or reserve capacity"
		}
		return again, fix
	case ClassEFA:
		return again, "often passes with the next instance; if not, the security group must allow all traffic to and from itself"
	case ClassLifecycle:
		return WaitingInVain, "read the script's log, and correct the script in S3: a node fetches it when it starts"
	case ClassPermission:
		return WaitingInVain, "grant what is missing to whom the message names"
	case ClassImage:
		return WaitingInVain, "check that the AMI exists, fits, and may be shared with the service"
	case ClassNetwork:
		return WaitingInVain, "check subnets, free addresses, security groups and the limits of network interfaces"
	case ClassQuota:
		return WaitingInVain, "ask for a higher quota, or for fewer instances"
	case ClassUnknown:
		return WaitingUnknown, ""
	default:
		return WaitingUnknown, ""
	}
}
