package smmodel

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hyperpodkit/hyperpodkit/internal/nearest"
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
	// Want says what would have been accepted in the model's terms, such as "at most
	// 63 characters" or "a match of [a-z]+".
	Want string

	shape *shape
}

// String returns the violation as a clause: path, what was found, what to do.
func (v Violation) String() string { return v.Path + ": " + v.Found() + "; " + v.Fix() }

// Found says in words what is wrong.
func (v Violation) Found() string {
	switch v.Rule {
	case Required:
		return "missing"
	case Enum:
		return quote(v.Value) + " is not a known value"
	case Union:
		return "nothing is set, or a member that this library does not know"
	case Pattern:
		return quote(v.Value) + " has the wrong form"
	case Range:
		return v.Value + " is out of range"
	case Length:
		if v.shape.Type != stringKind {
			return "it has " + v.Value
		}
		if v.Value == "" {
			return "it is empty"
		}
		return fmt.Sprintf("%s has %s", quote(v.Value), counted(int64(utf8.RuneCountInString(v.Value)), v.shape.unit()))
	default:
		return quote(v.Value) + " is not allowed"
	}
}

// Fix says in words what to do, beginning with a verb.
func (v Violation) Fix() string {
	switch v.Rule {
	case Required:
		if n := len(v.shape.Enum); n > 0 && n <= few {
			return "use " + either(v.shape.Enum)
		}
		return "give it a value"
	case Enum:
		if len(v.shape.Enum) <= few {
			return "use " + either(v.shape.Enum)
		}
		const newer = "check the spelling, unless the value is newer than this library"
		if near := nearest.Name(v.Value, v.shape.Enum); near != "" {
			return fmt.Sprintf("use %s if that is meant, else %s", near, newer)
		}
		return newer
	case Union:
		return "remove it, or set exactly one member that is known"
	case Pattern:
		return "use " + v.shape.form.words
	case Length, Range:
		return "use " + v.shape.bounds()
	default:
		return "use " + v.Want
	}
}

// few is up to how many values of an enum are named.
const few = 6

// unit is what a shape's size is counted in.
func (s *shape) unit() string {
	switch s.Type {
	case stringKind:
		return "character"
	case listKind:
		return "item"
	case mapKind:
		return "entry"
	case structureKind, integerKind, booleanKind, timestampKind:
		return ""
	default:
		return ""
	}
}

// bounds are a shape's least and greatest value or size, in words.
func (s *shape) bounds() string {
	unit := s.unit()
	switch {
	case s.Max == nil:
		return "at least " + counted(*s.Min, unit)
	case s.Min == nil, *s.Min == 0 && unit != "":
		return "at most " + counted(*s.Max, unit)
	default:
		return fmt.Sprintf("%d to %s", *s.Min, counted(*s.Max, unit))
	}
}

// counted writes a number with its unit, which may be empty.
func counted(n int64, unit string) string {
	switch {
	case unit == "":
		return strconv.FormatInt(n, 10)
	case n == 1:
		return "1 " + unit
	case unit == "entry":
		return fmt.Sprintf("%d entries", n)
	default:
		return fmt.Sprintf("%d %ss", n, unit)
	}
}

// either joins alternatives: "a, b or c".
func either(values []string) string {
	last := len(values) - 1
	if last == 0 {
		return values[0]
	}
	return strings.Join(values[:last], ", ") + " or " + values[last]
}

// quote shortens what a message cannot carry whole.
func quote(s string) string {
	const most = 80
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "…"
	}
	return strconv.Quote(s)
}
