package policy

import (
	"slices"
	"strings"
)

// keyValues are the condition keys of a request that means harm; nil is an absent key.
type keyValues map[string][]string

// anyOtherAccount stands for an account that nobody lists.
const anyOtherAccount = "000000000000"

// permits is true of statements that let the keys have these values: they test none of
// them, or by an operator that is met all the same.
func permits(harm keyValues) func(*linter) bool {
	return func(l *linter) bool {
		asked := (Request{Context: harm}).Prepare()
		return !l.fails(asked, func(name string) bool {
			for key := range harm {
				if strings.EqualFold(key, name) {
					return true
				}
			}
			return false
		})
	}
}

// permitsUntagged is true of statements that let a resource have no tag.
func permitsUntagged(prefixes ...string) func(*linter) bool {
	return func(l *linter) bool {
		return !l.fails((Request{}).Prepare(), func(name string) bool { return beginsWith(name, prefixes) })
	}
}

// fails tells whether a request fails one of the statement's tests on some keys.
func (l *linter) fails(asked *Prepared, about func(key string) bool) bool {
	return slices.ContainsFunc(l.raw.Condition, func(o ConditionOperator) bool {
		return slices.ContainsFunc(o.Keys, func(k ConditionKey) bool {
			if !about(k.Name) {
				return false
			}
			t, err := newTest(o.Name, k, true)
			return err != nil || !t.met(asked)
		})
	})
}

// withoutPrefix is true of statements that test no key which begins so.
func withoutPrefix(prefixes ...string) func(*linter) bool {
	return func(l *linter) bool {
		return !slices.ContainsFunc(l.raw.Condition, func(o ConditionOperator) bool {
			return slices.ContainsFunc(o.Keys, func(k ConditionKey) bool { return beginsWith(k.Name, prefixes) })
		})
	}
}

func beginsWith(key string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return len(key) >= len(p) && strings.EqualFold(key[:len(p)], p) })
}
