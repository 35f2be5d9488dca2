package policy

import (
	"slices"
	"unicode/utf8"
)

// symbol is one step of a pattern: a character, a wildcard or a variable.
type symbol struct {
	kind tokenKind
	char rune  // of a literal
	name token // of a variable
}

// symbols spells a pattern out.
func (p *pattern) symbols() []symbol {
	var out []symbol
	for _, t := range p.tokens {
		switch t.kind {
		case literalToken:
			for _, c := range t.text {
				out = append(out, symbol{char: c})
			}
		case variableToken:
			out = append(out, symbol{kind: variableToken, name: t})
		case oneToken, segmentToken, anyToken:
			out = append(out, symbol{kind: t.kind})
		}
	}
	return out
}

// covers tells whether the pattern surely matches whatever the other one matches. It
// may be false for two patterns that match the same texts in different spellings.
func (p *pattern) covers(other *pattern) bool {
	wide, narrow := p.symbols(), other.symbols()
	// after[j] says whether what is left of wide covers narrow[j:].
	after := make([]bool, len(narrow)+1)
	after[len(narrow)] = true
	for _, step := range slices.Backward(wide) {
		row := make([]bool, len(narrow)+1)
		for j := len(narrow); j >= 0; j-- {
			star := step.kind == anyToken || step.kind == segmentToken
			switch {
			case star && after[j]:
				row[j] = true
			case j == len(narrow) || !step.takes(narrow[j]):
			case star:
				row[j] = row[j+1]
			default:
				row[j] = after[j+1]
			}
		}
		after = row
	}
	return after[0]
}

// takes tells whether a step surely matches all that a step of another pattern can.
func (s symbol) takes(other symbol) bool {
	switch s.kind {
	case anyToken:
		return true
	case segmentToken:
		// What may hold a colon may not be skipped.
		return other.kind == segmentToken || other.kind == literalToken && other.char != ':'
	case oneToken:
		return other.kind == oneToken || other.kind == literalToken
	case variableToken:
		return other.kind == variableToken && s.name == other.name
	case literalToken:
		return other.kind == literalToken && s.char == other.char && s.char != utf8.RuneError
	default:
		return false
	}
}
