// Package smmodel checks inputs of SageMaker's cluster operations against the
// constraints of the service's model: required members, lengths, ranges,
// patterns and enums. The Go SDK checks only what is required, so a caller learns
// of everything else from the service, one violation at a time.
package smmodel

import (
	_ "embed"
	"encoding/json"
	"sync"
)

//go:embed constraints.json
var constraints []byte

// kind is the type of a shape, in the model's own words.
type kind string

const (
	structureKind kind = "structure"
	listKind      kind = "list"
	mapKind       kind = "map"
	stringKind    kind = "string"
	integerKind   kind = "integer"
	booleanKind   kind = "boolean"
	timestampKind kind = "timestamp"
)

type shape struct {
	Type     kind              `json:"type"`
	Union    bool              `json:"union"`
	Required []string          `json:"required"`
	Members  map[string]string `json:"members"`
	Member   string            `json:"member"`
	Key      string            `json:"key"`
	Value    string            `json:"value"`
	Min      *int64            `json:"min"`
	Max      *int64            `json:"max"`
	Pattern  string            `json:"pattern"`
	Enum     []string          `json:"enum"`
}

type model struct {
	Source string            `json:"source"`
	Inputs map[string]string `json:"inputs"`
	Shapes map[string]*shape `json:"shapes"`
}

// load decodes the embedded table once, on first use. The table is a constant of
// the program, so a mistake in it is the program's own and panics.
var load = sync.OnceValue(func() *model {
	m := new(model)
	if err := json.Unmarshal(constraints, m); err != nil {
		panic("smmodel: embedded constraints: " + err.Error())
	}
	return m
})
