package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// maxDepth bounds the nesting of a document: the deepest legal value, one of a
// condition key's list, is the seventh.
const maxDepth = 16

// node is a JSON value with its place in the text: encoding/json's tokens keep
// both the order of members and duplicates, which its values lose.
type node struct {
	offset  int
	kind    nodeKind
	text    string // of a scalar
	items   []node // of a list
	members []member
}

type member struct {
	name   string
	offset int
	value  node
}

type nodeKind uint8

const (
	nullNode nodeKind = iota
	stringNode
	numberNode
	boolNode
	listNode
	objectNode
)

func (k nodeKind) String() string {
	return [...]string{"null", "a string", "a number", "a boolean", "a list", "an object"}[k]
}

// reader turns text into nodes and collects problems with their positions.
type reader struct {
	data     []byte
	dec      *json.Decoder
	problems []Problem
}

// errStop ends reading after a problem that leaves nothing sensible to go on with.
var errStop = errors.New("stop")

func (r *reader) problem(offset int, path, format string, args ...any) {
	before := r.data[:min(offset, len(r.data))]
	r.problems = append(r.problems, Problem{
		Path: path,
		Position: Position{
			Offset: offset,
			Line:   bytes.Count(before, []byte("\n")) + 1,
			Column: len(before) - bytes.LastIndexByte(before, '\n'),
		},
		Message: fmt.Sprintf(format, args...),
	})
}

// text reads the whole text as one JSON value.
func (r *reader) text() (node, error) {
	for i := 0; i < len(r.data); {
		c, n := utf8.DecodeRune(r.data[i:])
		legal := c == '\t' || c == '\n' || c == '\r' || c >= ' ' && c <= 0xFF
		if !legal || c == utf8.RuneError && n == 1 {
			r.problem(i, "", "character %U is not allowed in a policy: use U+0009, U+000A, U+000D and U+0020 to U+00FF, or escape it as \\u%04X", c, c)
			return node{}, errStop
		}
		i += n
	}
	r.dec = json.NewDecoder(bytes.NewReader(r.data))
	r.dec.UseNumber()
	n, err := r.value("", 0)
	if err != nil {
		return n, err
	}
	end := r.next()
	if _, err := r.dec.Token(); !errors.Is(err, io.EOF) {
		r.problem(end, "", "text after the end of the document")
		return n, errStop
	}
	return n, nil
}

// next is the offset of the next token's first byte.
func (r *reader) next() int {
	i := int(r.dec.InputOffset())
	for i < len(r.data) && bytes.IndexByte([]byte(" \t\r\n,:"), r.data[i]) >= 0 {
		i++
	}
	return i
}

func (r *reader) token() (json.Token, int, error) {
	at := r.next()
	t, err := r.dec.Token()
	if err == nil {
		return t, at, nil
	}
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		// Between tokens the decoder reports the offset of the byte that it did not
		// expect, within a token the offset after it.
		at = int(syntax.Offset)
		if syntax.Offset != r.dec.InputOffset() {
			at--
		}
		r.problem(at, "", "not JSON: %v", err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		r.problem(len(r.data), "", "not JSON: the text ends too early")
	default:
		r.problem(at, "", "not JSON: %v", err)
	}
	return nil, at, errStop
}

func (r *reader) value(path string, depth int) (node, error) {
	t, at, err := r.token()
	if err != nil {
		return node{}, err
	}
	n := node{offset: at}
	switch t := t.(type) {
	case string:
		n.kind, n.text = stringNode, t
	case json.Number:
		n.kind, n.text = numberNode, t.String()
	case bool:
		n.kind, n.text = boolNode, fmt.Sprint(t)
	case json.Delim:
		if depth == maxDepth {
			r.problem(at, path, "nested deeper than any policy element")
			return n, errStop
		}
		if t == '[' {
			n.kind = listNode
			err = r.list(&n, path, depth)
		} else {
			n.kind = objectNode
			err = r.object(&n, path, depth)
		}
	}
	return n, err
}

func (r *reader) list(n *node, path string, depth int) error {
	for r.dec.More() {
		item, err := r.value(fmt.Sprintf("%s[%d]", path, len(n.items)), depth+1)
		if err != nil {
			return err
		}
		n.items = append(n.items, item)
	}
	_, _, err := r.token()
	return err
}

func (r *reader) object(n *node, path string, depth int) error {
	first := map[string]int{}
	for r.dec.More() {
		t, at, err := r.token()
		if err != nil {
			return err
		}
		name, _ := t.(string) // The decoder lets nothing else stand for a name.
		value, err := r.value(join(path, name), depth+1)
		if err != nil {
			return err
		}
		if _, ok := first[name]; ok {
			r.problem(at, join(path, name), "the same key twice; IAM refuses the document, join the two")
			continue
		}
		first[name] = at
		n.members = append(n.members, member{name: name, offset: at, value: value})
	}
	_, _, err := r.token()
	return err
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
