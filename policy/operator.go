package policy

import (
	"bytes"
	"encoding/base64"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// operator is a condition operator without its prefix and suffix.
type operator struct {
	negated bool
	compile func(value string, variables bool) (matcher, error)
}

// lookupOperator returns the operator of that exact name ("IAM JSON policy
// elements: Condition operators", IAM User Guide). ArnEquals and ArnLike are the
// same, and a negated operator is its positive one turned round.
func lookupOperator(name string) (operator, bool) {
	o := operator{}
	switch name {
	case "StringEquals", "StringNotEquals":
		o.compile = compileText(dialect{})
	case "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase":
		o.compile = compileFolded
	case "StringLike", "StringNotLike":
		o.compile = compileText(dialect{wildcards: true})
	case "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike":
		o.compile = compileARN
	case "NumericEquals", "NumericNotEquals":
		o.compile = compileNumber(func(c int) bool { return c == 0 })
	case "NumericLessThan":
		o.compile = compileNumber(func(c int) bool { return c < 0 })
	case "NumericLessThanEquals":
		o.compile = compileNumber(func(c int) bool { return c <= 0 })
	case "NumericGreaterThan":
		o.compile = compileNumber(func(c int) bool { return c > 0 })
	case "NumericGreaterThanEquals":
		o.compile = compileNumber(func(c int) bool { return c >= 0 })
	case "DateEquals", "DateNotEquals":
		o.compile = compileDate(func(c int) bool { return c == 0 })
	case "DateLessThan":
		o.compile = compileDate(func(c int) bool { return c < 0 })
	case "DateLessThanEquals":
		o.compile = compileDate(func(c int) bool { return c <= 0 })
	case "DateGreaterThan":
		o.compile = compileDate(func(c int) bool { return c > 0 })
	case "DateGreaterThanEquals":
		o.compile = compileDate(func(c int) bool { return c >= 0 })
	case "Bool", "Null":
		o.compile = compileBool
	case "BinaryEquals":
		o.compile = compileBinary
	case "IpAddress", "NotIpAddress":
		o.compile = compileIP
	default:
		return o, false
	}
	o.negated = strings.Contains(name, "Not")
	return o, true
}

// matcher is one value of a policy, ready to be compared to one of a request.
type matcher interface {
	match(value string, r *Prepared) bool
}

func compileText(d dialect) func(string, bool) (matcher, error) {
	return func(v string, variables bool) (matcher, error) {
		d := d
		d.variables = variables
		p, err := newPattern(v, d)
		return &p, err
	}
}

// foldedMatcher compares without regard to case.
type foldedMatcher struct{ pattern pattern }

func compileFolded(v string, variables bool) (matcher, error) {
	p, err := newPattern(v, dialect{variables: variables})
	return &foldedMatcher{p}, err
}

func (m *foldedMatcher) match(v string, r *Prepared) bool {
	if m.pattern.plain {
		return strings.EqualFold(v, m.pattern.text)
	}
	tokens, ok := m.pattern.resolve(r)
	var b strings.Builder
	for _, t := range tokens {
		b.WriteString(t.text)
	}
	return ok && strings.EqualFold(v, b.String())
}

// arnMatcher compares field by field. fields is nil when variables decide at the
// time of the request where the fields are.
type arnMatcher struct {
	pattern pattern
	fields  []pattern
}

func compileARN(v string, variables bool) (matcher, error) {
	p, err := newPattern(v, dialect{wildcards: true, variables: variables})
	m := &arnMatcher{pattern: p}
	if err != nil || p.hasVariables() {
		return m, err
	}
	if m.fields = splitARN(p.tokens); m.fields == nil && v != "*" {
		return m, failsCheck("TYPE_MISMATCH", "%q is no ARN: six fields divided by colons are needed", v)
	}
	return m, nil
}

func (m *arnMatcher) match(v string, r *Prepared) bool {
	fields := m.fields
	if fields == nil {
		tokens, ok := m.pattern.resolve(r)
		if !ok {
			return false
		}
		if len(tokens) == 1 && tokens[0].kind == anyToken {
			return strings.HasPrefix(v, "arn:")
		}
		if fields = splitARN(tokens); fields == nil {
			return false
		}
	}
	return matchARN(fields, v, r)
}

type numberMatcher struct {
	number float64
	holds  func(int) bool
}

func compileNumber(holds func(int) bool) func(string, bool) (matcher, error) {
	return func(v string, _ bool) (matcher, error) {
		n, ok := parseNumber(v)
		if !ok {
			return nil, failsCheck("TYPE_MISMATCH_NUMBER", "%q is no number", v)
		}
		return &numberMatcher{n, holds}, nil
	}
}

func parseNumber(s string) (float64, bool) {
	if s == "" || strings.Trim(s, "0123456789.eE+-") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil
}

func (m *numberMatcher) match(v string, _ *Prepared) bool {
	n, ok := parseNumber(v)
	switch {
	case !ok:
		return false
	case n < m.number:
		return m.holds(-1)
	case n > m.number:
		return m.holds(1)
	default:
		return m.holds(0)
	}
}

type dateMatcher struct {
	date  time.Time
	holds func(int) bool
}

func compileDate(holds func(int) bool) func(string, bool) (matcher, error) {
	return func(v string, _ bool) (matcher, error) {
		d, ok := parseDate(v)
		if !ok {
			return nil, failsCheck("TYPE_MISMATCH_DATE", "%q is no date: use 2006-01-02T15:04:05Z or seconds since 1970", v)
		}
		return &dateMatcher{d, holds}, nil
	}
}

// parseDate reads the W3C forms of ISO 8601 and seconds since 1970. Four digits
// are a year.
func parseDate(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", time.DateOnly, "2006-01", "2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return time.Unix(n, 0), err == nil
}

func (m *dateMatcher) match(v string, _ *Prepared) bool {
	d, ok := parseDate(v)
	return ok && m.holds(d.Compare(m.date))
}

type boolMatcher struct{ value bool }

func compileBool(v string, _ bool) (matcher, error) {
	b, ok := parseBool(v)
	if !ok {
		return nil, failsCheck("TYPE_MISMATCH_BOOLEAN", "%q is neither true nor false", v)
	}
	return &boolMatcher{b}, nil
}

func parseBool(s string) (value, ok bool) {
	value = strings.EqualFold(s, "true")
	return value, value || strings.EqualFold(s, "false")
}

func (m *boolMatcher) match(v string, _ *Prepared) bool {
	b, ok := parseBool(v)
	return ok && b == m.value
}

// binaryMatcher compares the bytes that two base64 texts stand for.
type binaryMatcher struct{ value []byte }

func compileBinary(v string, _ bool) (matcher, error) {
	b, err := base64.StdEncoding.DecodeString(v)
	if err != nil {
		return nil, failsCheck("TYPE_MISMATCH", "%q is no base64 text: %v", v, err)
	}
	return &binaryMatcher{b}, nil
}

func (m *binaryMatcher) match(v string, _ *Prepared) bool {
	b, err := base64.StdEncoding.DecodeString(v)
	return err == nil && bytes.Equal(b, m.value)
}

type ipMatcher struct{ prefix netip.Prefix }

func compileIP(v string, _ bool) (matcher, error) {
	if a, err := netip.ParseAddr(v); err == nil {
		return &ipMatcher{netip.PrefixFrom(a, a.BitLen())}, nil
	}
	p, err := netip.ParsePrefix(v)
	if err != nil {
		return nil, failsCheck("TYPE_MISMATCH_IP_RANGE", "%q is no IP address or CIDR range", v)
	}
	return &ipMatcher{p}, nil
}

func (m *ipMatcher) match(v string, _ *Prepared) bool {
	a, err := netip.ParseAddr(v)
	return err == nil && m.prefix.Contains(a)
}
