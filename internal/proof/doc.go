// Package proof holds the tests of what the library claims as a whole: the way its
// packages import one another, how they behave together on the two emulators, and that the
// policies it generates are enough for its workflows, deny the known attacks and have no
// part to spare. It also holds that everything exported is documented, that the links of
// the documentation lead somewhere, and that every job has an Example.
package proof
