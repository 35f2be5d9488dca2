package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// Encode returns the document as indented JSON that ends with a newline. Elements
// stand in the order of the language's reference (Version, Id, Statement; Sid,
// Effect, Principal, Action, Resource, Condition), all else as the document has
// it: the same document gives the same bytes. Characters above U+00FF, which a
// policy may not contain, are escaped.
func (d Document) Encode() []byte {
	var b bytes.Buffer
	// What compact writes is JSON, so that Indent has no error to return.
	_ = json.Indent(&b, d.compact(), "", "  ")
	b.WriteByte('\n')
	return b.Bytes()
}

// String returns the document as [Document.Encode] does.
func (d Document) String() string { return string(d.Encode()) }

// MarshalJSON returns the document without white space.
func (d Document) MarshalJSON() ([]byte, error) { return d.compact(), nil }

// Size returns the number of characters that count against a quota: all but white
// space between elements. A customer managed policy may have 6,144, the inline
// policies of a role 10,240 together, of a group 5,120 and of a user 2,048 ("IAM
// and AWS STS quotas", IAM User Guide). White space inside of strings is counted,
// so that Size never says too little.
func (d Document) Size() int { return utf8.RuneCount(d.compact()) }

func (d Document) compact() []byte {
	w := &writer{}
	w.object(func() {
		w.optional("Version", d.Version)
		w.optional("Id", d.ID)
		w.key("Statement")
		if d.SingleStatement && len(d.Statements) == 1 {
			w.statement(d.Statements[0])
			return
		}
		w.WriteByte('[')
		for i, s := range d.Statements {
			if i > 0 {
				w.WriteByte(',')
			}
			w.statement(s)
		}
		w.WriteByte(']')
	})
	return w.Bytes()
}

// writer writes JSON objects whose members keep their order.
type writer struct {
	bytes.Buffer
}

func (w *writer) statement(s Statement) {
	w.object(func() {
		w.optional("Sid", s.Sid)
		w.key("Effect")
		w.string(string(s.Effect))
		w.principal("Principal", s.Principal)
		w.principal("NotPrincipal", s.NotPrincipal)
		w.values("Action", s.Action)
		w.values("NotAction", s.NotAction)
		w.values("Resource", s.Resource)
		w.values("NotResource", s.NotResource)
		if s.Condition == nil {
			return
		}
		w.key("Condition")
		w.object(func() {
			for _, o := range s.Condition {
				w.key(o.Name)
				w.object(func() {
					for _, k := range o.Keys {
						w.values(k.Name, k.Values)
					}
				})
			}
		})
	})
}

func (w *writer) principal(name string, p *Principal) {
	if p == nil {
		return
	}
	w.key(name)
	if p.Anyone {
		w.string("*")
		return
	}
	w.object(func() {
		for _, e := range p.Entries {
			w.values(e.Type, e.Values)
		}
	})
}

func (w *writer) object(members func()) {
	w.WriteByte('{')
	members()
	w.WriteByte('}')
}

func (w *writer) key(name string) {
	if last := w.Bytes()[w.Len()-1]; last != '{' {
		w.WriteByte(',')
	}
	w.string(name)
	w.WriteByte(':')
}

func (w *writer) optional(name, value string) {
	if value != "" {
		w.key(name)
		w.string(value)
	}
}

func (w *writer) values(name string, v Values) {
	if !v.Present() {
		return
	}
	w.key(name)
	if v.Single && len(v.Items) == 1 {
		w.string(v.Items[0])
		return
	}
	w.WriteByte('[')
	for i, item := range v.Items {
		if i > 0 {
			w.WriteByte(',')
		}
		w.string(item)
	}
	w.WriteByte(']')
}

// string writes a JSON string, with <, > and & as they are: a policy counts its
// characters.
func (w *writer) string(s string) {
	w.WriteByte('"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			w.WriteByte('\\')
			w.WriteRune(c)
		case c == '\n':
			w.WriteString(`\n`)
		case c == '\r':
			w.WriteString(`\r`)
		case c == '\t':
			w.WriteString(`\t`)
		case c < ' ' || c > 0xff:
			for _, unit := range utf16.AppendRune(nil, c) {
				w.Write(fmt.Appendf(nil, `\u%04x`, unit))
			}
		default:
			w.WriteRune(c)
		}
	}
	w.WriteByte('"')
}
