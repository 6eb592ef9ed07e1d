// Package memory is a store that lives as long as the process: for tests and
// clusters that are thrown away. It keeps the contract of package storage to
// the letter, but for durability.
package memory
