package rollout

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// oddZones change their clocks in different ways, or not; turns are days on which some do.
var (
	oddZones = []string{
		"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "America/Sao_Paulo",
		"America/St_Johns", "Asia/Kathmandu", "Pacific/Apia", "America/Santiago", "Asia/Tehran", "Pacific/Chatham", "America/Nuuk",
	}
	turns = []string{
		"2026-03-08", "2026-03-29", "2026-04-05", "2026-04-24", "2026-09-06", "2026-09-27", "2026-10-04", "2026-10-25",
		"2026-10-29", "2026-11-01", "2018-02-18", "2018-11-04", "2010-03-14", "2010-11-07", "2011-12-30", "2021-03-22",
	}
)

// scan is open the slow way: it looks at every minute from eight days before to
// fifteen after, and knows of time zones only what the clock shows at each.
func scan(t *testing.T, windows []Window, now time.Time) (open bool, next time.Time) {
	t.Helper()
	const before, after = 8 * 24 * 60, 15 * 24 * 60
	opened := make([]bool, before+after)
	first := now.Truncate(time.Minute).Add(-before * time.Minute)
	for _, w := range windows {
		zone, err := time.LoadLocation(w.Zone)
		require.NoError(t, err)
		clock := func(minute int) time.Time {
			in := first.Add(time.Duration(minute) * time.Minute).In(zone)
			return time.Date(in.Year(), in.Month(), in.Day(), in.Hour(), in.Minute(), 0, 0, time.UTC)
		}
		start, err := time.Parse("15:04", w.Start)
		require.NoError(t, err)
		shown := clock(0)
		begin := time.Date(shown.Year(), shown.Month(), shown.Day(), start.Hour(), start.Minute(), 0, 0, time.UTC)
		for begin.Before(shown) {
			begin = begin.AddDate(0, 0, 1)
		}
		// The clock reaches each start once, or jumps over it.
		for minute := range opened {
			for shown = clock(minute); !shown.Before(begin); begin = begin.AddDate(0, 0, 1) {
				opens := minute
				if shown.After(begin) && minute > 0 {
					opens = minute - 1 + int(begin.Sub(clock(minute-1))/time.Minute)
				}
				if len(w.Days) == 0 || slices.Contains(w.Days, begin.Weekday()) {
					for m := opens; m < min(len(opened), opens+int(w.Duration/time.Minute)); m++ {
						opened[m] = true
					}
				}
			}
		}
	}
	for minute := before; minute < len(opened); minute++ {
		if opened[minute] != opened[before] {
			return opened[before], first.Add(time.Duration(minute) * time.Minute)
		}
	}
	return opened[before], time.Time{}
}

// sampleWindow makes a window out of numbers.
func sampleWindow(zone, days uint8, start, minutes uint16) Window {
	w := Window{
		Zone:     oddZones[int(zone)%len(oddZones)],
		Start:    fmt.Sprintf("%02d:%02d", start/60%24, start%60),
		Duration: time.Duration(1+int(minutes)%(7*24*60)) * time.Minute,
	}
	for day := time.Sunday; day <= time.Saturday; day++ {
		if days&(1<<day) != 0 {
			w.Days = append(w.Days, day)
		}
	}
	return w
}

func checkAgainstScan(t *testing.T, windows []Window, now time.Time) {
	t.Helper()
	for _, w := range windows {
		require.NoError(t, w.check())
	}
	wantOpen, want := scan(t, windows, now)
	open, next, err := newCalendar().open(windows, now)
	require.NoError(t, err)
	// What follows the horizon of the one may lie within that of the other.
	if next.Sub(now) > horizon || want.Sub(now) > horizon {
		next, want = time.Time{}, time.Time{}
	}
	if !assert.Equal(t, wantOpen, open) || !assert.WithinDuration(t, want, next, 0) {
		t.Fatalf("%v at %s: the scan says open %t, next %s; open %t, %s", windows, now, wantOpen, want, open, next)
	}
}

func sampleNow(turn uint8, minute uint16) time.Time {
	day, err := time.Parse(time.DateOnly, turns[int(turn)%len(turns)])
	if err != nil {
		panic(err)
	}
	// Up to five days before, or after.
	return day.Add(time.Duration(int(minute)%(10*24*60)-5*24*60) * time.Minute)
}

func TestOpenWindowAgainstScan(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 1))
	for range 120 {
		windows := make([]Window, 1+r.IntN(3))
		for i := range windows {
			// Short ones, and starts in the night, when clocks change, more often than not.
			minutes, start := r.IntN(600), r.IntN(200)
			if r.IntN(4) == 0 {
				minutes, start = r.IntN(7*24*60), r.IntN(24*60)
			}
			windows[i] = sampleWindow(uint8(r.UintN(256)), uint8(r.UintN(256)), uint16(start), uint16(minutes))
		}
		checkAgainstScan(t, windows, sampleNow(uint8(r.UintN(256)), uint16(r.UintN(1<<16))))
	}
}

func FuzzOpenWindow(f *testing.F) {
	f.Add(uint8(1), uint8(1), uint16(150), uint16(60), uint8(2), uint8(0), uint16(90), uint16(600), uint8(1), uint16(7200))
	f.Add(uint8(8), uint8(32), uint16(600), uint16(60), uint8(4), uint8(32), uint16(0), uint16(60), uint8(14), uint16(7000))
	f.Add(uint8(6), uint8(0), uint16(0), uint16(1439), uint8(6), uint8(64), uint16(1439), uint16(10079), uint8(13), uint16(7200))
	f.Fuzz(func(t *testing.T, zone1, days1 uint8, start1, minutes1 uint16, zone2, days2 uint8, start2, minutes2 uint16, turn uint8, minute uint16) {
		windows := []Window{sampleWindow(zone1, days1, start1, minutes1), sampleWindow(zone2, days2, start2, minutes2)}
		checkAgainstScan(t, windows, sampleNow(turn, minute))
	})
}
