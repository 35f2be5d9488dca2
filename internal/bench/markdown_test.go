package bench

import (
	"fmt"
	"strings"
	"time"
)

// table writes a table in Markdown.
type table struct{ page *strings.Builder }

// newTable has words in its first column and numbers in the others.
func newTable(page *strings.Builder, columns ...string) table { return newTableOf(page, 1, columns...) }

// newTableOf has words in so many columns, and then numbers.
func newTableOf(page *strings.Builder, words int, columns ...string) table {
	t := table{page}
	t.row(columns...)
	fmt.Fprintf(page, "|%s%s\n", strings.Repeat("---|", words), strings.Repeat("---:|", len(columns)-words))
	return t
}

func (t table) row(cells ...string) { fmt.Fprintf(t.page, "| %s |\n", strings.Join(cells, " | ")) }

func (t table) end() { fmt.Fprintln(t.page) }

func number(n float64) string { return fmt.Sprintf("%.1f", n) }

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

func minutes(d time.Duration) string { return fmt.Sprintf("%g min", d.Minutes()) }
