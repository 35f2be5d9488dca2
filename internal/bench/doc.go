// Package bench compares ways to wait for one resource, in simulated time: how many
// calls they make, and how late they notice. Its tests hold the numbers that this
// project states, and write them into README.md:
//
//	GOWORK=off go test -C internal/bench -run TestTables -update .
//
// The workspace of this repository leaves the module out, hence GOWORK.
//
// It is a module of its own, so that nobody who uses the library depends on those
// it is compared with.
package bench
