package hyperpodtest

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/hyperpodkit/hyperpodkit/internal/emul"
)

// defaultPage is how many items a list evaluates when MaxResults is not given; the
// service does not publish its own number.
const defaultPage = 100

// list is what the pages of one list have in common.
type list[T any] struct {
	name  string // of the operation, and of what it lists and in which order
	items []T    // by ascending key
	key   func(T) string
	order types.SortOrder
}

// page evaluates the next items of a list, in ascending order unless it is to be
// descending, and returns those that match, with the token of the next page.
// MaxResults counts what was evaluated, so a page can be empty and still have a
// successor. The token names the item that was evaluated last: what comes or goes
// between two pages, be it that item, shifts no other.
func (l list[T]) page(maxResults *int32, token *string, match func(T) bool) (found []T, next *string, err error) {
	items, err := l.after(token)
	if err != nil {
		return nil, nil, err
	}
	most := min(len(items), int(cmp.Or(aws.ToInt32(maxResults), defaultPage)))
	var last T
	for i := range most {
		last = items[i]
		if l.descending() {
			last = items[len(items)-1-i]
		}
		if match(last) {
			found = append(found, last)
		}
	}
	if most < len(items) {
		next = aws.String(base64.RawURLEncoding.EncodeToString([]byte(l.seal() + l.key(last))))
	}
	return found, next, nil
}

// after is what is left of the list after the pages so far.
func (l list[T]) after(token *string) ([]T, error) {
	if token == nil {
		return l.items, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(*token)
	last, ours := strings.CutPrefix(string(raw), l.seal())
	if err != nil || !ours {
		return nil, invalid("NextToken %q is not a token of this list.", *token)
	}
	at, seen := slices.BinarySearchFunc(l.items, last, func(item T, last string) int { return strings.Compare(l.key(item), last) })
	if l.descending() {
		return l.items[:at], nil
	}
	if seen {
		at++
	}
	return l.items[at:], nil
}

func (l list[T]) descending() bool { return l.order == types.SortOrderDescending }

// seal is what the tokens of a list begin with, and those of no other.
func (l list[T]) seal() string { return emul.HexID(16, l.name, fmt.Sprint(l.descending())) }

// sortable is a number as a key: of two numbers the greater has the greater key.
func sortable(n int) string { return fmt.Sprintf("%012d", n) }
