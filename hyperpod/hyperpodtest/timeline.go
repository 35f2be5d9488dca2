package hyperpodtest

import (
	"container/heap"
	"time"
)

// timeline holds what is to happen, in the order of its time. Nothing moves it but
// advance, which every request calls first: so the state is a function of the time
// and of the requests, and no goroutine is needed.
type timeline struct {
	due  dueHeap
	next int
}

type due struct {
	at  time.Time
	seq int
	do  func(now time.Time)
}

// schedule plans do for a time. What is planned for the same time happens in the
// order of planning.
func (t *timeline) schedule(at time.Time, do func(now time.Time)) {
	heap.Push(&t.due, due{at: at, seq: t.next, do: do})
	t.next++
}

// pending tells whether something is due.
func (t *timeline) pending(now time.Time) bool { return len(t.due) > 0 && !t.due[0].at.After(now) }

// advance does everything that is due, each at its own time.
func (t *timeline) advance(now time.Time) {
	for t.pending(now) {
		d, _ := heap.Pop(&t.due).(due)
		d.do(d.at)
	}
}

type dueHeap []due

func (h dueHeap) Len() int      { return len(h) }
func (h dueHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

func (h dueHeap) Less(i, j int) bool {
	if h[i].at.Equal(h[j].at) {
		return h[i].seq < h[j].seq
	}
	return h[i].at.Before(h[j].at)
}

func (h *dueHeap) Push(x any) {
	d, _ := x.(due)
	*h = append(*h, d)
}

func (h *dueHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = due{}
	*h = old[:len(old)-1]
	return last
}
