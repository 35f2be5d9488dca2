package main

import (
	"fmt"
	"html"
	"image/color"
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
)

// span is a piece of a line that looks the same throughout.
type span struct {
	text   string
	column int
	width  int
	fill   string // empty for the terminal's own colour
	bold   bool
}

type line []span

func (l line) text() string {
	var b strings.Builder
	for _, s := range l {
		b.WriteString(strings.Repeat(" ", max(0, s.column-len([]rune(b.String())))) + s.text)
	}
	return b.String()
}

// read is what the screen shows, without the empty lines at its end.
func read(screen *vt.Emulator) []line {
	lines := make([]line, screen.Height())
	used := 0
	for y := range lines {
		lines[y] = readLine(screen, y)
		if len(lines[y]) > 0 {
			used = y + 1
		}
	}
	return lines[:used]
}

func readLine(screen *vt.Emulator, y int) line {
	var l line
	for x := 0; x < screen.Width(); {
		cell := screen.CellAt(x, y)
		if cell == nil || cell.Width == 0 {
			x++
			continue
		}
		if cell.Content != "" && cell.Content != " " {
			l = l.add(span{text: cell.Content, column: x, width: cell.Width, fill: hex(cell.Style.Fg), bold: cell.Style.Attrs&uv.AttrBold != 0})
		}
		x += cell.Width
	}
	return l
}

// add puts a character behind the last span, over one space perhaps, or begins a new one.
func (l line) add(s span) line {
	if len(l) > 0 {
		last := &l[len(l)-1]
		gap := s.column - last.column - last.width
		if gap <= 1 && last.fill == s.fill && last.bold == s.bold {
			last.text += strings.Repeat(" ", gap) + s.text
			last.width += gap + s.width
			return l
		}
	}
	return append(l, s)
}

// bright are colours for the eight of a terminal, and their bright ones, that can be read
// on the picture's background.
var bright = [...]string{
	"#6e7681", "#ff7b72", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#d0d7de",
	"#8b949e", "#ffa198", "#7ee787", "#f2cc60", "#a5d6ff", "#e2c5ff", "#b3f0ff", "#ffffff",
}

func hex(c color.Color) string {
	if c == nil {
		return ""
	}
	if basic, ok := c.(ansi.BasicColor); ok && int(basic) < len(bright) {
		return bright[basic]
	}
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}

// Measures in pixels.
const (
	advance = 8.4 // of a character, at this size of a font of fixed width
	size    = 14
	leading = 19
	margin  = 18
	bar     = 34 // above the first line
)

// draw makes a window of the lines. Each span is stretched to the width that its
// characters have on the screen, whatever font is there.
func draw(lines []line, columns int) string {
	width := advance*float64(columns) + 2*margin
	height := bar + leading*len(lines) + margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %d" font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="%d">`+"\n", width, height, size)
	fmt.Fprintf(&b, `<rect width="%.0f" height="%d" rx="8" fill="#0d1117"/>`+"\n", width, height)
	for i, fill := range []string{"#ff5f57", "#febc2e", "#28c840"} {
		fmt.Fprintf(&b, `<circle cx="%d" cy="17" r="6" fill="%s"/>`+"\n", margin+4+20*i, fill)
	}
	b.WriteString(`<g fill="#d0d7de" xml:space="preserve">` + "\n")
	for row, l := range lines {
		for _, s := range l {
			style := ""
			if s.fill != "" {
				style += ` fill="` + s.fill + `"`
			}
			if s.bold {
				style += ` font-weight="bold"`
			}
			fmt.Fprintf(&b, `<text x="%.1f" y="%d" textLength="%.1f"%s>%s</text>`+"\n",
				margin+advance*float64(s.column), bar+leading*(row+1)-5, advance*float64(s.width), style, html.EscapeString(s.text))
		}
	}
	b.WriteString("</g>\n</svg>\n")
	return b.String()
}
