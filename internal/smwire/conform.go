package smwire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/smithy-go"

	"github.com/hyperpodkit/hyperpodkit"
	"github.com/hyperpodkit/hyperpodkit/internal/nearest"
)

// Conform compares a document with a shape and reports, in the document's order, every
// place where the two differ: members that the shape does not have or that are given
// twice, values of another JSON type, unions without exactly one member. The SDK skips
// most of these silently. It returns the document as [Decode] and [Fill] read it: without
// members that are null, with null for what it reports, and with times as seconds where
// the document has them in RFC 3339, as the AWS CLI takes them.
//
// The error is that of a document that is no JSON.
func Conform(document []byte, shape *smithy.Schema) ([]byte, []hyperpodkit.Finding, error) {
	return conform(document, shape, true)
}

// conform is Conform, for documents in which times may be words or, as on the wire, not.
func conform(document []byte, shape *smithy.Schema, words bool) ([]byte, []hyperpodkit.Finding, error) {
	dec := json.NewDecoder(bytes.NewReader(document))
	var raw json.RawMessage
	if err := dec.Decode(&raw); err != nil {
		return nil, nil, syntaxError(document, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		line := 1 + bytes.Count(document[:dec.InputOffset()], []byte("\n"))
		return nil, nil, fmt.Errorf("line %d: something follows the document's end", line)
	}
	c := &conformer{words: words}
	if err := c.value(raw, shape, ""); err != nil {
		return nil, nil, err
	}
	return c.out.Bytes(), c.findings, nil
}

// conformer writes a document anew while it judges it.
type conformer struct {
	words    bool // times may be in RFC 3339
	out      bytes.Buffer
	findings []hyperpodkit.Finding
}

func (c *conformer) refuse(rule, path, found, fix string) {
	c.findings = append(c.findings, hyperpodkit.Finding{Level: hyperpodkit.Error, Rule: rule, Path: path, Found: found, Fix: fix})
}

func (c *conformer) value(raw json.RawMessage, shape *smithy.Schema, path string) error {
	got, want := typeOf(raw), typeFor(shape)
	if shape.Type() == smithy.ShapeTypeTimestamp && got != object {
		c.time(raw, got, path)
		return nil
	}
	if got != want {
		c.refuse("json-type", path, "the value is "+got, "give "+want)
		c.out.WriteString("null")
		return nil
	}
	switch want {
	case object:
		return c.object(raw, shape, path)
	case list:
		return c.list(raw, shape, path)
	case text:
		if shape.Type() == smithy.ShapeTypeEnum && bytes.Equal(raw, []byte(`""`)) {
			c.refuse("json-empty", path, "the value is empty", "leave the member out, or give it a value")
		}
	case number:
		if _, err := strconv.ParseInt(string(raw), 10, 32); err != nil {
			c.refuse("json-type", path, string(raw)+" is no whole number of 32 bits", "give one")
			raw = []byte("null")
		}
	}
	c.out.Write(raw)
	return nil
}

// object judges a structure, a union or a map.
func (c *conformer) object(raw json.RawMessage, shape *smithy.Schema, path string) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if _, err := dec.Token(); err != nil {
		return err
	}
	seen := map[string]bool{}
	unknown := false
	c.out.WriteByte('{')
	for first := true; dec.More(); {
		name, value, err := entry(dec)
		if err != nil {
			return err
		}
		target, at := member(shape, name, path)
		switch {
		case target == nil:
			unknown = true
			c.refuse("json-member", at, "there is no such member", hint(name, shape))
			continue
		case seen[name]:
			c.refuse("json-twice", at, "the member is given twice", "give it once")
			continue
		case typeOf(value) == null && shape.Type() != smithy.ShapeTypeMap:
			continue
		}
		seen[name] = true
		if !first {
			c.out.WriteByte(',')
		}
		first = false
		key, err := json.Marshal(name)
		if err != nil {
			return err
		}
		c.out.Write(key)
		c.out.WriteByte(':')
		if err := c.value(value, target, at); err != nil {
			return err
		}
	}
	c.out.WriteByte('}')
	if shape.Type() == smithy.ShapeTypeUnion && len(seen) != 1 && !unknown {
		c.refuse("json-union", path, fmt.Sprintf("%d members are given", len(seen)), "give exactly one of "+strings.Join(names(shape), ", "))
	}
	return nil
}

// entry reads the next name and value of an object.
func entry(dec *json.Decoder) (name string, value json.RawMessage, err error) {
	key, err := dec.Token()
	if err != nil {
		return "", nil, err
	}
	if err := dec.Decode(&value); err != nil {
		return "", nil, err
	}
	return fmt.Sprint(key), value, nil
}

// member is the shape of an object's member and its path. The shape is nil when there
// is none.
func member(shape *smithy.Schema, name, path string) (*smithy.Schema, string) {
	if shape.Type() == smithy.ShapeTypeMap {
		return shape.MapValue(), fmt.Sprintf("%s[%q]", path, name)
	}
	if path != "" {
		path += "."
	}
	return shape.Member(name), path + name
}

func (c *conformer) list(raw json.RawMessage, shape *smithy.Schema, path string) error {
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return err
	}
	c.out.WriteByte('[')
	for i, item := range items {
		if i > 0 {
			c.out.WriteByte(',')
		}
		if err := c.value(item, shape.ListMember(), fmt.Sprintf("%s[%d]", path, i)); err != nil {
			return err
		}
	}
	c.out.WriteByte(']')
	return nil
}

// time judges a time: seconds since 1970, or RFC 3339, of the years 1 to 9999, those that
// it can tell in any of the protocol's forms.
func (c *conformer) time(raw json.RawMessage, got, path string) {
	const first, last = -62135596800, 253402300799
	fix := "give seconds since 1970"
	if c.words {
		fix += ", or RFC 3339 such as 2026-12-01T00:00:00Z"
	}
	seconds, err := math.NaN(), error(nil)
	switch got {
	case number:
		seconds, err = strconv.ParseFloat(string(raw), 64)
	case text:
		if !c.words {
			break
		}
		var t time.Time
		err = json.Unmarshal(raw, &t)
		seconds = float64(t.UnixMilli()) / 1e3
		raw = strconv.AppendFloat(nil, seconds, 'f', -1, 64)
	}
	if err != nil || !(seconds >= first && seconds <= last) {
		c.refuse("json-type", path, "the value is no time", fix)
		c.out.WriteString("null")
		return
	}
	c.out.Write(raw)
}

// The JSON types, as they read in a sentence.
const (
	object  = "an object"
	list    = "a list"
	text    = "a string"
	number  = "a number"
	boolean = "true or false"
	null    = "null"
)

// typeOf is the type of a value, by its first byte.
func typeOf(raw json.RawMessage) string {
	switch raw[0] {
	case '{':
		return object
	case '[':
		return list
	case '"':
		return text
	case 't', 'f':
		return boolean
	case 'n':
		return null
	default:
		return number
	}
}

// typeFor is the type that a shape's values have. Numbers of the cluster operations are
// all whole.
func typeFor(shape *smithy.Schema) string {
	return map[smithy.ShapeType]string{
		smithy.ShapeTypeStructure: object, smithy.ShapeTypeUnion: object, smithy.ShapeTypeMap: object,
		smithy.ShapeTypeList: list, smithy.ShapeTypeString: text, smithy.ShapeTypeEnum: text,
		smithy.ShapeTypeInteger: number, smithy.ShapeTypeTimestamp: number, smithy.ShapeTypeBoolean: boolean,
	}[shape.Type()]
}

// hint says which member was perhaps meant.
func hint(name string, shape *smithy.Schema) string {
	if meant := nearest.Name(name, names(shape)); meant != "" {
		return "did you mean " + meant + "?"
	}
	return "remove it, or use a newer aws-sdk-go-v2/service/sagemaker if the service has it"
}

func names(shape *smithy.Schema) []string { return slices.Sorted(maps.Keys(shape.Members())) }

// syntaxError says on which line a document stops being JSON.
func syntaxError(document []byte, err error) error {
	offset := int64(len(document))
	if syntax := new(json.SyntaxError); errors.As(err, &syntax) {
		offset = min(syntax.Offset, offset)
	}
	return fmt.Errorf("line %d: %w", 1+bytes.Count(document[:offset], []byte("\n")), err)
}
