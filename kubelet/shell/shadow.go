//go:build !race

package shell

// shadowed is how much more memory everything takes than it seems to.
const shadowed = 1
