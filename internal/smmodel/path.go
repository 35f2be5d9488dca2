package smmodel

import (
	"strconv"
	"strings"
)

// segment is one step of a path: a member, an item of a list or an entry of a map.
type segment struct {
	kind  kind // of what is stepped into
	name  string
	index int
}

// render writes a path as the API's names: Members.OfLists[0].OfMaps["key"]. It is
// done for violations only, so that a check of a sound value writes none.
func render(base string, path []segment) string {
	var b strings.Builder
	b.WriteString(base)
	for _, s := range path {
		switch s.kind {
		case listKind:
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
		case mapKind:
			b.WriteString("[" + strconv.Quote(s.name) + "]")
		case structureKind, stringKind, integerKind, booleanKind, timestampKind:
			fallthrough
		default:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(s.name)
		}
	}
	return b.String()
}
