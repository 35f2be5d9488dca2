// Package deep copies values of the SDK's types. JSON cannot do it: unions are
// interfaces, and times and enums take other forms on the way.
package deep

import (
	"maps"
	"reflect"
)

// Copy returns a copy of v that shares no pointer, slice, map or union with it.
// Nil stays nil and empty stays empty. Unexported fields are copied shallowly;
// the SDK's data types have none that matter.
func Copy[T any](v T) T {
	own(reflect.ValueOf(&v).Elem())
	return v
}

// own replaces everything that an assigned value shares with where it came from.
func own(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			to := reflect.New(v.Type().Elem())
			to.Elem().Set(v.Elem())
			own(to.Elem())
			v.Set(to)
		}
	case reflect.Interface:
		if !v.IsNil() {
			to := reflect.New(v.Elem().Type()).Elem()
			to.Set(v.Elem())
			own(to)
			v.Set(to)
		}
	case reflect.Slice:
		if !v.IsNil() {
			ownSlice(v)
		}
	case reflect.Map:
		if !v.IsNil() {
			ownMap(v)
		}
	case reflect.Struct:
		for i := range v.NumField() { //nolint:modernize // Fields makes a description of each field, at twice the time
			if field := v.Field(i); field.CanSet() {
				own(field)
			}
		}
	default:
	}
}

func ownSlice(v reflect.Value) {
	to := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
	reflect.Copy(to, v)
	if holdsMore(v.Type().Elem()) {
		for i := range to.Len() {
			own(to.Index(i))
		}
	}
	v.Set(to)
}

func ownMap(v reflect.Value) {
	if texts, ok := reflect.TypeAssert[map[string]string](v); ok {
		v.Set(reflect.ValueOf(maps.Clone(texts)))
		return
	}
	to := reflect.MakeMapWithSize(v.Type(), v.Len())
	for it := v.MapRange(); it.Next(); {
		value := reflect.New(v.Type().Elem()).Elem()
		value.Set(it.Value())
		own(value)
		to.SetMapIndex(it.Key(), value)
	}
	v.Set(to)
}

// holdsMore tells whether a plain assignment of a type may share something.
func holdsMore(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Map, reflect.Struct:
		return true
	default:
		return false
	}
}
