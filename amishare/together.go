package amishare

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/hyperpodkit/hyperpodkit/internal/awserr"
)

const (
	throttledTries = 8
	shortestPause  = time.Second
	longestPause   = 30 * time.Second
)

// together does n jobs, so many at the same time, and returns their errors. A job that
// EC2 throttles makes all of them pause and is done again.
func together(ctx context.Context, n, atATime int, job func(context.Context, int) error) []error {
	if atATime <= 0 {
		atATime = defaultConcurrency
	}
	var (
		errs  = make([]error, n)
		queue = make(chan int, n)
		calm  pacer
		done  sync.WaitGroup
	)
	for i := range n {
		queue <- i
	}
	close(queue)
	for range min(atATime, n) {
		done.Go(func() {
			for i := range queue {
				errs[i] = calm.do(ctx, func() error { return job(ctx, i) })
			}
		})
	}
	done.Wait()
	return errs
}

// pacer holds back jobs that run side by side while EC2 throttles one of them.
type pacer struct {
	mu    sync.Mutex
	pause time.Duration
	until time.Time
}

func (p *pacer) do(ctx context.Context, job func() error) error {
	for try := 1; ; try++ {
		if err := p.wait(ctx); err != nil {
			return err
		}
		began := time.Now()
		err := job()
		if !awserr.IsThrottle(err) {
			p.ease()
			return err
		}
		if try == throttledTries {
			return err
		}
		p.slow(began)
	}
}

// wait returns when no pause is on, or when ctx ends.
func (p *pacer) wait(ctx context.Context) error {
	for {
		p.mu.Lock()
		left := time.Until(p.until)
		p.mu.Unlock()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if left <= 0 {
			return nil
		}
		timer := time.NewTimer(left)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// slow begins a pause, twice as long as the last, unless one has begun since the job
// did: what was under way then says nothing new. The jobs of other processes must not
// come back at the same moment, so chance shortens it.
func (p *pacer) slow(began time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if began.Before(p.until) {
		return
	}
	p.pause = min(max(2*p.pause, shortestPause), longestPause)
	p.until = time.Now().Add(p.pause - rand.N(p.pause/4))
}

// ease makes the next pause shorter again.
func (p *pacer) ease() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pause /= 2
}
