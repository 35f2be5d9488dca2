package hyperpod

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/smithy-go"

	"github.com/hyperpodkit/hyperpodkit/internal/smwire"
)

// FieldChange is one member of a group that differs between what is and what is
// wanted.
type FieldChange struct {
	// Path is the member's path in the group, such as "KubernetesConfig.Labels.team".
	Path string
	// Before and After are the values as JSON; empty where there is none.
	Before, After string
}

// fieldChanges compares two specifications by their JSON, so that no member can be
// forgotten. Before or after may be nil.
func fieldChanges(before, after smithy.Serializable) ([]FieldChange, error) {
	was, err := tree(before)
	if err != nil {
		return nil, err
	}
	is, err := tree(after)
	if err != nil {
		return nil, err
	}
	return compare("", was, is), nil
}

// tree is a specification as the values that JSON has; nil for nil.
func tree(spec smithy.Serializable) (any, error) {
	if spec == nil {
		return nil, nil
	}
	body, err := smwire.Encode(spec)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil, fmt.Errorf("read back %T: %w", spec, err)
	}
	return v, nil
}

func compare(path string, before, after any) []FieldChange {
	was, wasObject := before.(map[string]any)
	is, isObject := after.(map[string]any)
	if (wasObject || before == nil) && (isObject || after == nil) && len(was)+len(is) > 0 {
		keys := slices.Collect(maps.Keys(was))
		for key := range is {
			if _, both := was[key]; !both {
				keys = append(keys, key)
			}
		}
		slices.Sort(keys)
		var changes []FieldChange
		for _, key := range keys {
			at := key
			if path != "" {
				at = path + "." + key
			}
			changes = append(changes, compare(at, was[key], is[key])...)
		}
		return changes
	}
	wasText, isText := render(before), render(after)
	if wasText == isText {
		return nil
	}
	return []FieldChange{{Path: path, Before: wasText, After: isText}}
}

// render writes a value as JSON, nothing as nothing.
func render(v any) string {
	if v == nil {
		return ""
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}
