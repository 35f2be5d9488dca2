package policy

import (
	"slices"
	"strings"
)

// Source is where a fact about an action was read, and of which date.
type Source struct {
	// Name is the page or data set.
	Name string
	// Date is the date of the copy that was read, as exact as it is known.
	Date string
}

// String returns name and date.
func (s Source) String() string { return s.Name + ", " + s.Date }

// Action is an IAM action as the Service Authorization Reference describes it.
type Action struct {
	// Name is the action, such as "sagemaker:CreateCluster".
	Name string
	// Access is the access level, such as "Write".
	Access string
	// Resources are the resource types of the action: all of them, unless MoreResources
	// is set. Empty means that the action takes no resource: only "*" matches it.
	Resources []ResourceType
	// MoreResources says that the action works on other types as well, which are not
	// listed.
	MoreResources bool
	// Keys are the condition keys that the action has on any resource, beside the
	// global ones.
	Keys []string
	// Source is where all this was read.
	Source Source
}

// ResourceType is a type of resource that an action works on.
type ResourceType struct {
	// Name is the type, such as "cluster".
	Name string
	// ARN is the form of the ARN, with variables such as ${Region}.
	ARN string
	// Required says that every call of the action names such a resource.
	Required bool
	// Keys are the condition keys that a call has for such a resource.
	Keys []string
}

// LookupAction returns what is known of an action that policies are generated
// from. The case of name does not matter.
func LookupAction(name string) (Action, bool) {
	i := slices.IndexFunc(actions, func(a Action) bool { return strings.EqualFold(a.Name, name) })
	if i < 0 {
		return Action{}, false
	}
	a := actions[i]
	a.Keys = slices.Clone(a.Keys)
	a.Resources = slices.Clone(a.Resources)
	for j := range a.Resources {
		a.Resources[j].Keys = slices.Clone(a.Resources[j].Keys)
	}
	return a, true
}
