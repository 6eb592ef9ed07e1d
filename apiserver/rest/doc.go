// Package rest answers resource requests: a file per verb. Each handler decodes strictly, admits, calls the registry and encodes.
//
// # Basics
//
// By the time a request comes here it has been authenticated, authorized and parsed into a request.Info (apiserver/chain.go). Handler
// finds the row of the table the Info names and calls the verb's file. All answers leave through answer.go, all errors through
// Error, which is the one function that writes a Status to the wire; the middlewares use it too.
//
// # Caveats
//
// Nothing here decides who may do what, beyond asking Config.Authorize for the second permission that a PUT or apply needs when it
// creates (AUTHZ-12).
package rest
