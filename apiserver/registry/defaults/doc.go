// Package defaults fills in what a manifest leaves out, as kube-apiserver 1.36 does when it reads an object.
//
// # Basics
//
// Apply is called on each object that comes in by create, update and patch, before admission sees it. It is idempotent: applied to its
// own result it changes nothing (a test and a fuzz target hold it to that).
//
// # Caveats
//
// Defaults that depend on other objects are not here: an account, tolerations and a priority come from admission, a service's address
// from an allocator, status and generation from package prepare.
package defaults
