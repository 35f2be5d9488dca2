// Package proof holds the tests of what the library claims as a whole: the way its
// packages import one another, and how they behave together on the two emulators.
package proof
