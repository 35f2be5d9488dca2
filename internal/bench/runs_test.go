//go:build !race

package bench

const (
	runs  = published
	slack = 1
)
