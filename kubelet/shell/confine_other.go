//go:build !linux

package shell

// confine has nothing to add where the memory watch is the only bound there is.
func confine(bounds) error { return nil }
