package cron

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNext(t *testing.T) {
	after := time.Date(2026, 11, 23, 23, 9, 30, 0, time.UTC) // a Monday
	tests := []struct {
		expression string
		want       time.Time
	}{
		{"cron(* * * * ? *)", time.Date(2026, 11, 23, 23, 10, 0, 0, time.UTC)},
		{"cron(0 3 ? * SUN *)", time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)},
		{"cron(0 3 ? * 1 *)", time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)},
		{"cron(15,45 9-11 1 * ? *)", time.Date(2026, 12, 1, 9, 15, 0, 0, time.UTC)},
		{"cron(0/20 * * * ? *)", time.Date(2026, 11, 23, 23, 20, 0, 0, time.UTC)},
		{"cron(0 */6 * * ? *)", time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)},
		{"cron(0 12 29 FEB ? *)", time.Date(2028, 2, 29, 12, 0, 0, 0, time.UTC)},
		{"cron(30 8 1 1 ? 2030)", time.Date(2030, 1, 1, 8, 30, 0, 0, time.UTC)},
	}
	for _, tt := range tests {
		t.Run(tt.expression, func(t *testing.T) {
			s, err := Parse(tt.expression)
			require.NoError(t, err)
			next, ok := s.Next(after)
			require.True(t, ok)
			assert.Equal(t, tt.want, next)
		})
	}
	s, err := Parse("cron(0 0 1 1 ? 2020)")
	require.NoError(t, err)
	_, ok := s.Next(after)
	assert.False(t, ok, "a schedule that is over")
}

func TestParseRefuses(t *testing.T) {
	for _, expression := range []string{
		"", "rate(1 day)", "cron(0 0 * * ?)", "cron(60 0 * * ? *)", "cron(0 24 * * ? *)", "cron(0 0 32 * ? *)", "cron(0 0 1 FOO ? *)",
		"cron(0 0 1 13 ? *)", "cron(0/0 0 1 1 ? *)", "cron(a 0 1 1 ? *)", "cron(0 0 1 1 8 *)", "cron(1-x 0 1 1 ? *)",
	} {
		_, err := Parse(expression)
		assert.Error(t, err, expression)
	}
}
