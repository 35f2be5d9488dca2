package amisharetest

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// maxFilterValues is the limit of one call (EC2 User Guide, "Filter your
// resources").
const maxFilterValues = 200

// lookup gives what a resource has under a filter's name; false means that no such
// filter is emulated for it.
type lookup func(name string) ([]string, bool)

// checkFilters refuses filters that are malformed or that the lookup, on an empty
// resource, does not know.
func checkFilters(filters []types.Filter, known lookup) error {
	values := 0
	for _, f := range filters {
		if aws.ToString(f.Name) == "" {
			return missing("Filter.Name")
		}
		if len(f.Values) == 0 {
			return refuse("InvalidParameterValue", "The filter '%s' has no values", *f.Name)
		}
		if _, ok := known(*f.Name); !ok {
			return refuse("InvalidParameterValue", "The filter '%s' is invalid", *f.Name)
		}
		values += len(f.Values)
	}
	if values > maxFilterValues {
		return refuse("FilterLimitExceeded", "The maximum number of filter values specified on a single call is %d", maxFilterValues)
	}
	return nil
}

// matches reports whether a resource passes all filters, each by any of its values.
func matches(filters []types.Filter, values lookup) bool {
	for _, f := range filters {
		has, _ := values(*f.Name)
		if !slices.ContainsFunc(f.Values, func(pattern string) bool {
			return slices.ContainsFunc(has, func(s string) bool { return wildcard(pattern, s) })
		}) {
			return false
		}
	}
	return true
}

// wildcard matches * (any run), ? (any one character) and \ (the next one as it
// stands); case counts. It goes back to the last * only, so it takes at most
// len(pattern) × len(s) steps.
func wildcard(pattern, s string) bool {
	p, t := []rune(pattern), []rune(s)
	i, j, star, mark := 0, 0, -1, 0
	for j < len(t) {
		literal, width, wild := element(p, i)
		switch {
		case width > 0 && wild == '*':
			star, mark, i = i, j, i+1
		case width > 0 && (wild == '?' || literal == t[j]):
			i, j = i+width, j+1
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}

// element reads the element of a pattern at i: its literal, its width in the
// pattern (0 at the end) and, when it is a wildcard, which.
func element(p []rune, i int) (literal rune, width int, wild rune) {
	switch {
	case i >= len(p):
		return 0, 0, 0
	case p[i] == '*' || p[i] == '?':
		return 0, 1, p[i]
	case p[i] == '\\' && i+1 < len(p):
		return p[i+1], 2, 0
	default:
		return p[i], 1, 0
	}
}
