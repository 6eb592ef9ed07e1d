// Package request holds what one HTTP request is once it has been looked at: the verb and object it is about (Info), who sent it (User),
// and the accessors that carry both through a context.
//
// # Basics
//
// The path is parsed exactly once, by Parse, and every later step (authorization, admission, routing, audit, stories) reads the
// same Info. Nobody looks at the URL again to learn an identity: two parsers that disagree about an escaped slash are a way around
// authorization.
//
// The package imports nothing of ours, so that every room of the API server may import it.
package request
