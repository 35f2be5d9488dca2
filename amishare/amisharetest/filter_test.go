package amisharetest

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWildcard(t *testing.T) {
	for _, tt := range []struct {
		pattern, s string
		want       bool
	}{
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"a*", "a", true},
		{"a*c", "abbc", true},
		{"a*c", "abbd", false},
		{"*a*b", "xxaxxab", true},
		{"?", "", false},
		{"a?c", "aéc", true},
		{`a\*c`, "a*c", true},
		{`a\*c`, "abc", false},
		{`a*\*`, "abb*", true},
		{"A", "a", false},
	} {
		assert.Equal(t, tt.want, wildcard(tt.pattern, tt.s), "%q in %q", tt.pattern, tt.s)
	}
}

func FuzzWildcard(f *testing.F) {
	f.Add("*a*b?", "xxaxxabc")
	f.Add(`\*\`, `*\`)
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if strings.ToValidUTF8(pattern, "") != pattern || strings.ToValidUTF8(s, "") != s {
			return
		}
		var re strings.Builder
		runes := []rune(pattern)
		for i := 0; i < len(runes); i++ {
			switch {
			case runes[i] == '*':
				re.WriteString("(?s:.*)")
			case runes[i] == '?':
				re.WriteString("(?s:.)")
			case runes[i] == '\\' && i+1 < len(runes):
				i++
				re.WriteString(regexp.QuoteMeta(string(runes[i])))
			default:
				re.WriteString(regexp.QuoteMeta(string(runes[i])))
			}
		}
		want := regexp.MustCompile("^(?:" + re.String() + ")$").MatchString(s)
		assert.Equal(t, want, wildcard(pattern, s))
	})
}
