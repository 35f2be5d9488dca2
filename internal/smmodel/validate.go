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

// Rule names the kind of constraint that a value breaks.
type Rule string

// The kinds of constraint that a model knows.
const (
	Required Rule = "required"
	Length   Rule = "length"
	Range    Rule = "range"
	Pattern  Rule = "pattern"
	Enum     Rule = "enum"
	Union    Rule = "union"
)

// Violation is one constraint that a value breaks.
type Violation struct {
	// Path leads to the value by the names of the API, such as
	// "InstanceGroups[0].InstanceStorageConfigs[1].EbsVolumeConfig.VolumeSizeInGB".
	Path string
	// Shape is the model's name of the value's type, such as "ClusterInstanceType".
	Shape string
	// Rule is the kind of constraint.
	Rule Rule
	// Value is the offending value, empty when it is missing.
	Value string
	// Want says what would have been accepted, such as "at most 63 characters".
	Want string
}

// String returns the violation as a clause: path, value and what was wanted.
func (v Violation) String() string {
	switch v.Rule {
	case Required:
		return v.Path + ": missing, it is required"
	case Union:
		return v.Path + ": " + v.Want
	case Length, Range, Pattern, Enum:
		return fmt.Sprintf("%s: %s, want %s", v.Path, quote(v.Value), v.Want)
	default:
		return v.Path + ": " + v.Want
	}
}

// quote shortens what a message cannot carry whole.
func quote(s string) string {
	const most = 80
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "…"
	}
	return strconv.Quote(s)
}

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
	c := checker{model: load()}
	value := reflect.ValueOf(v)
	for value.Kind() == reflect.Pointer && !value.IsNil() {
		value = value.Elem()
	}
	c.value(name, path, value)
	return c.found
}

type checker struct {
	model *model
	found []Violation
}

func (c *checker) add(path, shapeName string, rule Rule, value, want string) {
	c.found = append(c.found, Violation{Path: path, Shape: shapeName, Rule: rule, Value: value, Want: want})
}

// value checks a value that is present: no nil pointer, no empty enum.
func (c *checker) value(name, path string, v reflect.Value) {
	s := c.model.Shapes[name]
	if s == nil {
		panic("smmodel: shape " + name + " is not in the table")
	}
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch s.Type {
	case structureKind:
		if s.Union {
			c.union(s, name, path, v)
			return
		}
		c.structure(s, path, v)
	case listKind:
		c.size(s, name, path, v.Len(), "items")
		for i := range v.Len() {
			c.value(s.Member, path+"["+strconv.Itoa(i)+"]", v.Index(i))
		}
	case mapKind:
		c.size(s, name, path, v.Len(), "entries")
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, key := range keys {
			at := path + "[" + strconv.Quote(key.String()) + "]"
			c.value(s.Key, at, key)
			c.value(s.Value, at, v.MapIndex(key))
		}
	case stringKind:
		c.text(s, name, path, v.String())
	case integerKind:
		c.number(s, name, path, v.Int())
	case booleanKind, timestampKind:
	default:
		panic("smmodel: shape " + name + " has unknown type " + string(s.Type))
	}
}

func (c *checker) structure(s *shape, path string, v reflect.Value) {
	t := v.Type()
	for i := range t.NumField() {
		field := t.Field(i)
		member, known := s.Members[field.Name]
		if !known {
			continue
		}
		at := join(path, field.Name)
		if absent(v.Field(i)) {
			if slices.Contains(s.Required, field.Name) {
				c.add(at, member, Required, "", "a value")
			}
			continue
		}
		c.value(member, at, v.Field(i))
	}
}

// union checks the one member that is set. The SDK gives each member a type of its
// own, named …Member<Name>, that holds the value; a member that this SDK does not
// know is nil.
func (c *checker) union(s *shape, name, path string, v reflect.Value) {
	if v.Kind() == reflect.Interface {
		if v.IsNil() {
			c.add(path, name, Union, "", "exactly one member must be set; a nil element is nothing, or a member that this SDK does not know")
			return
		}
		v = v.Elem()
	}
	unset := v.Kind() == reflect.Pointer && v.IsNil()
	for v.Kind() == reflect.Pointer && !unset {
		v = v.Elem()
	}
	_, member, _ := strings.Cut(v.Type().String(), "Member")
	target, known := s.Members[member]
	if unset || !known {
		c.add(path, name, Union, "", "exactly one member must be set, and be known to this library")
		return
	}
	c.value(target, join(path, member), v.FieldByName("Value"))
}

func (c *checker) size(s *shape, name, path string, n int, unit string) {
	if s.Min != nil && int64(n) < *s.Min {
		c.add(path, name, Length, strconv.Itoa(n)+" "+unit, fmt.Sprintf("at least %d %s", *s.Min, unit))
	}
	if s.Max != nil && int64(n) > *s.Max {
		c.add(path, name, Length, strconv.Itoa(n)+" "+unit, fmt.Sprintf("at most %d %s", *s.Max, unit))
	}
}

func (c *checker) text(s *shape, name, path, text string) {
	if len(s.Enum) > 0 {
		if !slices.Contains(s.Enum, text) {
			c.add(path, name, Enum, text, "one of "+strings.Join(s.Enum, ", "))
		}
		return
	}
	n := int64(utf8.RuneCountInString(text))
	switch {
	case s.Min != nil && n < *s.Min:
		c.add(path, name, Length, text, fmt.Sprintf("at least %d characters", *s.Min))
	case s.Max != nil && n > *s.Max:
		c.add(path, name, Length, text, fmt.Sprintf("at most %d characters", *s.Max))
	case s.Pattern != "" && !matches(s.Pattern, text):
		c.add(path, name, Pattern, text, "a match of "+s.Pattern)
	}
}

func (c *checker) number(s *shape, name, path string, n int64) {
	if s.Min != nil && n < *s.Min {
		c.add(path, name, Range, strconv.FormatInt(n, 10), fmt.Sprintf("at least %d", *s.Min))
	}
	if s.Max != nil && n > *s.Max {
		c.add(path, name, Range, strconv.FormatInt(n, 10), fmt.Sprintf("at most %d", *s.Max))
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

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
