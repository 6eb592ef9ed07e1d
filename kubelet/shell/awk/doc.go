// Package awk runs awk programs of the simple kind that manifests and lessons have: patterns and ranges,
// fields, variables and arrays, the usual statements, operators and functions. It has no functions of the
// program's own, no getline and no pipes.
//
// A program may come from anybody: it is bounded in nesting, in the length of strings and the size of arrays,
// and ends with its context.
package awk
