//go:build race

package shell

// shadowed is how much more memory everything takes than it seems to: the race detector keeps notes of each word.
const shadowed = 4
