package progress

import (
	"fmt"

	"github.com/hyperpodkit/hyperpodkit/hyperpod/rollout"
)

// names are the places at which a rollout has come upon clusters, by the clusters' names:
// every account may have one called train.
type names map[string]map[place]bool

func placeOf(step rollout.Step) place {
	return place{account: step.Account, region: step.Region, cluster: step.Name}
}

// of is a step's cluster for people, with its place where the name alone does not tell.
func (n names) of(step rollout.Step) string {
	if n[step.Name] == nil {
		n[step.Name] = map[place]bool{}
	}
	n[step.Name][placeOf(step)] = true
	if len(n[step.Name]) == 1 {
		return step.Name
	}
	return fmt.Sprintf("%s (%s, %s)", step.Name, step.Account, step.Region)
}
