package hyperpod

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// FieldChange is one member of a group or cluster that differs between what is and
// what is wanted.
type FieldChange struct {
	// Path is the member's API path, such as "InstanceStorageConfigs[0].EbsVolumeConfig.VolumeSizeInGB"
	// or `KubernetesConfig.Labels["team"]`, from the group or cluster on.
	Path string
	// Before and After are the values as JSON; empty where there is none.
	Before, After string
}

// fieldChanges compares two values of the SDK's types member by member, so that none
// can be forgotten. Either may be nil.
func fieldChanges(before, after any) []FieldChange {
	var d differ
	d.compare("", reflect.ValueOf(before), reflect.ValueOf(after))
	return d.changes
}

// differ collects changes. A value that is absent is the zero reflect.Value.
type differ struct {
	changes []FieldChange
}

func (d *differ) compare(path string, before, after reflect.Value) {
	before, after = resolve(before), resolve(after)
	switch {
	case !before.IsValid() && !after.IsValid():
		return
	case before.IsValid() && after.IsValid() && before.Type() != after.Type():
		// Two members of a union: the one goes and the other comes.
		d.compare(path, before, reflect.Value{})
		d.compare(path, reflect.Value{}, after)
		return
	}
	shape := before
	if !shape.IsValid() {
		shape = after
	}
	if member := unionMember(shape.Type()); member != "" {
		d.compare(join(path, member), memberOf(before, "Value"), memberOf(after, "Value"))
		return
	}
	seen := len(d.changes)
	switch {
	case shape.Kind() == reflect.Struct && shape.Type() != reflect.TypeFor[time.Time]():
		for i := range shape.NumField() {
			if was, is := fieldOf(before, i), fieldOf(after, i); shape.Field(i).CanInterface() && !same(was, is) {
				d.compare(join(path, shape.Type().Field(i).Name), was, is)
			}
		}
	case shape.Kind() == reflect.Map:
		for _, key := range sortedKeys(before, after) {
			d.compare(path+"["+strconv.Quote(key.String())+"]", entry(before, key), entry(after, key))
		}
	case shape.Kind() == reflect.Slice && !isScalar(shape.Type().Elem()):
		d.elements(path, before, after)
	default:
		if !before.IsValid() || !after.IsValid() || !sameScalar(before, after) {
			d.changes = append(d.changes, FieldChange{Path: path, Before: render(before), After: render(after)})
		}
		return
	}
	// An empty structure or collection says something by being there.
	if len(d.changes) == seen && before.IsValid() != after.IsValid() {
		d.changes = append(d.changes, FieldChange{Path: path, Before: render(before), After: render(after)})
	}
}

// elements compares lists of structures. The order of none of them means anything, so
// what both have is left out wherever it stands, and the rest is compared in turn.
func (d *differ) elements(path string, before, after reflect.Value) {
	gone, come := without(before, after), without(after, before)
	for i := range max(len(gone), len(come)) {
		var was, is reflect.Value
		var at int
		if i < len(gone) {
			at = gone[i]
			was = before.Index(at)
		}
		if i < len(come) {
			at = come[i]
			is = after.Index(at)
		}
		d.compare(fmt.Sprintf("%s[%d]", path, at), was, is)
	}
}

// without are the places of those elements of a list that another has not.
func without(list, other reflect.Value) []int {
	var places []int
	used := make([]bool, length(other))
	for i := range length(list) {
		found := false
		for j := range used {
			if !used[j] && same(list.Index(i), other.Index(j)) {
				used[j], found = true, true
				break
			}
		}
		if !found {
			places = append(places, i)
		}
	}
	return places
}

// resolve follows pointers and unions to what they hold; nil is absent.
func resolve(v reflect.Value) reflect.Value {
	for v.IsValid() {
		switch v.Kind() {
		case reflect.Pointer, reflect.Interface:
			v = v.Elem()
		case reflect.Slice, reflect.Map:
			if v.IsNil() {
				return reflect.Value{}
			}
			return v
		default:
			return v
		}
	}
	return v
}

// unionMember is the name of the member that a union's type stands for, empty for
// other types. The SDK names such types UnionMemberName.
func unionMember(t reflect.Type) string {
	if t.Kind() != reflect.Struct {
		return ""
	}
	_, hasValue := t.FieldByName("Value")
	_, member, found := strings.Cut(t.Name(), "Member")
	if !hasValue || !found {
		return ""
	}
	return member
}

func memberOf(v reflect.Value, name string) reflect.Value {
	if !v.IsValid() {
		return v
	}
	return v.FieldByName(name)
}

// fieldOf is a member of a structure. An enumeration has no pointer: empty is absent.
func fieldOf(v reflect.Value, i int) reflect.Value {
	if !v.IsValid() {
		return v
	}
	field := v.Field(i)
	if field.Kind() == reflect.String && field.Len() == 0 {
		return reflect.Value{}
	}
	return field
}

func entry(v, key reflect.Value) reflect.Value {
	if !v.IsValid() {
		return v
	}
	return v.MapIndex(key)
}

func length(v reflect.Value) int {
	if !v.IsValid() {
		return 0
	}
	return v.Len()
}

func isScalar(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Int32, reflect.Int64:
		return true
	default:
		return false
	}
}

// same tells whether two values surely have no difference; it may miss some that have
// none, such as equal maps of anything but text.
func same(a, b reflect.Value) bool {
	a, b = resolve(a), resolve(b)
	if !a.IsValid() || !b.IsValid() {
		return a.IsValid() == b.IsValid()
	}
	if a.Type() != b.Type() {
		return false
	}
	switch a.Kind() {
	case reflect.Struct:
		if _, isTime := reflect.TypeAssert[time.Time](a); isTime {
			return sameScalar(a, b)
		}
		for i := range a.NumField() {
			if field := a.Field(i); field.CanInterface() && !same(fieldOf(a, i), fieldOf(b, i)) {
				return false
			}
		}
		return true
	case reflect.Map:
		was, isText := reflect.TypeAssert[map[string]string](a)
		is, both := reflect.TypeAssert[map[string]string](b)
		return isText && both && maps.Equal(was, is)
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !same(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	default:
		return sameScalar(a, b)
	}
}

// sameScalar compares two scalars, times, or lists of scalars.
func sameScalar(a, b reflect.Value) bool {
	switch a.Kind() {
	case reflect.String:
		return a.String() == b.String()
	case reflect.Bool:
		return a.Bool() == b.Bool()
	case reflect.Int32, reflect.Int64:
		return a.Int() == b.Int()
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !sameScalar(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	default:
		was, isTime := reflect.TypeAssert[time.Time](a)
		is, both := reflect.TypeAssert[time.Time](b)
		return isTime && both && was.Equal(is)
	}
}

// sortedKeys are the keys of two maps, each once.
func sortedKeys(maps ...reflect.Value) []reflect.Value {
	var keys []reflect.Value
	for _, m := range maps {
		if m.IsValid() {
			keys = append(keys, m.MapKeys()...)
		}
	}
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	return slices.CompactFunc(keys, func(a, b reflect.Value) bool { return a.String() == b.String() })
}

func join(path, member string) string {
	if path == "" {
		return member
	}
	return path + "." + member
}

// render writes a value as JSON, nothing as nothing.
func render(v reflect.Value) string {
	if !v.IsValid() {
		return ""
	}
	if v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[time.Time]() {
		return "{}" // what it holds was told member by member
	}
	text, err := json.Marshal(v.Interface())
	if err != nil {
		return fmt.Sprint(v.Interface())
	}
	return string(text)
}
