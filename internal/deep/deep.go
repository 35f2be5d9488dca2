// Package deep copies values of the SDK's types. JSON cannot do it: unions are
// interfaces, and times and enums take other forms on the way.
package deep

import "reflect"

// Copy returns a copy of v that shares no pointer, slice, map or union with it.
// Nil stays nil and empty stays empty. Unexported fields are copied shallowly;
// the SDK's data types have none that matter.
func Copy[T any](v T) T {
	var out T
	copyInto(reflect.ValueOf(&out).Elem(), reflect.ValueOf(&v).Elem())
	return out
}

func copyInto(dst, src reflect.Value) {
	switch src.Kind() {
	case reflect.Pointer:
		if src.IsNil() {
			return
		}
		dst.Set(reflect.New(src.Type().Elem()))
		copyInto(dst.Elem(), src.Elem())
	case reflect.Interface:
		if src.IsNil() {
			return
		}
		inner := reflect.New(src.Elem().Type()).Elem()
		copyInto(inner, src.Elem())
		dst.Set(inner)
	case reflect.Slice:
		if src.IsNil() {
			return
		}
		dst.Set(reflect.MakeSlice(src.Type(), src.Len(), src.Len()))
		for i := range src.Len() {
			copyInto(dst.Index(i), src.Index(i))
		}
	case reflect.Map:
		if src.IsNil() {
			return
		}
		dst.Set(reflect.MakeMapWithSize(src.Type(), src.Len()))
		for it := src.MapRange(); it.Next(); {
			value := reflect.New(it.Value().Type()).Elem()
			copyInto(value, it.Value())
			dst.SetMapIndex(it.Key(), value)
		}
	case reflect.Struct:
		dst.Set(src)
		for i := range src.NumField() {
			if field := dst.Field(i); field.CanSet() { // it is exported
				copyInto(field, src.Field(i))
			}
		}
	default:
		dst.Set(src)
	}
}
