package bench

import (
	"context"
	"math/rand/v2"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// job is something that people do, and the ways in which they do it.
type job struct {
	name string
	// worlds is how many different ones each way is run in.
	worlds int
	// repeat is how often the job is done in a world, for one that is over too soon to
	// be measured. Zero means once.
	repeat int
	ways   []way
}

// way is one way of doing a job. In a synctest bubble prepare makes the world, which is
// not measured, and returns what is.
type way struct {
	name    string
	prepare func(t *testing.T, rng *rand.Rand) attempt
}

// attempt is one job to be done.
type attempt struct {
	do func(context.Context) error
	// calls counts those that the emulator has had so far. Nil means that there is none.
	calls func() int
	// lag is asked right after do: for how much of the time the service had nothing left
	// to do. Nil means that the job does not wait.
	lag func() time.Duration
	// check holds that the job was done. It is not measured.
	check func()
}

// figures are what a way has cost: means over its worlds.
type figures struct {
	job, way string
	calls    float64
	waits    bool
	lag      time.Duration
	takes    time.Duration
	// cpu and bytes are one for each round: seconds, and bytes allocated.
	cpu, bytes []float64
}

// round does a job once in each of its worlds, in the given way.
func (j job) round(t *testing.T, w way, f *figures) {
	repeat := max(j.repeat, 1)
	done := float64(j.worlds * repeat)
	var calls int
	var lag, takes, cpu time.Duration
	var bytes uint64
	repeatable(t)
	runtime.GC()
	for seed := range j.worlds {
		synctest.Test(t, func(t *testing.T) {
			a := w.prepare(t, rand.New(rand.NewPCG(uint64(seed), 10)))
			count := func() int {
				if a.calls == nil {
					return 0
				}
				return a.calls()
			}
			var before, after runtime.MemStats
			calls -= count()
			runtime.ReadMemStats(&before)
			start, busy := time.Now(), cpuTime()
			var err error
			for range repeat {
				if err = a.do(t.Context()); err != nil {
					break
				}
			}
			cpu, takes = cpu+cpuTime()-busy, takes+time.Since(start)
			runtime.ReadMemStats(&after)
			require.NoError(t, err, "%s, %s, world %d", j.name, w.name, seed)
			bytes += after.TotalAlloc - before.TotalAlloc
			calls += count()
			if f.waits = a.lag != nil; f.waits {
				late := a.lag()
				require.GreaterOrEqual(t, late, time.Duration(0), "%s, %s, world %d: it returned before the end", j.name, w.name, seed)
				lag += late
			}
			a.check()
		})
	}
	f.job, f.way = j.name, w.name
	// Jitter differs from round to round: those that the library draws cannot be repeated.
	n := float64(len(f.cpu))
	f.calls = (f.calls*n + float64(calls)/done) / (n + 1)
	f.lag = mean(f.lag, n, scale(lag, 1/done))
	f.takes = mean(f.takes, n, scale(takes, 1/done))
	f.cpu = append(f.cpu, cpu.Seconds()/done)
	f.bytes = append(f.bytes, float64(bytes)/done)
}

// mean is that of n durations with a mean and one more.
func mean(of time.Duration, n float64, next time.Duration) time.Duration {
	return time.Duration((float64(of)*n + float64(next)) / (n + 1))
}
