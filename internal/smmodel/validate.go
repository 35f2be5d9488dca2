package smmodel

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Operation checks the input of an operation, such as "CreateCluster", and
// returns every violation in the order of the input's fields. in is a struct of
// the SDK or a pointer to one.
func Operation(op string, in any) []Violation {
	name, ok := load().Inputs[op]
	if !ok {
		panic("smmodel: operation " + op + " is not in the table")
	}
	return Shape(name, "", in)
}

// Shape checks a value against a shape of the model, such as
// "ClusterInstanceGroupSpecification". path is put before every violation's path.
func Shape(name, path string, v any) []Violation {
	c := checker{base: path, path: make([]segment, 0, 8)}
	value := reflect.ValueOf(v)
	for value.Kind() == reflect.Pointer && !value.IsNil() {
		value = value.Elem()
	}
	c.value(load().shape(name), value)
	return c.found
}

type checker struct {
	base  string
	path  []segment
	found []Violation
}

// in checks a value one step further down the path.
func (c *checker) in(step segment, s *shape, v reflect.Value) {
	c.path = append(c.path, step)
	c.value(s, v)
	c.path = c.path[:len(c.path)-1]
}

func (c *checker) add(s *shape, rule Rule, value, want string) {
	c.found = append(c.found, Violation{Path: render(c.base, c.path), Shape: s.name, Rule: rule, Value: value, Want: want, shape: s})
}

// value checks a value that is present: no nil pointer, no empty enum.
func (c *checker) value(s *shape, v reflect.Value) {
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch s.Type {
	case structureKind:
		if s.Union {
			c.union(s, v)
			return
		}
		c.structure(s, v)
	case listKind:
		c.size(s, v.Len())
		for i := range v.Len() {
			c.in(segment{kind: listKind, index: i}, s.item, v.Index(i))
		}
	case mapKind:
		c.entries(s, v)
	case stringKind:
		c.text(s, v.String())
	case integerKind:
		c.number(s, v.Int())
	case booleanKind, timestampKind:
	default:
		panic("smmodel: shape " + s.name + " has unknown type " + string(s.Type))
	}
}

func (c *checker) structure(s *shape, v reflect.Value) {
	for _, f := range s.fieldsOf(v.Type()) {
		value := v.Field(f.index)
		if !absent(value) {
			c.in(segment{name: f.name}, f.shape, value)
			continue
		}
		if f.required {
			c.path = append(c.path, segment{name: f.name})
			c.add(f.shape, Required, "", "a value")
			c.path = c.path[:len(c.path)-1]
		}
	}
}

// entries checks a map. Its order is random, so only what is found is put in order.
func (c *checker) entries(s *shape, v reflect.Value) {
	c.size(s, v.Len())
	before := len(c.found)
	// One place for all keys and one for all values spare two allocations an entry.
	key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
	for it := v.MapRange(); it.Next(); {
		key.SetIterKey(it)
		value.SetIterValue(it)
		step := segment{kind: mapKind, name: key.String()}
		c.in(step, s.key, key)
		c.in(step, s.value, value)
	}
	slices.SortStableFunc(c.found[before:], func(a, b Violation) int { return strings.Compare(a.Path, b.Path) })
}

// union checks the one member that is set. The SDK gives each member a type of its
// own, named …Member<Name>, that holds the value; a member that this SDK does not
// know is nil.
func (c *checker) union(s *shape, v reflect.Value) {
	unset := v.Kind() == reflect.Interface && v.IsNil()
	for (v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer) && !unset {
		v = v.Elem()
		unset = v.Kind() == reflect.Pointer && v.IsNil()
	}
	if !unset {
		_, name, _ := strings.Cut(v.Type().Name(), "Member")
		if m, known := s.members[name]; known {
			c.in(segment{name: name}, m.shape, v.FieldByName("Value"))
			return
		}
	}
	c.add(s, Union, "", "exactly one member")
}

func (c *checker) size(s *shape, n int) {
	switch {
	case s.Min != nil && int64(n) < *s.Min:
		c.add(s, Length, counted(int64(n), s.unit()), "at least "+counted(*s.Min, s.unit()))
	case s.Max != nil && int64(n) > *s.Max:
		c.add(s, Length, counted(int64(n), s.unit()), "at most "+counted(*s.Max, s.unit()))
	}
}

func (c *checker) text(s *shape, text string) {
	if len(s.Enum) > 0 {
		if !slices.Contains(s.Enum, text) {
			c.add(s, Enum, text, "one of "+strings.Join(s.Enum, ", "))
		}
		return
	}
	switch {
	case s.Min != nil && shorter(text, *s.Min):
		c.add(s, Length, text, "at least "+counted(*s.Min, s.unit()))
	case s.Max != nil && longer(text, *s.Max):
		c.add(s, Length, text, "at most "+counted(*s.Max, s.unit()))
	case s.Pattern != "" && !s.form.match(text):
		c.add(s, Pattern, text, "a match of "+s.Pattern)
	}
}

// shorter and longer compare a text's length in characters. A character is one to
// four bytes, so that most texts need no count.
func shorter(text string, least int64) bool {
	return int64(len(text)) < least*utf8.UTFMax && int64(utf8.RuneCountInString(text)) < least
}

func longer(text string, most int64) bool {
	return int64(len(text)) > most && int64(utf8.RuneCountInString(text)) > most
}

func (c *checker) number(s *shape, n int64) {
	switch {
	case s.Min != nil && n < *s.Min:
		c.add(s, Range, strconv.FormatInt(n, 10), fmt.Sprintf("at least %d", *s.Min))
	case s.Max != nil && n > *s.Max:
		c.add(s, Range, strconv.FormatInt(n, 10), fmt.Sprintf("at most %d", *s.Max))
	}
}

// absent tells whether a member is not sent: the SDK leaves out nil pointers, nil
// lists and maps, and empty enums, but sends empty ones that are not nil.
func absent(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		return v.IsNil()
	case reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		t, ok := reflect.TypeAssert[time.Time](v)
		return ok && t.IsZero()
	default:
		return false
	}
}
