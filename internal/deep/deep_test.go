package deep

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

type union interface{ member() }

type memberA struct{ Value []string }

func (*memberA) member() {}

type tree struct {
	Name   *string
	List   []tree
	Labels map[string][]int
	Union  union
	When   *time.Time
}

func sample() tree {
	name, when := "n", time.Unix(1, 0)
	return tree{
		Name: &name, List: []tree{{Labels: map[string][]int{"a": {1}}}}, Labels: map[string][]int{},
		Union: &memberA{Value: []string{"x"}}, When: &when,
	}
}

func TestCopySharesNothing(t *testing.T) {
	from := sample()
	got := Copy(from)
	assert.Equal(t, sample(), got)
	*got.Name = "changed"
	got.List[0].Labels["a"][0] = 9
	got.Labels["new"] = nil
	u, ok := got.Union.(*memberA)
	assert.True(t, ok)
	u.Value[0] = "changed"
	*got.When = time.Unix(2, 0)
	assert.Equal(t, sample(), from)
}

func TestCopyKeepsNilAndEmpty(t *testing.T) {
	got := Copy(tree{List: []tree{}})
	assert.NotNil(t, got.List)
	assert.Empty(t, got.List)
	assert.Nil(t, got.Labels)
	assert.Nil(t, got.Union)
	assert.Nil(t, Copy[*tree](nil))
}
