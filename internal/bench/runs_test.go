//go:build !race

package bench

const (
	runs  = published
	slack = 1

	worlds      = 64
	imageWorlds = 8
	policies    = 2_000
)
