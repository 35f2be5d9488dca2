package waiter

import "sync"

// Waker ends the pauses of waits when an event tells of their cluster. The zero value is
// ready for use, by many goroutines. For a [Fleet] there is no need of one: give
// [Fleet.Wake] the event's ClusterARN and ClusterName.
type Waker struct {
	mu       sync.Mutex
	channels map[string]map[chan struct{}]bool // by name or ARN
}

// For returns the channel for [poll.Options].Wake of a wait for the cluster, and a
// function to call when the wait is over. cluster is a name or an ARN. A name also
// wakes for a cluster of that name in another Region or account, which does no harm: the
// wait looks, and goes on.
func (w *Waker) For(cluster string) (wake <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.channels == nil {
		w.channels = map[string]map[chan struct{}]bool{}
	}
	if w.channels[cluster] == nil {
		w.channels[cluster] = map[chan struct{}]bool{}
	}
	w.channels[cluster][c] = true
	return c, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if delete(w.channels[cluster], c); len(w.channels[cluster]) == 0 {
			delete(w.channels, cluster)
		}
	}
}

// Wake wakes the waits for the cluster of an event, and returns how many there are. It
// never blocks: a wait that is awake looks once more afterwards, however many events
// come in between.
func (w *Waker) Wake(e *BusEvent) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	woken := 0
	for _, cluster := range []string{e.ClusterARN, e.ClusterName} {
		for c := range w.channels[cluster] {
			select {
			case c <- struct{}{}:
			default:
			}
			woken++
		}
	}
	return woken
}
