package bench

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// table writes a table in Markdown.
type table struct{ io.Writer }

func newTable(w io.Writer, columns ...string) table {
	t := table{w}
	t.row(columns...)
	fmt.Fprintf(w, "|---|%s\n", strings.Repeat("---:|", len(columns)-1))
	return t
}

func (t table) row(cells ...string) { fmt.Fprintf(t, "| %s |\n", strings.Join(cells, " | ")) }

func (t table) end() { fmt.Fprintln(t) }

func number(n float64) string { return fmt.Sprintf("%.1f", n) }

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

func minutes(d time.Duration) string { return fmt.Sprintf("%g min", d.Minutes()) }
