package query

import (
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// node is a parameter on the way from "Filter.1.Name" to a struct.
type node struct {
	value    *string
	children map[string]*node
}

func (n *node) child(name string) *node {
	if n.children == nil {
		n.children = map[string]*node{}
	}
	if n.children[name] == nil {
		n.children[name] = &node{}
	}
	return n.children[name]
}

// Decode fills the struct that in points to from a form. It refuses a parameter
// that the struct has no member for. Parameters of the protocol itself (Action,
// Version and those of a signature) are skipped.
func Decode(form url.Values, in any) error {
	root := &node{}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if isProtocol(name) || len(form[name]) == 0 {
			continue
		}
		at := root
		for part := range strings.SplitSeq(name, ".") {
			at = at.child(part)
		}
		at.value = &form[name][0]
	}
	return root.into(reflect.ValueOf(in).Elem(), "")
}

func isProtocol(name string) bool {
	switch name {
	case "Action", "Version", "AWSAccessKeyId", "Signature", "SignatureMethod", "SignatureVersion",
		"SecurityToken", "Timestamp", "Expires":
		return true
	default:
		return strings.HasPrefix(name, "X-Amz-")
	}
}

func (n *node) into(v reflect.Value, path string) error {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return n.intoTime(v, path)
		}
		return n.intoStruct(v, path)
	case reflect.Slice:
		return n.intoSlice(v, path)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return n.into(v.Elem(), path)
	default:
		return n.intoScalar(v, path)
	}
}

func (n *node) intoStruct(v reflect.Value, path string) error {
	if n.value != nil && path != "" {
		return unknown(path)
	}
	members := map[string]reflect.Value{}
	for i := range v.NumField() {
		if field := v.Type().Field(i); field.IsExported() {
			members[parameter(field)] = v.Field(i)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(n.children)) {
		full := strings.TrimPrefix(path+"."+name, ".")
		member, ok := members[name]
		if !ok {
			return unknown(full)
		}
		if err := n.children[name].into(member, full); err != nil {
			return err
		}
	}
	return nil
}

// intoSlice takes the elements in the order of their indexes; clients need not
// number them without gaps.
func (n *node) intoSlice(v reflect.Value, path string) error {
	if n.value != nil {
		return unknown(path)
	}
	indexes := make([]int, 0, len(n.children))
	for name := range n.children {
		i, err := strconv.Atoi(name)
		if err != nil || i < 1 || strconv.Itoa(i) != name {
			return unknown(path + "." + name)
		}
		indexes = append(indexes, i)
	}
	slices.Sort(indexes)
	v.Set(reflect.MakeSlice(v.Type(), len(indexes), len(indexes)))
	for at, i := range indexes {
		name := strconv.Itoa(i)
		if err := n.children[name].into(v.Index(at), path+"."+name); err != nil {
			return err
		}
	}
	return nil
}

func (n *node) intoScalar(v reflect.Value, path string) error {
	if n.children != nil || n.value == nil {
		return unknown(path)
	}
	invalid := &Error{Code: "InvalidParameterValue", Message: fmt.Sprintf("Invalid value '%s' for %s", *n.value, path)}
	switch v.Kind() {
	case reflect.String:
		v.SetString(*n.value)
	case reflect.Bool:
		switch strings.ToLower(*n.value) {
		case "true", "1":
			v.SetBool(true)
		case "false", "0":
			v.SetBool(false)
		default:
			return invalid
		}
	case reflect.Int32, reflect.Int64:
		i, err := strconv.ParseInt(*n.value, 10, v.Type().Bits())
		if err != nil {
			return invalid
		}
		v.SetInt(i)
	default:
		return unknown(path)
	}
	return nil
}

func (n *node) intoTime(v reflect.Value, path string) error {
	if n.children != nil || n.value == nil {
		return unknown(path)
	}
	at, err := time.Parse(time.RFC3339Nano, *n.value)
	if err != nil {
		return &Error{Code: "InvalidParameterValue", Message: fmt.Sprintf("Invalid value '%s' for %s", *n.value, path)}
	}
	v.Set(reflect.ValueOf(at.UTC()))
	return nil
}

func unknown(path string) error {
	return &Error{Code: "UnknownParameter", Message: fmt.Sprintf("The parameter %s is not recognized", path)}
}

// parameter returns the name of a member in a form: a list goes by its singular.
func parameter(field reflect.StructField) string {
	switch field.Name {
	case "ExecutableUsers":
		return "ExecutableBy"
	case "OwnerIds":
		return "Owner"
	case "RestorableByUserIds":
		return "RestorableBy"
	case "GroupNames":
		return "UserGroup"
	case "Resources":
		return "ResourceId"
	}
	if field.Type.Kind() == reflect.Slice {
		return strings.TrimSuffix(field.Name, "s")
	}
	return field.Name
}
