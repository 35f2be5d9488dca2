package policy

import (
	"fmt"
	"strconv"
	"strings"
)

// test is one condition key under one operator, compiled.
type test struct {
	operator string // as written
	name     string // the key as written
	key      string // in lower case
	values   []matcher
	wanted   []string // the policy's values, as written
	set      setOperator
	negated  bool
	ifExists bool
	null     bool
}

// setOperator is the prefix that compares several values of a request.
type setOperator uint8

const (
	noSet setOperator = iota
	forAllValues
	forAnyValue
)

// newTest compiles a key of an operator. Its errors say what is wrong with the
// operator as a whole or with one of the values.
func newTest(name string, k ConditionKey, variables bool) (test, error) {
	t := test{operator: name, name: k.Name, key: strings.ToLower(k.Name), wanted: k.Values.Items}
	base := name
	if rest, ok := strings.CutPrefix(base, "ForAllValues:"); ok {
		t.set, base = forAllValues, rest
	} else if rest, ok := strings.CutPrefix(base, "ForAnyValue:"); ok {
		t.set, base = forAnyValue, rest
	}
	base, t.ifExists = strings.CutSuffix(base, "IfExists")
	o, ok := lookupOperator(base)
	if !ok {
		return t, fmt.Errorf("%q is no condition operator; their spelling is fixed, case included", name)
	}
	t.negated, t.null = o.negated, base == "Null"
	if t.null && (t.ifExists || t.set != noSet) {
		nullCheck := "NULL_WITH_IF_EXISTS"
		if t.set != noSet {
			nullCheck = "NULL_WITH_QUALIFIER"
		}
		return t, failsCheck(nullCheck, "Null takes no IfExists, ForAllValues or ForAnyValue")
	}
	for _, v := range k.Values.Items {
		m, err := o.compile(v, variables)
		if err != nil {
			return t, err
		}
		t.values = append(t.values, m)
	}
	return t, nil
}

// met evaluates the test ("Conditions with multiple context keys or values" and
// "Set operators for multivalued context keys", IAM User Guide).
func (t *test) met(r *Prepared) bool {
	values := r.context[t.key]
	// An empty string counts as no value for Null and the set operators.
	none := len(values) == 0 || len(values) == 1 && values[0] == ""
	if t.null {
		return t.any(strconv.FormatBool(none), r)
	}
	if len(values) == 0 && t.ifExists {
		return true
	}
	switch t.set {
	case forAllValues:
		if none {
			return true
		}
		for _, v := range values {
			if t.any(v, r) == t.negated {
				return false
			}
		}
		return true
	case forAnyValue:
		if none {
			return false
		}
		for _, v := range values {
			if t.any(v, r) != t.negated {
				return true
			}
		}
		return false
	case noSet:
	}
	// AWS does not define an operator without prefix on several values; here one
	// that matches is enough, and a negated one wants none that does.
	for _, v := range values {
		if t.any(v, r) {
			return !t.negated
		}
	}
	return t.negated
}

func (t *test) any(value string, r *Prepared) bool {
	for _, m := range t.values {
		if m.match(value, r) {
			return true
		}
	}
	return false
}
