package waiter

import "time"

// Progress tells how far an instance group has got, and when it may be there.
type Progress struct {
	// Software says that a software update is under way and that Done counts the
	// running instances on the desired image, zero where the service does not
	// report them. Otherwise Done counts the group's instances.
	Software bool
	// Done and Wanted count instances. Done is more than Wanted while a group is
	// made smaller.
	Done, Wanted int32
	// Rate is by how many instances in an hour the group has come nearer, as a mean
	// since the eighth last change of Done, or since the goal was first seen when
	// there were fewer. It gets less while nothing changes, and is negative when
	// instances were lost. Zero means that there was no change yet.
	Rate float64
	// End is when the group is there if it goes on at that rate. It is never
	// earlier than the snapshot. It is too late in the beginning, when the time
	// before the first instance counts, and knows nothing of the time that a
	// cluster needs when its groups are complete. Zero means that there is no
	// estimate: the group is there, it has no rate, or the end would be more than a
	// day away.
	End time.Time
}

const (
	paceMarks  = 8
	maxForesee = 24 * time.Hour
)

// goal is what a group is on its way to. With another goal the pace begins anew.
type goal struct {
	software bool
	wanted   int32
	image    string // desired, and its version
}

// pace remembers the last changes of a group's count.
type pace struct {
	goal  goal
	marks []mark // the oldest first
}

type mark struct {
	at   time.Time
	left int32 // to the goal
}

// progressOf follows the groups from one snapshot to the next.
type progressOf map[string]pace

// fill sets the progress of each group, and forgets groups that are not there.
func (paces *progressOf) fill(s Snapshot) {
	next := progressOf{}
	for i := range s.Groups {
		g := &s.Groups[i]
		p := (*paces)[g.Name]
		g.Progress = p.saw(*g, s.At)
		next[g.Name] = p
	}
	*paces = next
}

func (p *pace) saw(g Group, at time.Time) Progress {
	now := Progress{Software: g.updating(), Done: g.Current, Wanted: g.Target}
	to := goal{software: now.Software, wanted: g.Target}
	if now.Software {
		to.image = g.DesiredImage + " " + g.DesiredRelease
		now.Done = 0
		if g.OnDesired != nil {
			now.Done = *g.OnDesired
		}
	}
	left := max(now.Wanted-now.Done, now.Done-now.Wanted)
	switch {
	case to != p.goal || len(p.marks) == 0:
		*p = pace{goal: to, marks: []mark{{at, left}}}
	case p.marks[len(p.marks)-1].left != left:
		p.marks = append(p.marks[max(0, len(p.marks)-paceMarks+1):], mark{at, left})
	}
	from := p.marks[0]
	if elapsed := at.Sub(from.at); elapsed > 0 {
		now.Rate = float64(from.left-left) / elapsed.Hours()
	}
	if left > 0 && now.Rate > 0 {
		if hours := float64(left) / now.Rate; hours <= maxForesee.Hours() {
			now.End = at.Add(time.Duration(hours * float64(time.Hour)))
		}
	}
	return now
}
