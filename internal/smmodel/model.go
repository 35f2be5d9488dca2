// Package smmodel checks inputs of SageMaker's cluster operations against the
// constraints of the service's model: required members, lengths, ranges,
// patterns and enums. The Go SDK checks only what is required, so a caller learns
// of everything else from the service, one violation at a time.
package smmodel

import (
	_ "embed"
	"encoding/json"
	"reflect"
	"slices"
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

	// What the names above stand for, so that a check looks nothing up by name.
	name             string
	members          map[string]member
	item, key, value *shape
	form             form
	fields           sync.Map // reflect.Type to []field: by name is too slow for each check
}

// member is a structure's or union's member.
type member struct {
	*shape
	required bool
}

// field is a field of the SDK's struct for a structure.
type field struct {
	member
	name  string
	index int
}

// fieldsOf matches the fields of the SDK's struct with the members of a structure.
func (s *shape) fieldsOf(t reflect.Type) []field {
	if known, ok := s.fields.Load(t); ok {
		if fields, ok := known.([]field); ok {
			return fields
		}
	}
	var fields []field
	for i := range t.NumField() {
		name := t.Field(i).Name
		if m, known := s.members[name]; known {
			fields = append(fields, field{member: m, name: name, index: i})
		}
	}
	s.fields.Store(t, fields)
	return fields
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
	for name, s := range m.Shapes {
		m.link(name, s)
	}
	return m
})

// link resolves the names that a shape refers to.
func (m *model) link(name string, s *shape) {
	s.name = name
	s.members = make(map[string]member, len(s.Members))
	for field, target := range s.Members {
		s.members[field] = member{shape: m.shape(target), required: slices.Contains(s.Required, field)}
	}
	switch s.Type {
	case listKind:
		s.item = m.shape(s.Member)
	case mapKind:
		s.key, s.value = m.shape(s.Key), m.shape(s.Value)
	case stringKind:
		if s.Pattern == "" {
			return
		}
		form, known := forms[s.Pattern]
		if !known {
			panic("smmodel: no matcher for pattern " + s.Pattern)
		}
		s.form = form
	case structureKind, integerKind, booleanKind, timestampKind:
	default:
		panic("smmodel: shape " + name + " has unknown type " + string(s.Type))
	}
}

func (m *model) shape(name string) *shape {
	s := m.Shapes[name]
	if s == nil {
		panic("smmodel: shape " + name + " is not in the table")
	}
	return s
}
