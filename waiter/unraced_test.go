//go:build !race

package waiter_test

const raced = false
