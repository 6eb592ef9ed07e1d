// Package why turns what a cluster tells of requests and rights (package told) into pages that a person reads: a verdict, and entries in
// an order that never changes.
//
// # Basics
//
// A function per question makes a [Page] of codes and parameters; [Page.Render] writes it in a language. The same page goes into
// `-o json` as it is.
//
// # Caveats
//
// Nothing is guessed: what no signature proves is only claimed, and what a fix grants besides is said with it. Pages fit into 24 lines
// of 80 columns unless everything is asked for.
package why
