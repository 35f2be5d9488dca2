//go:build race

package bench

// The race detector makes the simulations ten times slower, and they start no
// goroutine. Means of fewer runs are less exact.
const (
	runs  = 1_000
	slack = 1.08

	worlds      = 4
	imageWorlds = 1
	policies    = 10
)
