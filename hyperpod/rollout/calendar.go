package rollout

import (
	"errors"
	"fmt"
	"time"
)

// horizon is how far ahead open looks for the end of windows that follow each other
// without a gap. It is more than a week, so that all days of the week have had their turn.
const horizon = 2 * week

// calendar says when windows are open. It holds the time zones that it was asked about,
// because to load one takes reading a file. It is made for one decision and serves one
// goroutine.
type calendar map[string]*time.Location

func newCalendar() calendar { return calendar{} }

// checkWindows reports the windows that cannot be reckoned with on this machine, which may
// have other time zones than the one that planned the rollout: they would never open.
func (s *State) checkWindows() error {
	if !s.Ended.IsZero() {
		return nil
	}
	c := newCalendar()
	_, _, err := c.open(s.Settings.Windows, s.Now)
	errs := []error{err}
	for i := range s.Targets {
		if t := &s.Targets[i]; t.Phase == PhaseWaiting {
			if _, _, err := c.open(t.Windows, s.Now); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", t.where(), err))
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("rollout: maintenance windows that never open on this machine: %w", err)
	}
	return nil
}

// open tells whether one of the windows is open at the time now. If so, next is when
// the last that is open or follows without a gap closes, and zero when that is more than
// two weeks away. If not, next is when the next one opens.
//
// A window is open from its start until just before its end. No windows are open always,
// and next is zero. An error says which window is wrong.
//
// Where the clock of a zone changes, RFC 5545 section 3.3.5 is followed: a start that
// the clock skips, such as 02:30 on a night on which 03:00 follows 01:59, is where it
// would have been without the change, at 03:30. A start that the clock shows twice is the
// first of the two. How long a window is open is not touched by it.
func (c calendar) open(windows []Window, now time.Time) (open bool, next time.Time, err error) {
	if len(windows) == 0 {
		return true, time.Time{}, nil
	}
	var errs []error
	for i, w := range windows {
		_, zoneErr := c.zone(w.Zone)
		if err := errors.Join(zoneErr, w.checkTimes()); err != nil {
			errs = append(errs, fmt.Errorf("window %d (%s): %w", i, w, err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return false, time.Time{}, err
	}
	if end := c.lastEnd(windows, now); end.After(now) {
		return true, c.close(windows, now, end), nil
	}
	for _, w := range windows {
		if start := c.startAfter(w, now); next.IsZero() || start.Before(next) {
			next = start
		}
	}
	return false, next, nil
}

// close is when windows close that are open until end at least.
func (c calendar) close(windows []Window, now, end time.Time) time.Time {
	for {
		if end.Sub(now) > horizon {
			return time.Time{}
		}
		later := c.lastEnd(windows, end)
		if !later.After(end) {
			return end
		}
		end = later
	}
}

// lastEnd is the latest end of a window that has started at the time at or before. It may
// lie before it.
func (c calendar) lastEnd(windows []Window, at time.Time) time.Time {
	var last time.Time
	for _, w := range windows {
		if end := c.startBefore(w, at).Add(w.Duration); end.After(last) {
			last = end
		}
	}
	return last
}

// startBefore is the last start of the window that is not after the time at.
func (c calendar) startBefore(w Window, at time.Time) time.Time {
	start, date := c.opening(w, at)
	for days := 1; ; days-- { // a clock set back over midnight has shown tomorrow already
		if on := date.Add(time.Duration(days) * day); w.on(on.Weekday()) {
			if opens := start(on); !opens.After(at) {
				return opens
			}
		}
	}
}

// startAfter is the first start of the window that is after the time at.
func (c calendar) startAfter(w Window, at time.Time) time.Time {
	start, date := c.opening(w, at)
	for days := -1; ; days++ { // a start that is skipped may come the day after
		if on := date.Add(time.Duration(days) * day); w.on(on.Weekday()) {
			if opens := start(on); opens.After(at) {
				return opens
			}
		}
	}
}

// opening returns a function for when the window opens on a date, and the date at the time
// at by the window's clock. A date is its midnight in UTC, where every day has 24 hours.
func (c calendar) opening(w Window, at time.Time) (start func(date time.Time) time.Time, date time.Time) {
	zone := c[w.Zone]
	clock, _ := w.start()
	return func(date time.Time) time.Time { return instant(date.Add(clock), zone) }, clockOf(at.In(zone)).Truncate(day)
}

// clockOf is what the clock shows at the time t, as a time in UTC.
func clockOf(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.Add(time.Duration(offset) * time.Second).UTC()
}

// instant is when the clock of a zone shows what UTC shows at the time clock. time.Date does
// not say which time it returns when that is never, or twice.
func instant(clock time.Time, zone *time.Location) time.Time {
	t := time.Date(clock.Year(), clock.Month(), clock.Day(), clock.Hour(), clock.Minute(), 0, 0, zone)
	if shown := clockOf(t); shown.Before(clock) {
		return t.Add(clock.Sub(shown)) // skipped, and t was counted back from after the change
	} else if shown.After(clock) {
		return t // skipped, and t was counted on from before it
	}
	changed, _ := t.ZoneBounds()
	if changed.IsZero() {
		return t
	}
	_, before := changed.Add(-1).In(zone).Zone()
	if first := clock.Add(-time.Duration(before) * time.Second); first.Before(changed) {
		return first.In(zone)
	}
	return t
}

// zone loads a zone, once.
func (c calendar) zone(name string) (*time.Location, error) {
	if zone, ok := c[name]; ok {
		return zone, nil
	}
	zone, err := loadZone(name)
	if err != nil {
		return nil, err
	}
	c[name] = zone
	return zone, nil
}

func loadZone(name string) (*time.Location, error) {
	switch name {
	case "":
		return nil, errors.New(`Zone: it must be set; name one of the IANA database, such as "Europe/Berlin" or "UTC"`)
	case "Local":
		return nil, errors.New(`Zone: "Local" is another zone on another machine; name one of the IANA database, such as "Europe/Berlin" or "UTC"`)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("Zone: %w; name one of the IANA database, such as \"Europe/Berlin\", and import time/tzdata where the system has none", err)
	}
	return zone, nil
}
