package rollout

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
)

// table is rows under headings, to be written as text or as Markdown.
type table struct {
	head []column
	rows [][]string
}

// column is a heading. What stands in a column that is foreign comes from users or from
// AWS.
type column struct {
	name    string
	foreign bool
}

func ours(name string) column    { return column{name: name} }
func foreign(name string) column { return column{name: name, foreign: true} }

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// compact is the table without the columns in which there is nothing.
func (t *table) compact() table {
	var c table
	c.rows = make([][]string, len(t.rows))
	for at, head := range t.head {
		empty := true
		for _, row := range t.rows {
			empty = empty && row[at] == ""
		}
		if empty {
			continue
		}
		c.head = append(c.head, head)
		for i, row := range t.rows {
			c.rows[i] = append(c.rows[i], row[at])
		}
	}
	return c
}

// text writes the table with columns under each other, each line after indent.
func (t *table) text(b *strings.Builder, indent string) {
	c := t.compact()
	var aligned strings.Builder
	w := tabwriter.NewWriter(&aligned, 0, 0, 2, ' ', 0)
	names := make([]string, len(c.head))
	for i, head := range c.head {
		names[i] = strings.ToUpper(head.name)
	}
	if heading := strings.Join(names, "\t"); strings.TrimSpace(heading) != "" {
		fmt.Fprintln(w, heading)
	}
	for _, row := range c.rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = printable(cell)
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	_ = w.Flush() // a strings.Builder takes everything
	for line := range strings.Lines(aligned.String()) {
		b.WriteString(indent + strings.TrimRight(line, " \n") + "\n")
	}
}

// markdown writes the table as GitHub's Markdown has it.
func (t *table) markdown(b *strings.Builder) {
	c := t.compact()
	for _, head := range c.head {
		b.WriteString("| " + head.name + " ")
	}
	b.WriteString("|\n" + strings.Repeat("| --- ", len(c.head)) + "|\n")
	for _, row := range c.rows {
		for i, cell := range row {
			if c.head[i].foreign {
				cell = strings.ReplaceAll(code(cell), "|", `\|`)
			}
			b.WriteString("| " + cell + " ")
		}
		b.WriteString("|\n")
	}
	b.WriteString("\n")
}

// code makes a code span of foreign text, in which no character means anything.
func code(s string) string {
	s = printable(s)
	if s == "" {
		return ""
	}
	fence := strings.Repeat("`", longestTicks(s)+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " " // taken off again by whoever reads it
	}
	return fence + s + fence
}

func longestTicks(s string) int {
	longest, now := 0, 0
	for _, r := range s {
		if now++; r != '`' {
			now = 0
		}
		longest = max(longest, now)
	}
	return longest
}

// printable is foreign text on one line, without what controls a terminal or turns the
// direction of writing.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, oneLine(s))
}

// wrapped writes text in lines of some 100 characters, each after indent.
func wrapped(b *strings.Builder, indent, text string) {
	const width = 100
	line := indent
	for word := range strings.FieldsSeq(printable(text)) {
		if line != indent && len(line)+len(word) >= width {
			b.WriteString(strings.TrimRight(line, " ") + "\n")
			line = indent
		}
		line += word + " "
	}
	if line != indent {
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

// stamp is a time for people, in UTC, and nothing for the zero time.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateTime)
}

// roughly is a duration for people: to the minute from a minute on, to the second below.
func roughly(d time.Duration) string {
	switch minutes := int64(d.Round(time.Minute) / time.Minute); {
	case d < time.Minute:
		return d.Round(time.Second).String()
	case minutes < 60:
		return fmt.Sprintf("%dm", minutes)
	case minutes%60 == 0:
		return fmt.Sprintf("%dh", minutes/60)
	default:
		return fmt.Sprintf("%dh%02dm", minutes/60, minutes%60)
	}
}

// elapsed is how long it was from a time to another, and nothing when one is not known.
func elapsed(from, to time.Time) string {
	if from.IsZero() || to.IsZero() {
		return ""
	}
	return roughly(to.Sub(from))
}

// counted writes a number with its noun.
func counted[N int | int32](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// exactly is a duration that somebody has set, for people.
func exactly(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
