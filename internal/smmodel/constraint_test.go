package smmodel

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// site is one place of an input that a shape constrains.
type site struct {
	path     string
	shape    *shape
	value    reflect.Value // settable
	member   bool          // a structure's, so it can be left out
	required bool
}

// builder fills an input of the SDK with all members, from the table, and notes every
// place.
type builder struct {
	samples map[string]sample
	sites   []site
	seen    map[string]bool
}

func (b *builder) fill(s *shape, path string, v reflect.Value, member, required bool) {
	b.seen[s.name] = true
	b.sites = append(b.sites, site{path, s, v, member, required})
	for v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch s.Type {
	case structureKind:
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if m, known := s.members[name]; known {
				b.fill(m.shape, join(path, name), v.Field(i), true, m.required)
			}
		}
	case listKind:
		b.list(s, path, v)
	case mapKind:
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf(b.text(s.key)), reflect.ValueOf(b.text(s.value)))
		b.seen[s.key.name], b.seen[s.value.name] = true, true
	case stringKind:
		v.SetString(b.text(s))
	case integerKind:
		v.SetInt(within(s))
	case booleanKind:
		v.SetBool(true)
	case timestampKind:
		v.Set(reflect.ValueOf(time.Unix(1, 0)))
	}
}

// list fills a list with one item, and one of unions with an item of each member.
func (b *builder) list(s *shape, path string, v reflect.Value) {
	if !s.item.Union {
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		b.fill(s.item, path+"[0]", v.Index(0), false, false)
		return
	}
	b.seen[s.item.name] = true
	v.Set(reflect.MakeSlice(v.Type(), len(s.item.members), len(s.item.members)))
	i := 0
	for name, m := range s.item.members {
		union := reflect.New(reflect.TypeOf(unionMembers[s.item.name+"."+name]))
		at := fmt.Sprintf("%s[%d]", path, i)
		b.fill(m.shape, at+"."+name, union.Elem().FieldByName("Value"), false, false)
		v.Index(i).Set(union)
		b.sites = append(b.sites, site{path: at, shape: s.item, value: v.Index(i)})
		i++
	}
}

func (b *builder) text(s *shape) string {
	switch {
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Pattern != "":
		return b.samples[s.Pattern].good[0]
	default:
		return strings.Repeat("x", int(within(s)))
	}
}

// within is a number that the bounds of a shape allow.
func within(s *shape) int64 {
	if s.Min != nil {
		return max(*s.Min, 1)
	}
	return 1
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// input makes the input of an operation with every member set.
func input(t *testing.T, op string) (any, *builder) {
	t.Helper()
	in := reflect.New(reflect.TypeOf(inputs[op]))
	b := &builder{samples: patternSamples(), seen: map[string]bool{}}
	b.fill(load().shape(load().Inputs[op]), "", in.Elem(), false, false)
	require.Empty(t, Operation(op, in.Interface()), "the input to start from must be sound")
	return in.Interface(), b
}

// Each constraint of each member of each operation: just inside passes, just outside is
// refused by its path and its rule.
func TestEveryConstraint(t *testing.T) {
	seen := map[string]bool{}
	for op := range inputs {
		t.Run(op, func(t *testing.T) {
			in, b := input(t, op)
			for _, s := range b.sites {
				check := func(value reflect.Value, rule Rule, path string) {
					old := reflect.ValueOf(s.value.Interface())
					s.value.Set(value)
					found := Operation(op, in)
					if old.IsValid() {
						s.value.Set(old)
					} else {
						s.value.SetZero()
					}
					if rule == "" {
						assert.Empty(t, found, "%s: %.100v", path, value)
						return
					}
					if assert.Len(t, found, 1, "%s: %.100v", path, value) {
						assert.Equal(t, path, found[0].Path)
						assert.Equal(t, rule, found[0].Rule, "%s: %.100v", path, value)
						assert.NotEmpty(t, found[0].Fix())
					}
				}
				probe(b, s, check)
			}
			for name := range b.seen {
				seen[name] = true
			}
		})
	}
	for name, s := range load().Shapes {
		assert.True(t, seen[name] || s.Union, "no case has tried %s", name)
	}
}

// probe tries a place with values on both sides of each of its constraints. No rule
// means that the value must pass.
func probe(b *builder, s site, check func(reflect.Value, Rule, string)) {
	if s.required {
		check(reflect.Zero(s.value.Type()), Required, s.path)
	} else if s.member {
		check(reflect.Zero(s.value.Type()), "", s.path)
	}
	text := func(v string, rule Rule) { check(wrap(s.value.Type(), reflect.ValueOf(v)), rule, s.path) }
	switch s.shape.Type {
	case stringKind:
		probeText(b, s.shape, s.member, text)
	case integerKind:
		number := func(n int64, rule Rule) { check(wrap(s.value.Type(), reflect.ValueOf(n)), rule, s.path) }
		if m := s.shape.Min; m != nil {
			number(*m, "")
			number(*m-1, Range)
		}
		if m := s.shape.Max; m != nil {
			number(*m, "")
			number(*m+1, Range)
		}
	case listKind:
		size := func(n int64, rule Rule) {
			list := reflect.MakeSlice(s.value.Type(), int(n), int(n))
			for i := range int(n) {
				list.Index(i).Set(s.value.Index(0))
			}
			check(list, rule, s.path)
		}
		probeSize(s.shape, size)
	case mapKind:
		probeMap(b, s, check)
	case structureKind:
		if s.shape.Union {
			check(reflect.Zero(s.value.Type()), Union, s.path)
		}
	case booleanKind, timestampKind:
	}
}

func probeSize(s *shape, size func(int64, Rule)) {
	if s.Min != nil {
		size(*s.Min, "")
		if *s.Min > 0 {
			size(*s.Min-1, Length)
		}
	}
	if s.Max != nil {
		size(*s.Max, "")
		size(*s.Max+1, Length)
	}
}

// probeText tries texts. The SDK does not send a member of an enum's type that is empty,
// so only pointers and items can be.
func probeText(b *builder, s *shape, member bool, text func(string, Rule)) {
	if len(s.Enum) > 0 {
		for _, v := range s.Enum {
			text(v, "")
		}
		text(s.Enum[0]+"x", Enum)
		text(strings.ToLower(s.Enum[0])+"-", Enum)
		if !member {
			text("", Enum)
		}
		return
	}
	ofLength := xs("")
	if s.Pattern != "" {
		given := b.samples[s.Pattern]
		ofLength = given.ofLength
		for _, v := range given.good {
			text(v, "")
		}
		for _, v := range given.bad {
			text(v, Pattern)
		}
	}
	if m := s.Min; m != nil && *m > 0 {
		if v := ofLength(int(*m)); v != "" {
			text(v, "")
		}
		text(strings.Repeat("x", int(*m)-1), Length)
	}
	if m := s.Max; m != nil {
		if v := ofLength(int(*m)); v != "" {
			text(v, "")
		}
		text(strings.Repeat("x", int(*m)+1), Length)
	}
}

// probeMap tries a map's size, and its keys and values in a map of one entry.
func probeMap(b *builder, s site, check func(reflect.Value, Rule, string)) {
	one := func(key, value string) reflect.Value { return reflect.ValueOf(map[string]string{key: value}) }
	probeSize(s.shape, func(n int64, rule Rule) {
		entries := map[string]string{}
		for i := range n {
			entries[fmt.Sprintf("k%d", i)] = "v"
		}
		check(reflect.ValueOf(entries), rule, s.path)
	})
	probeText(b, s.shape.key, false, func(key string, rule Rule) {
		check(one(key, "v"), rule, fmt.Sprintf("%s[%q]", s.path, key))
	})
	probeText(b, s.shape.value, false, func(value string, rule Rule) {
		check(one("k", value), rule, s.path+`["k"]`)
	})
}

// wrap makes a value of a type, which may be a pointer or an enum.
func wrap(t reflect.Type, v reflect.Value) reflect.Value {
	if t.Kind() == reflect.Pointer {
		p := reflect.New(t.Elem())
		p.Elem().Set(v.Convert(t.Elem()))
		return p
	}
	return v.Convert(t)
}

func TestEveryPatternHasSamples(t *testing.T) {
	samples := patternSamples()
	for pattern := range forms {
		given, ok := samples[pattern]
		assert.True(t, ok, "no samples for %s", pattern)
		assert.NotEmpty(t, given.good, pattern)
		assert.True(t, len(given.bad) > 0 || pattern == `[\S\s]+`, "nothing that %s refuses", pattern)
	}
	for pattern := range samples {
		assert.Contains(t, forms, pattern, "samples without a pattern")
	}
}
