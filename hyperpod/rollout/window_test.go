package rollout

import (
	"testing"
	"time"
	_ "time/tzdata" // so that the tests know all zones on any machine

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWindowString(t *testing.T) {
	w := Window{Zone: "Europe/Berlin", Days: []time.Weekday{time.Saturday, time.Sunday}, Start: "22:30", Duration: 4 * time.Hour}
	assert.Equal(t, "Sat, Sun 22:30 Europe/Berlin for 4h0m0s", w.String())
	assert.Equal(t, "every day 06:00 UTC for 1h30m0s", Window{Zone: "UTC", Start: "06:00", Duration: 90 * time.Minute}.String())
	assert.Equal(t, "%!Weekday(9), Mon   for 0s", Window{Days: []time.Weekday{9, time.Monday}}.String())
}

func TestWindowCheck(t *testing.T) {
	good := Window{Zone: "Europe/Berlin", Days: []time.Weekday{time.Saturday, time.Sunday}, Start: "22:30", Duration: 4 * time.Hour}
	for _, test := range []struct {
		name string
		edit func(*Window)
		says []string // none: it is good
	}{
		{"good", func(*Window) {}, nil},
		{"every day", func(w *Window) { w.Days = nil }, nil},
		{"UTC", func(w *Window) { w.Zone = "UTC" }, nil},
		{"a week", func(w *Window) { w.Duration = 7 * 24 * time.Hour }, nil},
		{"first minute", func(w *Window) { w.Start = "00:00" }, nil},
		{"last minute", func(w *Window) { w.Start = "23:59" }, nil},
		{"no zone", func(w *Window) { w.Zone = "" }, []string{"Zone: it must be set"}},
		{"Local", func(w *Window) { w.Zone = "Local" }, []string{`Zone: "Local" is another zone on another machine`}},
		{"unknown zone", func(w *Window) { w.Zone = "Europe/Atlantis" }, []string{"Zone: unknown time zone Europe/Atlantis; name one"}},
		{"a path", func(w *Window) { w.Zone = "../UTC" }, []string{"Zone: time: invalid location name"}},
		{"empty days", func(w *Window) { w.Days = []time.Weekday{} }, []string{"Days: it is empty"}},
		{"no day", func(w *Window) { w.Days = []time.Weekday{7, -1} }, []string{"Days: 7 is no day", "Days: -1 is no day"}},
		{"a day twice", func(w *Window) { w.Days = append(w.Days, time.Saturday) }, []string{"Days: Saturday is there twice"}},
		{"no start", func(w *Window) { w.Start = "" }, []string{`Start: "" is no time of day`}},
		{"one digit", func(w *Window) { w.Start = "9:30" }, []string{`Start: "9:30" is no time of day`}},
		{"24:00", func(w *Window) { w.Start = "24:00" }, []string{`Start: "24:00" is no time of day`}},
		{"minute 60", func(w *Window) { w.Start = "22:60" }, []string{`Start: "22:60" is no time of day`}},
		{"letters", func(w *Window) { w.Start = "2a:30" }, []string{`Start: "2a:30" is no time of day`}},
		{"signs", func(w *Window) { w.Start = "+1:-2" }, []string{`Start: "+1:-2" is no time of day`}},
		{"a dot", func(w *Window) { w.Start = "22.30" }, []string{`Start: "22.30" is no time of day`}},
		{"seconds", func(w *Window) { w.Start = "22:30:00" }, []string{`Start: "22:30:00" is no time of day`}},
		{"no duration", func(w *Window) { w.Duration = 0 }, []string{"Duration: 0s; it must be more than zero"}},
		{"negative duration", func(w *Window) { w.Duration = -1 }, []string{"Duration: -1ns; it must be more than zero"}},
		{"more than a week", func(w *Window) { w.Duration = 7*24*time.Hour + 1 }, []string{"and a week (168h0m0s) at most"}},
		{"all at once", func(w *Window) { *w = Window{} }, []string{"Zone:", "Start:", "Duration:"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := good
			w.Days = append([]time.Weekday(nil), good.Days...)
			test.edit(&w)
			open, next, openErr := newCalendar().open([]Window{good, w}, time.Now())
			err := w.check()
			if test.says == nil {
				require.NoError(t, err)
				require.NoError(t, openErr)
				return
			}
			assert.False(t, open)
			assert.Zero(t, next)
			require.ErrorContains(t, openErr, "window 1 (")
			for _, text := range test.says {
				require.ErrorContains(t, err, text)
				require.ErrorContains(t, openErr, text)
			}
		})
	}
}

func TestOpenWindow(t *testing.T) {
	weekend := Window{Zone: "Europe/Berlin", Days: []time.Weekday{time.Saturday, time.Sunday}, Start: "22:30", Duration: 4 * time.Hour}
	daily := func(zone, start string, duration time.Duration) Window {
		return Window{Zone: zone, Start: start, Duration: duration}
	}
	on := func(day time.Weekday, w Window) Window {
		w.Days = []time.Weekday{day}
		return w
	}
	for _, test := range []struct {
		name    string
		windows []Window
		now     string
		open    bool
		next    string // empty: none
	}{
		{"no windows", nil, "2026-06-03T12:00:00Z", true, ""},
		{"an empty list", []Window{}, "2026-06-03T12:00:00Z", true, ""},

		{"in the week", []Window{weekend}, "2026-06-03T12:00:00+02:00", false, "2026-06-06T22:30:00+02:00"},
		{"just before", []Window{weekend}, "2026-06-06T22:29:59.999999999+02:00", false, "2026-06-06T22:30:00+02:00"},
		{"at its start", []Window{weekend}, "2026-06-06T22:30:00+02:00", true, "2026-06-07T02:30:00+02:00"},
		{"over midnight", []Window{weekend}, "2026-06-07T01:00:00+02:00", true, "2026-06-07T02:30:00+02:00"},
		{"just before its end", []Window{weekend}, "2026-06-07T02:29:59.999999999+02:00", true, "2026-06-07T02:30:00+02:00"},
		{"at its end", []Window{weekend}, "2026-06-07T02:30:00+02:00", false, "2026-06-07T22:30:00+02:00"},
		{"over the end of the week", []Window{weekend}, "2026-06-08T02:00:00+02:00", true, "2026-06-08T02:30:00+02:00"},
		{"to the next week", []Window{weekend}, "2026-06-08T02:30:00+02:00", false, "2026-06-13T22:30:00+02:00"},
		{"the day is the zone's", []Window{on(time.Monday, daily("Pacific/Auckland", "06:00", time.Hour))}, "2026-06-07T18:30:00Z", true, "2026-06-07T19:00:00Z"},
		{"a zone of quarters", []Window{daily("Asia/Kathmandu", "00:00", time.Hour)}, "2026-06-07T18:14:00Z", false, "2026-06-07T18:15:00Z"},

		{"a week, once a week", []Window{on(time.Monday, daily("UTC", "09:00", week))}, "2026-06-03T12:00:00Z", true, ""},
		{"six days", []Window{on(time.Monday, daily("UTC", "09:00", 6*day))}, "2026-06-14T08:59:00Z", true, "2026-06-14T09:00:00Z"},
		{"a day, every day", []Window{daily("UTC", "09:00", day)}, "2026-06-03T12:00:00Z", true, ""},
		{"a day, every day, for more than two weeks", []Window{daily("Europe/Berlin", "00:00", day)}, "2026-10-10T12:00:00+02:00", true, ""},
		{"a day, every day, until the clock is set back", []Window{daily("Europe/Berlin", "00:00", day)}, "2026-10-20T12:00:00+02:00", true, "2026-10-25T23:00:00+01:00"},
		{"the hour that is missing then", []Window{daily("Europe/Berlin", "00:00", day)}, "2026-10-25T23:30:00+01:00", false, "2026-10-26T00:00:00+01:00"},

		{"overlapping", []Window{daily("UTC", "10:00", 2*time.Hour), daily("UTC", "11:00", 3*time.Hour)}, "2026-06-03T10:30:00Z", true, "2026-06-03T14:00:00Z"},
		{"adjoining", []Window{daily("UTC", "12:00", time.Hour), daily("UTC", "10:00", 2*time.Hour)}, "2026-06-03T10:30:00Z", true, "2026-06-03T13:00:00Z"},
		{"one in another", []Window{daily("UTC", "10:00", 5*time.Hour), daily("UTC", "11:00", time.Hour)}, "2026-06-03T11:30:00Z", true, "2026-06-03T15:00:00Z"},
		{"a gap of a minute", []Window{daily("UTC", "10:00", time.Hour), daily("UTC", "11:01", time.Hour)}, "2026-06-03T10:30:00Z", true, "2026-06-03T11:00:00Z"},
		{"the earlier of two", []Window{daily("UTC", "16:00", time.Hour), daily("Asia/Tokyo", "23:00", time.Hour)}, "2026-06-03T12:00:00Z", false, "2026-06-03T14:00:00Z"},
		{"overlapping itself", []Window{daily("UTC", "10:00", 30*time.Hour)}, "2026-06-03T12:00:00Z", true, ""},

		// Berlin: 02:00 to 03:00 is skipped on 29 March, and there twice on 25 October.
		{"skipped, not yet", []Window{daily("Europe/Berlin", "02:30", time.Hour)}, "2026-03-29T03:29:00+02:00", false, "2026-03-29T03:30:00+02:00"},
		{"skipped, open", []Window{daily("Europe/Berlin", "02:30", time.Hour)}, "2026-03-29T03:30:00+02:00", true, "2026-03-29T04:30:00+02:00"},
		{"skipped at its first minute", []Window{daily("Europe/Berlin", "02:00", time.Hour)}, "2026-03-29T01:59:00+01:00", false, "2026-03-29T03:00:00+02:00"},
		{"elapsed time in spring", []Window{daily("Europe/Berlin", "01:00", 4*time.Hour)}, "2026-03-29T01:30:00+01:00", true, "2026-03-29T06:00:00+02:00"},
		{"twice, the first", []Window{daily("Europe/Berlin", "02:30", 15*time.Minute)}, "2026-10-25T02:30:00+02:00", true, "2026-10-25T02:45:00+02:00"},
		{"twice, not the second", []Window{daily("Europe/Berlin", "02:30", 15*time.Minute)}, "2026-10-25T02:30:00+01:00", false, "2026-10-26T02:30:00+01:00"},
		{"elapsed time in autumn", []Window{daily("Europe/Berlin", "01:00", 4*time.Hour)}, "2026-10-25T01:30:00+02:00", true, "2026-10-25T04:00:00+01:00"},
		// New York: the other side of UTC, where time.Date counts from the other side.
		{"skipped in the west", []Window{daily("America/New_York", "02:30", time.Hour)}, "2026-03-08T00:00:00-05:00", false, "2026-03-08T03:30:00-04:00"},
		{"twice in the west", []Window{daily("America/New_York", "01:30", time.Hour)}, "2026-11-01T00:00:00-04:00", false, "2026-11-01T01:30:00-04:00"},
		// Lord Howe changes by half an hour, Cairo at midnight, Samoa has skipped a Friday.
		{"half an hour", []Window{daily("Australia/Lord_Howe", "02:15", time.Hour)}, "2026-10-04T00:00:00+10:30", false, "2026-10-04T02:45:00+11:00"},
		{"midnight is skipped", []Window{on(time.Friday, daily("Africa/Cairo", "00:00", time.Hour))}, "2026-04-23T12:00:00+02:00", false, "2026-04-24T01:00:00+03:00"},
		{"a day is skipped", []Window{on(time.Friday, daily("Pacific/Apia", "10:00", time.Hour))}, "2011-12-29T12:00:00-10:00", false, "2011-12-31T10:00:00+14:00"},
		// St John's has set its clock back from 00:01 to 23:01, Nuuk puts it from 23:00 to 00:00.
		{"tomorrow has begun already", []Window{on(time.Sunday, daily("America/St_Johns", "00:00", time.Hour))}, "2010-11-06T23:30:00-03:30", true, "2010-11-07T00:00:00-03:30"},
		{"skipped to tomorrow", []Window{on(time.Saturday, daily("America/Nuuk", "23:30", time.Hour))}, "2026-03-29T00:10:00-01:00", false, "2026-03-29T00:30:00-01:00"},
	} {
		t.Run(test.name, func(t *testing.T) {
			now, err := time.Parse(time.RFC3339Nano, test.now)
			require.NoError(t, err)
			open, next, err := newCalendar().open(test.windows, now)
			require.NoError(t, err)
			assert.Equal(t, test.open, open)
			if test.next == "" {
				assert.Zero(t, next)
				return
			}
			want, err := time.Parse(time.RFC3339Nano, test.next)
			require.NoError(t, err)
			assert.WithinDuration(t, want, next, 0)
		})
	}
}

func TestCalendarLoadsAZoneOnce(t *testing.T) {
	windows := []Window{{Zone: "Europe/Berlin", Start: "22:30", Duration: time.Hour}, {Zone: "UTC", Start: "22:30", Duration: time.Hour}}
	c, now := newCalendar(), time.Date(2026, time.June, 3, 12, 0, 0, 0, time.UTC)
	_, _, err := c.open(windows, now)
	require.NoError(t, err)
	berlin := c["Europe/Berlin"]
	_, _, err = c.open(windows, now)
	require.NoError(t, err)
	assert.Len(t, c, 2)
	assert.Same(t, berlin, c["Europe/Berlin"])
}

func BenchmarkOpenWindow(b *testing.B) {
	now := time.Date(2026, time.June, 3, 12, 0, 0, 0, time.UTC)
	for name, w := range map[string]Window{
		"open":   {Zone: "Europe/Berlin", Start: "12:00", Duration: 6 * time.Hour},
		"closed": {Zone: "Europe/Berlin", Days: []time.Weekday{time.Saturday, time.Sunday}, Start: "22:30", Duration: 4 * time.Hour},
	} {
		b.Run(name, func(b *testing.B) {
			c := newCalendar()
			windows := []Window{w}
			for b.Loop() {
				if _, _, err := c.open(windows, now); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
