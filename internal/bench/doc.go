// Package bench compares the library with other ways: what jobs cost with it and
// without it, what a program costs that imports it, and, in simulated time, how many
// calls its waits make and how late they notice. Its tests hold the numbers that this
// project states, and write them into README.md, which says how.
//
// The workspace of this repository leaves the module out.
//
// It is a module of its own, so that nobody who uses the library depends on those
// it is compared with.
package bench
