package policy

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// pattern is a compiled policy value: text with wildcards and policy variables.
type pattern struct {
	tokens []token
	// text is the whole pattern when plain is set: no wildcard, no variable.
	text  string
	plain bool
}

type token struct {
	kind tokenKind
	// text is literal text, the lower-case key of a variable, or its default.
	text string
	// fallback is a variable's default, if it has one.
	fallback    string
	hasFallback bool
}

type tokenKind uint8

const (
	literalToken tokenKind = iota
	variableToken
	oneToken     // ?
	segmentToken // * that ends at a colon
	anyToken     // *
)

// dialect says what is special in a value.
type dialect struct {
	wildcards, variables bool
}

// newPattern compiles a policy value. Variables, and the escapes ${*}, ${?} and
// ${$}, exist in version 2012-10-17 only ("Policy variables", IAM User Guide).
func newPattern(s string, d dialect) (pattern, error) {
	p := pattern{}
	literal := func(text string) {
		if n := len(p.tokens); n > 0 && p.tokens[n-1].kind == literalToken {
			p.tokens[n-1].text += text
		} else {
			p.tokens = append(p.tokens, token{text: text})
		}
	}
	for s != "" {
		switch {
		case d.variables && strings.HasPrefix(s, "${"):
			end := strings.IndexByte(s, '}')
			if end < 0 {
				return p, failsCheck("MISSING_BRACE_IN_VARIABLE", "the policy variable in %q has no closing brace", s)
			}
			t, err := newVariable(s[2:end])
			if err != nil {
				return p, err
			}
			if t.kind == literalToken {
				literal(t.text)
			} else {
				p.tokens = append(p.tokens, t)
			}
			s = s[end+1:]
		case d.wildcards && s[0] == '*':
			p.tokens = append(p.tokens, token{kind: anyToken})
			s = s[1:]
		case d.wildcards && s[0] == '?':
			p.tokens = append(p.tokens, token{kind: oneToken})
			s = s[1:]
		default:
			n := 1
			for n < len(s) && s[n] != '*' && s[n] != '?' && s[n] != '$' {
				n++
			}
			literal(s[:n])
			s = s[n:]
		}
	}
	p.settle()
	return p, nil
}

func (p *pattern) settle() {
	switch {
	case len(p.tokens) == 0:
		p.plain = true
	case len(p.tokens) == 1 && p.tokens[0].kind == literalToken:
		p.plain, p.text = true, p.tokens[0].text
	}
}

func newVariable(s string) (token, error) {
	if s == "*" || s == "?" || s == "$" {
		return token{text: s}, nil
	}
	key, fallback, has := strings.Cut(s, ",")
	t := token{kind: variableToken, text: strings.ToLower(strings.TrimSpace(key)), hasFallback: has}
	if t.text == "" {
		return t, failsCheck("EMPTY_VARIABLE", "the policy variable ${%s} names no key", s)
	}
	if has {
		fallback = strings.TrimSpace(fallback)
		if len(fallback) < 2 || fallback[0] != '\'' || fallback[len(fallback)-1] != '\'' {
			return t, failsCheck("MISSING_QUOTE_IN_VARIABLE", "the default of ${%s} needs single quotes, as in ${key, 'text'}", s)
		}
		t.fallback = fallback[1 : len(fallback)-1]
	}
	return t, nil
}

// match reports whether the pattern covers all of s. A variable without a value
// or default makes it cover nothing; what a variable stands for is taken
// literally, wildcards included.
func (p *pattern) match(s string, r *Prepared) bool {
	if p.plain {
		return s == p.text
	}
	// The last * of each kind is where matching can be resumed. Two suffice: an
	// earlier * could only take up what a later one of its kind takes as well.
	type star struct{ token, at int }
	anyStar, segmentStar := star{token: -1}, star{token: -1}
	t, i := 0, 0
	for {
		ok := t == len(p.tokens) && i == len(s)
		if ok {
			return true
		}
		if t < len(p.tokens) {
			switch tok := &p.tokens[t]; tok.kind {
			case anyToken:
				anyStar, segmentStar, ok = star{t, i}, star{token: -1}, true
			case segmentToken:
				segmentStar, ok = star{t, i}, true
			case oneToken:
				if ok = i < len(s); ok {
					_, n := utf8.DecodeRuneInString(s[i:])
					i += n
				}
			case literalToken, variableToken:
				text, has := tok.value(r)
				if !has {
					return false
				}
				if ok = strings.HasPrefix(s[i:], text); ok {
					i += len(text)
				}
			}
		}
		switch {
		case ok:
			t++
		case segmentStar.token >= 0 && segmentStar.at < len(s) && s[segmentStar.at] != ':':
			segmentStar.at++
			t, i = segmentStar.token+1, segmentStar.at
		case anyStar.token >= 0 && anyStar.at < len(s):
			anyStar.at++
			t, i = anyStar.token+1, anyStar.at
		default:
			return false
		}
	}
}

func (t *token) value(r *Prepared) (string, bool) {
	if t.kind == literalToken {
		return t.text, true
	}
	// A key with several values cannot be a policy variable.
	if v := r.context[t.text]; len(v) == 1 {
		return v[0], true
	}
	return t.fallback, t.hasFallback
}

// resolve returns the pattern with its variables replaced, and false if one of
// them has no value.
func (p *pattern) resolve(r *Prepared) ([]token, bool) {
	out := make([]token, len(p.tokens))
	for i := range p.tokens {
		out[i] = p.tokens[i]
		if out[i].kind == variableToken {
			text, ok := out[i].value(r)
			if !ok {
				return nil, false
			}
			out[i] = token{text: text}
		}
	}
	return out, true
}

func (p *pattern) hasVariables() bool {
	for i := range p.tokens {
		if p.tokens[i].kind == variableToken {
			return true
		}
	}
	return false
}

// arnFields is the number of fields of an ARN:
// arn:partition:service:region:account:resource.
const arnFields = 6

// newResourcePattern compiles a value of Resource. A * within a field stops at
// the field's colon, one at its end runs past it, and missing fields count as *
// ("IAM JSON policy elements: Resource", IAM User Guide). Within the last field
// a * covers everything.
func newResourcePattern(s string, variables bool) (pattern, error) {
	if s != "" && strings.Trim(s, "*") == "" {
		s = "*"
	} else if !strings.HasPrefix(s, "arn:") && !strings.HasPrefix(s, "${") {
		return pattern{}, fmt.Errorf("%q is neither an ARN nor *", s)
	}
	p, err := newPattern(s, dialect{wildcards: true, variables: variables})
	if err != nil || s == "*" || p.hasVariables() && !strings.HasPrefix(s, "arn:") {
		return p, err
	}
	colons := 0
	for i := range p.tokens {
		switch t := &p.tokens[i]; t.kind {
		case literalToken:
			colons += strings.Count(t.text, ":")
		case anyToken:
			last := i+1 == len(p.tokens)
			fieldEnd := last || p.tokens[i+1].kind == literalToken && p.tokens[i+1].text[0] == ':'
			if colons < arnFields-1 && !fieldEnd {
				t.kind = segmentToken
			}
		case variableToken, oneToken, segmentToken:
		}
	}
	for ; colons < arnFields-1; colons++ {
		p.tokens = append(p.tokens, token{text: ":"}, token{kind: anyToken})
	}
	p.plain = false
	p.settle()
	return p, nil
}

// splitARN cuts resolved tokens into the patterns of an ARN's six fields, of
// which only the last may contain colons. It returns nil for anything else.
func splitARN(tokens []token) []pattern {
	fields := make([]pattern, 1, arnFields)
	for _, t := range tokens {
		for t.kind == literalToken && len(fields) < arnFields {
			before, after, colon := strings.Cut(t.text, ":")
			if !colon {
				break
			}
			last := &fields[len(fields)-1]
			last.tokens = append(last.tokens, token{text: before})
			fields = append(fields, pattern{})
			t.text = after
		}
		last := &fields[len(fields)-1]
		last.tokens = append(last.tokens, t)
	}
	if len(fields) != arnFields {
		return nil
	}
	for i := range fields {
		fields[i].settle()
	}
	return fields
}

func matchARN(fields []pattern, s string, r *Prepared) bool {
	for i := range fields {
		field := s
		if i < arnFields-1 {
			var colon bool
			if field, s, colon = strings.Cut(s, ":"); !colon {
				return false
			}
		}
		if !fields[i].match(field, r) {
			return false
		}
	}
	return true
}
