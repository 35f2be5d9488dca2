package rollout

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Division says how targets are divided into waves. The zero value is an error in a
// [Spec].
type Division struct {
	divide func(targets []Target) ([]division, error)
}

// division is a wave with the indices of its targets.
type division struct {
	name    string
	targets []int
}

// OneWave puts all targets into one wave.
func OneWave() Division {
	return Division{func(targets []Target) ([]division, error) {
		return []division{{name: "1", targets: span(0, len(targets))}}, nil
	}}
}

// Percentages divides the targets in their order: the first wave has so many percent of
// them, the second the rest up to so many, and so on. The percentages must rise and end
// with 100. A wave has at least one target; of few targets there are fewer waves.
func Percentages(percentages ...int) Division {
	percentages = slices.Clone(percentages)
	return Division{func(targets []Target) ([]division, error) {
		var waves []division
		done, last := 0, 0
		for _, p := range percentages {
			if p <= last || p > 100 {
				return nil, fmt.Errorf("percentages %v: each must be more than the one before, and 100 at most", percentages)
			}
			last = p
			if end := (len(targets)*p + 99) / 100; end > done {
				waves = append(waves, division{name: fmt.Sprintf("%d%%", p), targets: span(done, end)})
				done = end
			}
		}
		if last != 100 {
			return nil, fmt.Errorf("percentages %v: the last must be 100", percentages)
		}
		return waves, nil
	}}
}

// ByLabel makes a wave of the targets that have each value of a label, in the order of
// the values. A target without the label or with another value is an error.
func ByLabel(label string, values ...string) Division {
	values = slices.Clone(values)
	return Division{func(targets []Target) ([]division, error) {
		waves := make([]division, len(values))
		for i, v := range values {
			if slices.Index(values, v) < i {
				return nil, fmt.Errorf("label %s: value %q is given twice", label, v)
			}
			waves[i].name = v
		}
		var errs []error
		for i, t := range targets {
			w := slices.Index(values, t.Labels[label])
			if w < 0 {
				errs = append(errs, fmt.Errorf("target %s: label %s is %q, which is none of %s", t.where(), label, t.Labels[label], strings.Join(values, ", ")))
				continue
			}
			waves[w].targets = append(waves[w].targets, i)
		}
		waves = slices.DeleteFunc(waves, func(w division) bool { return len(w.targets) == 0 })
		return waves, errors.Join(errs...)
	}}
}

// Waves names the clusters of each wave as the targets name them. Each target must stand
// in one wave. Where several targets have one name, "account/region/name" says which.
func Waves(waves ...[]string) Division {
	waves = slices.Clone(waves)
	for i := range waves {
		waves[i] = slices.Clone(waves[i])
	}
	return Division{func(targets []Target) ([]division, error) { return explicit(targets, waves) }}
}

func explicit(targets []Target, waves [][]string) ([]division, error) {
	byName := map[string][]int{}
	for i, t := range targets {
		byName[t.Cluster] = append(byName[t.Cluster], i)
		byName[t.Account+"/"+t.Region+"/"+t.Cluster] = []int{i}
	}
	var divided []division
	var errs []error
	in := map[int]int{}
	for w, names := range waves {
		d := division{name: fmt.Sprint(w + 1)}
		for _, name := range names {
			found := byName[name]
			if len(found) != 1 {
				errs = append(errs, fmt.Errorf("wave %d: %d targets are named %q, use one as account/region/name", w+1, len(found), name))
				continue
			}
			if first, twice := in[found[0]]; twice {
				errs = append(errs, fmt.Errorf("wave %d: target %q is in wave %d already", w+1, name, first))
				continue
			}
			in[found[0]] = w + 1
			d.targets = append(d.targets, found[0])
		}
		if len(names) == 0 {
			errs = append(errs, fmt.Errorf("wave %d is empty", w+1))
		}
		divided = append(divided, d)
	}
	for i, t := range targets {
		if _, placed := in[i]; !placed {
			errs = append(errs, fmt.Errorf("target %s is in no wave", t.where()))
		}
	}
	return divided, errors.Join(errs...)
}

func span(from, to int) []int {
	indices := make([]int, 0, to-from)
	for i := from; i < to; i++ {
		indices = append(indices, i)
	}
	return indices
}

// where names the target for people.
func (t *Target) where() string { return fmt.Sprintf("%s (%s, %s)", t.Cluster, t.Account, t.Region) }
