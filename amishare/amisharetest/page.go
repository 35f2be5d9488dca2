package amisharetest

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Page sizes that the API reference gives for MaxResults.
const (
	minResults = 5
	maxResults = 1000
)

const tokenPrefix = "after:"

func checkPaging(limit *int32, token *string, ids []string, parameter string) error {
	switch {
	case limit != nil && (*limit < minResults || *limit > maxResults):
		return refuse("InvalidParameterValue", "Value ( %d ) for parameter maxResults is invalid. Expecting a value between %d and %d.", *limit, minResults, maxResults)
	case len(ids) > 0 && (limit != nil || token != nil):
		return refuse("InvalidParameterCombination", "The parameter %s cannot be used with the parameters maxResults and nextToken", parameter)
	default:
		return nil
	}
}

// page cuts one page out of all, in the order of their ids. The token names the last
// id of the page before, so that what comes or goes meanwhile, that element too, shifts
// nothing else. EC2 promises no order (SDK, DescribeImages).
func page[T any](all []T, id func(T) string, limit *int32, token *string) ([]T, *string, error) {
	if token != nil {
		raw, err := base64.RawURLEncoding.DecodeString(*token)
		last, ok := strings.CutPrefix(string(raw), tokenPrefix)
		if err != nil || !ok {
			return nil, nil, refuse("InvalidNextToken", "The token '%s' is invalid", *token)
		}
		all = slices.DeleteFunc(all, func(v T) bool { return id(v) <= last })
	}
	slices.SortFunc(all, func(a, b T) int { return strings.Compare(id(a), id(b)) })
	if limit == nil || len(all) <= int(*limit) {
		return all, nil, nil
	}
	all = all[:*limit]
	next := base64.RawURLEncoding.EncodeToString([]byte(tokenPrefix + id(all[len(all)-1])))
	return all, aws.String(next), nil
}
