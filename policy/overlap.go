package policy

// overlaps tells whether two patterns may match the same text. It is true when in
// doubt: a variable may stand for anything.
func (p *pattern) overlaps(other *pattern) bool {
	a, b := p.symbols(), other.symbols()
	// after[j] says whether a[i+1:] and b[j:] may match the same text.
	after := make([]bool, len(b)+1)
	for i := len(a); i >= 0; i-- {
		row := make([]bool, len(b)+1)
		for j := len(b); j >= 0; j-- {
			switch {
			case i == len(a) && j == len(b):
				row[j] = true
			case i < len(a) && a[i].stretches():
				row[j] = after[j] || j < len(b) && a[i].passes(b[j]) && row[j+1]
			case j < len(b) && b[j].stretches():
				row[j] = row[j+1] || i < len(a) && b[j].passes(a[i]) && after[j]
			case i < len(a) && j < len(b) && a[i].meets(b[j]):
				row[j] = after[j+1]
			}
		}
		after = row
	}
	return after[0]
}

// stretches tells whether a step may take up any number of characters.
func (s symbol) stretches() bool {
	return s.kind == anyToken || s.kind == segmentToken || s.kind == variableToken
}

// passes tells whether a step that stretches may take up what another one matches: a
// segment ends at a colon.
func (s symbol) passes(other symbol) bool {
	return s.kind != segmentToken || other.kind != literalToken || other.char != ':'
}

func (s symbol) meets(other symbol) bool {
	return s.kind == oneToken || other.kind == oneToken || s.char == other.char
}
