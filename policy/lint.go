package policy

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Severity is how bad a lint is, in the words of IAM Access Analyzer.
type Severity uint8

const (
	// Suggestion marks what could be written better.
	Suggestion Severity = iota + 1
	// GeneralWarning marks what departs from good practice.
	GeneralWarning
	// SecurityWarning marks what gives away more than is likely meant.
	SecurityWarning
	// LintError marks what does not work as it is written.
	LintError
)

// String returns "suggestion", "warning", "security warning" or "error".
func (s Severity) String() string {
	switch s {
	case Suggestion:
		return "suggestion"
	case GeneralWarning:
		return "warning"
	case SecurityWarning:
		return "security warning"
	case LintError:
		return "error"
	default:
		return "unknown"
	}
}

// MarshalText encodes the severity as its words.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Lint is one finding of [Check].
type Lint struct {
	// Severity is how bad it is.
	Severity Severity
	// Code is that of the check in IAM Access Analyzer, such as
	// "PASS_ROLE_WITH_STAR_IN_RESOURCE", or one of this package's own, which begin with
	// "HYPERPOD_".
	Code string
	// Statement is the statement. Its Path is empty for the document as a whole.
	Statement StatementRef
	// Element is the path of the element within the document, such as
	// "Statement[1].Action[3]".
	Element string
	// Position is where the element stands in the text, if there is one.
	Position Position
	// Found is what was found, Fix what to do about it.
	Found, Fix string
}

// String returns the finding as one line.
func (l Lint) String() string {
	s := l.Severity.String() + ": "
	if at := l.Position.String(); at != "" {
		s = at + ": " + s
	}
	if l.Element != "" {
		s += l.Element + ": "
	}
	s += l.Found
	if l.Fix != "" {
		s += "; " + l.Fix
	}
	return s + " [" + l.Code + "]"
}

// Check judges an identity policy in JSON: by the checks of IAM Access Analyzer that bear
// on policies for HyperPod, under AWS's own codes, and by rules of its own. Access Analyzer
// has others, on networks, federation and other services, and does not replace this. The findings are in the order of the text, the worst of
// an element first. Of actions and condition keys it knows those that this package
// generates policies from; of others it says nothing, unless one is a near miss. Told by
// [CheckOptions] what the policy is for, it says which actions are missing.
//
// The error is a [*DocumentError] when the text is no policy document at all.
func Check(text []byte, optFns ...func(*CheckOptions)) ([]Lint, error) {
	d, err := Decode(text)
	if err != nil {
		return nil, err
	}
	l := linter{doc: d, places: placesOf(text)}
	l.check(optFns)
	return l.lints, nil
}

// Check judges the document as the function [Check] does, without positions.
func (d Document) Check(optFns ...func(*CheckOptions)) []Lint {
	l := linter{doc: &d}
	l.check(optFns)
	return l.lints
}

type linter struct {
	doc    *Document
	places map[string]Position
	lints  []Lint

	at  StatementRef // the statement that is being judged
	raw Statement
}

func (l *linter) add(severity Severity, code, element, found, fix string) {
	path := join(l.at.Path, element)
	l.lints = append(l.lints, Lint{
		Severity: severity, Code: code, Statement: l.at, Element: path, Position: l.place(path), Found: found, Fix: fix,
	})
}

// place is the position of an element, or of the nearest around it that has one.
func (l *linter) place(path string) Position {
	for path != "" {
		if p, ok := l.places[path]; ok {
			return p
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return Position{}
}

func (l *linter) check(optFns []func(*CheckOptions)) {
	var opts CheckOptions
	for _, fn := range optFns {
		fn(&opts)
	}
	l.document()
	for i, s := range l.doc.Statements {
		l.at, l.raw = StatementRef{Path: l.doc.path(i), Sid: s.Sid}, s
		l.form()
		l.actions()
		l.resources()
		l.conditions()
		l.hyperpod()
	}
	l.at = StatementRef{}
	l.redundant()
	l.together()
	l.missing(opts)
	slices.SortStableFunc(l.lints, func(a, b Lint) int {
		return cmp.Or(cmp.Compare(a.Position.Offset, b.Position.Offset), cmp.Compare(b.Severity, a.Severity))
	})
}

func (l *linter) document() {
	if l.doc.Version == "" {
		l.add(GeneralWarning, "MISSING_VERSION", "Version", "missing, so that the older language applies, without policy variables", `write "Version": "2012-10-17"`)
	}
	if l.doc.Version != Version2012 {
		l.variables()
	}
	if size := l.doc.Size(); size > ManagedPolicy.Limit() {
		l.add(GeneralWarning, "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", "", fmt.Sprintf("%d characters, a managed policy may have %d", size, ManagedPolicy.Limit()), "minimise it, then split it")
	}
	seen := map[string]int{}
	for i, s := range l.doc.Statements {
		path := l.doc.path(i) + ".Sid"
		if first, twice := seen[s.Sid]; twice && s.Sid != "" {
			l.add(LintError, "UNIQUE_SIDS_REQUIRED", path, fmt.Sprintf("%q is the Sid of %s too", s.Sid, l.doc.path(first)), "rename one")
		}
		if strings.ContainsFunc(s.Sid, func(r rune) bool { return !alphanumeric(r) }) {
			l.add(LintError, "UNSUPPORTED_SID", path, fmt.Sprintf("%q has other characters than letters and digits", s.Sid), "rename it")
		}
		seen[s.Sid] = i
	}
	// What cannot be compiled is told by element.
	var invalid *DocumentError
	if _, err := Compile(l.doc); errors.As(err, &invalid) {
		for _, p := range invalid.Problems {
			code := cmp.Or(p.check, codeOf(p.Path))
			l.add(LintError, code, p.Path, p.Message, invalidFixes[code])
		}
	}
}

// variables tells of policy variables, which the older language takes literally.
func (l *linter) variables() {
	for i, s := range l.doc.Statements {
		lists := map[string]Values{"Resource": s.Resource, "NotResource": s.NotResource}
		for _, o := range s.Condition {
			for _, k := range o.Keys {
				lists["Condition."+o.Name+"."+k.Name] = k.Values
			}
		}
		for _, element := range slices.Sorted(maps.Keys(lists)) {
			if slices.ContainsFunc(lists[element].Items, func(v string) bool { return strings.Contains(v, "${") }) {
				l.add(LintError, "VARIABLE_UNSUPPORTED_IN_VERSION", join(l.doc.path(i), element), "the policy variable is taken literally in this version of the language", `write "Version": "2012-10-17"`)
			}
		}
	}
}

func alphanumeric(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
}

func (l *linter) form() {
	for _, list := range []struct {
		name, code string
		values     Values
	}{{"Action", "EMPTY_ARRAY_ACTION", l.raw.Action}, {"Resource", "EMPTY_ARRAY_RESOURCE", l.raw.Resource}} {
		if list.values.Present() && len(list.values.Items) == 0 {
			l.add(Suggestion, list.code, list.name, "empty: the statement matches nothing", "fill it, or remove the statement")
		}
	}
	if l.raw.Condition != nil && len(l.raw.Condition) == 0 {
		l.add(Suggestion, "EMPTY_OBJECT_CONDITION", "Condition", "empty", "remove it")
	}
}

// redundant tells what the rest of a list or document covers.
func (l *linter) redundant() {
	m := minimizer{variables: l.doc.Version == Version2012}
	for i := range l.doc.Statements {
		s := &l.doc.Statements[i]
		for _, list := range []struct {
			name, code string
			values     Values
			compile    func(string) (pattern, error)
		}{{"Action", "REDUNDANT_ACTION", s.Action, m.action}, {"Resource", "REDUNDANT_RESOURCE", s.Resource, m.resource}} {
			for j, item := range list.values.Items {
				for k, other := range list.values.Items {
					if j != k && m.covers(other, item, list.compile) && !(k > j && m.covers(item, other, list.compile)) {
						l.add(Suggestion, list.code, fmt.Sprintf("%s.%s[%d]", l.doc.path(i), list.name, j), fmt.Sprintf("%q covers it", other), "remove it")
						break
					}
				}
			}
		}
		for j := range l.doc.Statements {
			other := &l.doc.Statements[j]
			if i != j && alike(s, other) && m.subsumes(other, s) && !(j > i && m.subsumes(s, other)) {
				l.add(Suggestion, "REDUNDANT_STATEMENT", l.doc.path(i), l.doc.path(j)+" covers it", "remove it")
				break
			}
		}
	}
}

// placesOf finds the elements of a document in its text.
func placesOf(text []byte) map[string]Position {
	r := &reader{data: text}
	root, err := r.text()
	if err != nil {
		return nil
	}
	places := map[string]Position{}
	var walk func(path string, n node)
	walk = func(path string, n node) {
		r.problem(n.offset, "", "")
		places[path] = r.problems[len(r.problems)-1].Position
		for i, item := range n.items {
			walk(fmt.Sprintf("%s[%d]", path, i), item)
		}
		for _, m := range n.members {
			walk(join(path, m.name), m.value)
		}
	}
	walk("", root)
	return places
}
