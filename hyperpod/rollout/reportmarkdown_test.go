package rollout

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hyperpodkit/hyperpodkit/hyperpod"
)

// hostile are texts that would be markup, break a table or control a terminal.
var hostile = []string{
	"a|b", `a\|b`, `a\\|b`, "a\nb", "a\r\n| x | y |", "`", "``a`", "a`|`b", "```\n# x\n```", "<script>alert(1)</script>", "*a* _b_ ~~c~~", "[x](https://example.com)",
	"![x](https://example.com)", "https://example.com/?a=b&c=d", "@everyone", "# x", "- x", "&lt;", "&amp;|", "\x1b[2Jx", "a\u202eb", "\xff\xfe", "a\tb", " ", "", "$x$", `\`, "<!--", "x\u2028y",
}

// hostileReport has the text wherever text comes from users or AWS.
func hostileReport(text string) *Report {
	r := &Report{
		Name: text, Outcome: OutcomeUnderWay, Began: start,
		Waves:    []WaveReport{{Name: text, Targets: 2}},
		Timeline: []Moment{{Time: start, Text: text}, {Time: start, Text: "```"}},
	}
	for _, phase := range []Phase{PhaseUnknown, PhaseFailed} {
		r.Targets = append(r.Targets, TargetReport{
			Account: text, Region: text, Cluster: text, Wave: text, Phase: phase, Reason: text, Question: text, Began: start, Ended: start.Add(time.Hour),
			Groups: []GroupReport{{Name: text, Before: text, Image: hyperpod.AMI("ami-0"), New: text, Outcome: "incomplete", Detail: text}},
		})
	}
	return r
}

// withoutCode takes the code out of a line, as CommonMark finds it: from a run of backticks
// to the next as long.
func withoutCode(line string) string {
	runs := regexp.MustCompile("`+").FindAllStringIndex(line, -1)
	var kept strings.Builder
	at := 0
	for i := 0; i < len(runs); i++ {
		for j := i + 1; j < len(runs); j++ {
			if runs[i][1]-runs[i][0] == runs[j][1]-runs[j][0] {
				kept.WriteString(line[at:runs[i][0]] + "CODE")
				at, i = runs[j][1], j
				break
			}
		}
	}
	return kept.String() + line[at:]
}

func TestMarkdownOfHostileText(t *testing.T) {
	plain := hostileReport("plain")
	lines := strings.Split(plain.Markdown(), "\n")
	for _, text := range hostile {
		t.Run(text, func(t *testing.T) {
			r := hostileReport(text)
			if printable(text) == "" { // whose columns and names are left out
				assert.NotPanics(t, func() { _ = r.Markdown() })
				return
			}
			got := strings.Split(r.Markdown(), "\n")
			require.Len(t, got, len(lines))
			fence := ""
			for i, line := range got {
				switch {
				case strings.HasSuffix(line, "text") && strings.HasPrefix(line, "```"):
					fence = strings.TrimSuffix(line, "text")
				case line == fence:
					fence = ""
				case fence != "":
					assert.NotContains(t, line, fence)
				default:
					assert.Equal(t, withoutCode(lines[i]), withoutCode(line))
					if strings.HasPrefix(line, "|") {
						assert.Equal(t, cells(lines[i]), cells(line))
					}
				}
			}
			assert.Empty(t, fence)
		})
	}
}

// cells counts the pipes that are not escaped.
func cells(line string) int { return strings.Count(line, "|") - strings.Count(line, `\|`) }

func TestTextOfHostileText(t *testing.T) {
	lines := strings.Count(hostileReport("plain").String(), "\n")
	for _, text := range hostile {
		t.Run(text, func(t *testing.T) {
			got := hostileReport(text).String()
			if printable(text) != "" {
				assert.InDelta(t, lines, strings.Count(got, "\n"), 1, "one more where a line is wrapped")
			}
			for _, r := range got {
				assert.True(t, r == '\n' || r >= ' ' && r != 0x7f && r != '\u202e', "%q", r)
			}
		})
	}
}
