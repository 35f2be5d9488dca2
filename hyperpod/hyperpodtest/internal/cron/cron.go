// Package cron reads the schedule expressions of AWS, cron(minutes hours day-of-month
// month day-of-week year), as far as numbers, names, lists, ranges, steps, * and ? go.
package cron

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Schedule is a parsed expression.
type Schedule struct {
	minute, hour, day, month, weekday, year field
}

// field is the set of values that a part of a schedule allows.
type field struct {
	any     bool
	allowed map[int]bool
}

func (f field) has(v int) bool { return f.any || f.allowed[v] }

var (
	months   = []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
	weekdays = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}
)

// Parse reads an expression such as "cron(0 3 ? * SUN *)".
func Parse(expression string) (*Schedule, error) {
	inner, ok := strings.CutPrefix(expression, "cron(")
	inner, closed := strings.CutSuffix(inner, ")")
	parts := strings.Fields(inner)
	if !ok || !closed || len(parts) != 6 {
		return nil, fmt.Errorf("schedule expression %q: want cron(minutes hours day-of-month month day-of-week year)", expression)
	}
	var s Schedule
	for i, p := range []struct {
		field    *field
		low, top int
		names    []string
		first    int // value of the first name
	}{
		{&s.minute, 0, 59, nil, 0},
		{&s.hour, 0, 23, nil, 0},
		{&s.day, 1, 31, nil, 0},
		{&s.month, 1, 12, months, 1},
		{&s.weekday, 1, 7, weekdays, 1}, // 1 is Sunday
		{&s.year, 1970, 2199, nil, 0},
	} {
		f, err := parseField(parts[i], p.low, p.top, p.names, p.first)
		if err != nil {
			return nil, fmt.Errorf("schedule expression %q: %w", expression, err)
		}
		*p.field = f
	}
	return &s, nil
}

func parseField(text string, low, top int, names []string, first int) (field, error) {
	f := field{allowed: map[int]bool{}}
	for item := range strings.SplitSeq(text, ",") {
		span, stepText, stepped := strings.Cut(item, "/")
		step := 1
		if stepped {
			n, err := strconv.Atoi(stepText)
			if err != nil || n < 1 {
				return f, fmt.Errorf("%q is no step", stepText)
			}
			step = n
		}
		if (span == "*" || span == "?") && !stepped {
			return field{any: true}, nil
		}
		from, to := low, top
		if span != "*" && span != "?" {
			start, end, ranged := strings.Cut(span, "-")
			var err error
			if from, err = value(start, low, top, names, first); err != nil {
				return f, err
			}
			switch {
			case ranged:
				if to, err = value(end, low, top, names, first); err != nil {
					return f, err
				}
			case !stepped:
				to = from
			}
		}
		for v := from; v <= to; v += step {
			f.allowed[v] = true
		}
	}
	return f, nil
}

func value(text string, low, top int, names []string, first int) (int, error) {
	for i, name := range names {
		if strings.EqualFold(text, name) {
			return first + i, nil
		}
	}
	v, err := strconv.Atoi(text)
	if err != nil || v < low || v > top {
		return 0, fmt.Errorf("%q is not between %d and %d", text, low, top)
	}
	return v, nil
}

// Next returns the first time after a moment that the schedule names, in UTC. It is
// false when there is none within ten years.
func (s *Schedule) Next(after time.Time) (time.Time, bool) {
	t := after.UTC().Truncate(time.Minute).Add(time.Minute)
	for end := t.AddDate(10, 0, 0); t.Before(end); {
		switch {
		case !s.year.has(t.Year()), !s.month.has(int(t.Month())):
			t = time.Date(t.Year(), t.Month()+1, 1, 0, 0, 0, 0, time.UTC)
		case !s.day.has(t.Day()), !s.weekday.has(int(t.Weekday()) + 1):
			t = time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, time.UTC)
		case !s.hour.has(t.Hour()):
			t = t.Truncate(time.Hour).Add(time.Hour)
		case !s.minute.has(t.Minute()):
			t = t.Add(time.Minute)
		default:
			return t, true
		}
	}
	return time.Time{}, false
}
