package rollout

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Window is a weekly maintenance window.
type Window struct {
	// Zone is a time zone by its name in the IANA database, such as "Europe/Berlin" or
	// "UTC". It must be set.
	Zone string `json:"zone"`
	// Days are the days on which it opens. Nil means every day.
	Days []time.Weekday `json:"days,omitempty"`
	// Start is when it opens, by the clock of the zone, such as "22:30".
	Start string `json:"start"`
	// Duration is for how long it is open, more than zero and a week at most. It is
	// elapsed time, also over a change of daylight saving.
	Duration time.Duration `json:"duration"`
}

// String returns the window for people, such as
// "Sat, Sun 22:30 Europe/Berlin for 4h0m0s".
func (w Window) String() string {
	days := "every day"
	if len(w.Days) > 0 {
		names := make([]string, len(w.Days))
		for i, day := range w.Days {
			names[i] = day.String()
			if len(names[i]) > 3 && day >= time.Sunday && day <= time.Saturday {
				names[i] = names[i][:3]
			}
		}
		days = strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s %s %s for %s", days, w.Start, w.Zone, w.Duration)
}

// check reports all that is wrong with the window.
func (w Window) check() error {
	_, zoneErr := loadZone(w.Zone)
	return errors.Join(zoneErr, w.checkTimes())
}

// checkTimes is check without the zone, which takes reading a file.
func (w Window) checkTimes() error {
	var errs []error
	if w.Days != nil && len(w.Days) == 0 {
		errs = append(errs, errors.New("Days: it is empty; leave it nil for every day"))
	}
	var seen [7]bool
	for _, day := range w.Days {
		switch {
		case day < time.Sunday || day > time.Saturday:
			errs = append(errs, fmt.Errorf("Days: %d is no day; Sunday is 0, Saturday 6", int(day)))
		case seen[day]:
			errs = append(errs, fmt.Errorf("Days: %s is there twice; name it once", day))
		default:
			seen[day] = true
		}
	}
	if _, ok := w.start(); !ok {
		errs = append(errs, fmt.Errorf("Start: %q is no time of day; write two digits each for hour and minute, from 00:00 to 23:59", w.Start))
	}
	if w.Duration <= 0 || w.Duration > week {
		errs = append(errs, fmt.Errorf("Duration: %s; it must be more than zero and a week (%s) at most", w.Duration, week))
	}
	return errors.Join(errs...)
}

const (
	day  = 24 * time.Hour
	week = 7 * day
)

// start is Start as the time since midnight on a day whose clock does not change.
func (w Window) start() (time.Duration, bool) {
	if len(w.Start) != len("22:30") || w.Start[2] != ':' {
		return 0, false
	}
	digit := func(i int) int {
		if w.Start[i] < '0' || w.Start[i] > '9' {
			return 100 // more than any hour or minute
		}
		return int(w.Start[i] - '0')
	}
	hour, minute := 10*digit(0)+digit(1), 10*digit(3)+digit(4)
	if hour > 23 || minute > 59 {
		return 0, false
	}
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute, true
}

// on tells whether the window opens on a day of the week.
func (w Window) on(day time.Weekday) bool { return len(w.Days) == 0 || slices.Contains(w.Days, day) }
