//go:build race

package rollout_test

// raced says that the race detector is on, under which simulations of a thousand
// clusters take minutes.
const raced = true
