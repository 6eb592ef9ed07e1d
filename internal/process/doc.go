// Package process starts processes that outlive this one and asks others to end,
// the way each operating system does it.
package process
