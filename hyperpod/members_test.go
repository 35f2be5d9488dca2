package hyperpod_test

import (
	"reflect"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// unions are the members of the SDK's unions, which reflection cannot list.
var unions = map[reflect.Type][]reflect.Type{
	reflect.TypeFor[types.ClusterInstanceStorageConfig](): {
		reflect.TypeFor[types.ClusterInstanceStorageConfigMemberEbsVolumeConfig](),
		reflect.TypeFor[types.ClusterInstanceStorageConfigMemberFsxLustreConfig](),
		reflect.TypeFor[types.ClusterInstanceStorageConfigMemberFsxOpenZfsConfig](),
	},
}

// leaves lists the paths of a type's members that have no members themselves.
func leaves(t reflect.Type, path string) []string {
	switch t.Kind() {
	case reflect.Pointer:
		return leaves(t.Elem(), path)
	case reflect.Slice, reflect.Map:
		return leaves(t.Elem(), path+"[]")
	case reflect.Interface:
		var paths []string
		for _, member := range unions[t] {
			paths = append(paths, leaves(member.Field(0).Type, join(path, unionMember(member)))...)
		}
		return paths
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() {
			return []string{path}
		}
		var paths []string
		for f := range t.Fields() {
			if f.IsExported() {
				paths = append(paths, leaves(f.Type, join(path, f.Name))...)
			}
		}
		if paths == nil {
			paths = []string{path + "{}"}
		}
		return paths
	default:
		return []string{path}
	}
}

// collect notes the paths of a value's members that are set.
func collect(v reflect.Value, path string, set map[string]bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			collect(v.Elem(), path, set)
		}
	case reflect.Slice:
		for i := range v.Len() {
			collect(v.Index(i), path+"[]", set)
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			collect(it.Value(), path+"[]", set)
		}
	case reflect.Interface:
		if !v.IsNil() {
			member := v.Elem().Elem()
			collect(member.Field(0), join(path, unionMember(member.Type())), set)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			set[path] = true
			return
		}
		members := exported(v.Type())
		for _, name := range members {
			collect(v.FieldByName(name), join(path, name), set)
		}
		if len(members) == 0 {
			set[path+"{}"] = true
		}
	case reflect.String:
		if v.String() != "" {
			set[path] = true
		}
	default:
		set[path] = true
	}
}

func exported(t reflect.Type) []string {
	var names []string
	for f := range t.Fields() {
		if f.IsExported() {
			names = append(names, f.Name)
		}
	}
	return names
}

func unionMember(t reflect.Type) string {
	_, name, _ := strings.Cut(t.Name(), "Member")
	return name
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// fill sets every member of a value: lists get one element, and one of each kind where
// the kind is a union's.
func fillIn(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillIn(v.Elem())
	case reflect.Slice:
		for _, member := range unions[v.Type().Elem()] {
			kind := reflect.New(member)
			fillIn(kind.Elem())
			v.Set(reflect.Append(v, kind))
		}
		if v.Len() == 0 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			fillIn(v.Index(0))
		}
	case reflect.Map:
		value := reflect.New(v.Type().Elem()).Elem()
		fillIn(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("key"), value)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(1.8e9, 0).UTC()))
			return
		}
		for _, name := range exported(v.Type()) {
			fillIn(v.FieldByName(name))
		}
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32:
		v.SetInt(7)
	default:
		panic("no way to fill a " + v.Type().String())
	}
}

// filled is a value with every member set.
func filled[T any]() T {
	var v T
	fillIn(reflect.ValueOf(&v).Elem())
	return v
}
