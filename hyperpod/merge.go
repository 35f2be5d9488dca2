package hyperpod

import (
	"reflect"
	"slices"
	"time"

	"github.com/hyperpodkit/hyperpodkit/internal/deep"
)

// merge returns what is wanted of something that is there: members that wanted leaves
// out stay as they are, whatever it names replaces what is there. A list or map is
// taken as a whole, and an empty one clears what is there. Lists that differ in
// nothing but their order are the same.
func merge[T any](live, wanted T) T {
	merged := deep.Copy(wanted)
	fill(reflect.ValueOf(&merged).Elem(), reflect.ValueOf(&live).Elem())
	return merged
}

// fill completes wanted from live.
func fill(wanted, live reflect.Value) {
	switch wanted.Kind() {
	case reflect.Struct:
		if wanted.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range wanted.NumField() {
			if wanted.Type().Field(i).IsExported() {
				fill(wanted.Field(i), live.Field(i))
			}
		}
	case reflect.Pointer:
		switch {
		case wanted.IsNil() && !live.IsNil():
			wanted.Set(copied(live))
		case !live.IsNil() && wanted.Type().Elem().Kind() == reflect.Struct:
			fill(wanted.Elem(), live.Elem())
		}
	case reflect.Slice, reflect.Map:
		if !live.IsNil() && (wanted.IsNil() || sameElements(wanted, live)) || wanted.Len() == 0 && live.Len() == 0 {
			wanted.Set(copied(live))
		}
	case reflect.String:
		if wanted.Len() == 0 {
			wanted.Set(live)
		}
	default:
	}
}

func copied(v reflect.Value) reflect.Value { return reflect.ValueOf(deep.Copy(v.Interface())) }

// inOrder names the lists whose order means something.
var inOrder = []string{"ClusterInstanceType"} // the priority of a flexible group's types

// sameElements tells whether two lists differ in nothing but their order.
func sameElements(a, b reflect.Value) bool {
	if a.Kind() != reflect.Slice || a.Len() != b.Len() || slices.Contains(inOrder, a.Type().Elem().Name()) {
		return false
	}
	used := make([]bool, b.Len())
	for i := range a.Len() {
		found := false
		for j := range b.Len() {
			if !used[j] && len(fieldChanges(a.Index(i).Interface(), b.Index(j).Interface())) == 0 {
				used[j], found = true, true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}
