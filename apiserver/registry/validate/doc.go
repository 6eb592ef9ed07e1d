// Package validate says what is wrong with an object, with the field paths and words of kube-apiserver 1.36.
//
// # Basics
//
// Create and Update take typed, defaulted and prepared objects (packages defaults and prepare) and return a field.ErrorList; an empty
// list is a valid object. Warnings are the texts for Warning headers, which never refuse. All are pure functions: no clock, no store.
//
// The order of errors is that of the real server where it is fixed; where the real server walks a Go map the order here is by key.
//
// # Caveats
//
// Fields of storage systems and operating systems that nothing here acts on are checked for shape only. docs/differences.md lists
// what is not checked.
package validate
