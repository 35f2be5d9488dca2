package smwire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/smithy-go"
)

// The first and the last second of the years 1 to 9999, those that a time in any of
// the protocol's forms can tell.
const (
	firstSecond = -62135596800
	lastSecond  = 253402300799
)

// strict refuses what the SDK's own reader of nested types would skip or mistake:
// members that a structure does not have, and times beyond the calendar. What is wrong
// with other scalars is left to that reader.
func strict(raw json.RawMessage, schema *smithy.Schema, path string) error {
	if schema == nil {
		return nil
	}
	switch schema.Type() { //nolint:exhaustive // the other shapes have no members
	case smithy.ShapeTypeTimestamp:
		return strictTime(raw, path)
	case smithy.ShapeTypeList, smithy.ShapeTypeSet:
		var items []json.RawMessage
		if err := json.Unmarshal(raw, &items); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		for i, item := range items {
			if err := strict(item, schema.ListMember(), fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
	case smithy.ShapeTypeMap, smithy.ShapeTypeStructure, smithy.ShapeTypeUnion:
		var members map[string]json.RawMessage
		if err := json.Unmarshal(raw, &members); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		for _, name := range slices.Sorted(maps.Keys(members)) {
			if schema.Type() == smithy.ShapeTypeMap {
				if err := strict(members[name], schema.MapValue(), fmt.Sprintf("%s[%q]", path, name)); err != nil {
					return err
				}
				continue
			}
			at := name
			if path != "" {
				at = path + "." + name
			}
			member := schema.Member(name)
			if member == nil {
				return fmt.Errorf("%s: not a member of %s", at, shapeName(schema))
			}
			if err := strict(members[name], member, at); err != nil {
				return err
			}
		}
	}
	return nil
}

// shapeName is the name of a shape, or of the shape that a member has.
func shapeName(schema *smithy.Schema) string {
	if name := schema.TargetID().Name; name != "" {
		return name
	}
	return schema.ID().Name
}

func strictTime(raw json.RawMessage, path string) error {
	var seconds *float64
	if err := json.Unmarshal(raw, &seconds); err != nil {
		return fmt.Errorf("%s: %s is no time: want seconds since 1970", path, bytes.TrimSpace(raw))
	}
	if seconds != nil && (*seconds < firstSecond || *seconds > lastSecond) {
		return fmt.Errorf("%s: %s is no time: want seconds since 1970, of the years 1 to 9999", path, bytes.TrimSpace(raw))
	}
	return nil
}

// schemaOf is the schema of an operation's input, taken from what the SDK writes first.
func schemaOf(input smithy.Serializable) *smithy.Schema {
	first := new(firstSchema)
	input.Serialize(first)
	return first.schema
}

// firstSchema is a serialiser that keeps the schema of what is written and nothing
// else. It takes empty inputs, which have no members to write.
type firstSchema struct {
	smithy.ShapeSerializer
	schema *smithy.Schema
}

func (f *firstSchema) WriteStruct(schema *smithy.Schema) { f.schema = schema }
func (f *firstSchema) CloseStruct()                      {}
