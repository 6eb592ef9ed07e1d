//go:build !race

package main

// raced says that this test runs under the race detector.
const raced = false
