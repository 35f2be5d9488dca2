// Package readme holds README.md to code that runs and to output that was printed. Each
// block of Go in it is a piece of a test of this package, each block of output is held
// by the test that has it printed.
//
// What is between the lines "//readme:start NAME" and "//readme:end" of a test stands in
// README.md, below the line "<!-- code: NAME -->". After a change of a test
//
//	go test ./examples/internal/readme -update
//
// writes README.md anew.
package readme

import (
	"fmt"
	"regexp"
	"strings"
)

// Block is a fenced block of a page in Markdown.
type Block struct {
	// Language is the word after the fence, such as "go", "sh" or "text".
	Language string
	// Kind and Name are those of the comment above the fence, as in
	// "<!-- code: scale -->". Empty when there is none.
	Kind, Name string
	// Text is what is between the fences, with its last line break.
	Text string
	// Start and End are where Text stands in the page, in bytes.
	Start, End int
}

var fenced = regexp.MustCompile("(?ms)^(?:<!-- ([a-z]+): ([a-z-]+) -->\n)?```([a-z]*)[^\n]*\n(.*?)^```$")

// Blocks are the fenced blocks of a page, in order.
func Blocks(page string) []Block {
	var blocks []Block
	for _, at := range fenced.FindAllStringSubmatchIndex(page, -1) {
		group := func(i int) string {
			if at[2*i] < 0 {
				return ""
			}
			return page[at[2*i]:at[2*i+1]]
		}
		blocks = append(blocks, Block{Kind: group(1), Name: group(2), Language: group(3), Text: group(4), Start: at[8], End: at[9]})
	}
	return blocks
}

var took = regexp.MustCompile(`\b[0-9][0-9.]*(ms|s|µs)\b`)

// Printed returns an error unless the block of output that has a name shows what was
// printed: each of its lines, in order, with nothing between but where it says "...".
// How long something took may differ.
func Printed(page, name, printed string) error {
	for _, block := range Blocks(page) {
		if block.Kind != "output" || block.Name != name {
			continue
		}
		rest := "\n" + took.ReplaceAllString(printed, "TIME")
		for piece := range strings.SplitSeq("\n"+took.ReplaceAllString(block.Text, "TIME"), "\n...\n") {
			piece = "\n" + strings.Trim(piece, "\n") + "\n"
			_, after, found := strings.Cut(rest, piece)
			if !found {
				return fmt.Errorf("README.md: block %q: %q was not printed after the pieces before it; what was printed:\n%s", name, piece, printed)
			}
			rest = "\n" + after
		}
		return nil
	}
	return fmt.Errorf("README.md: no block below <!-- output: %s -->", name)
}
