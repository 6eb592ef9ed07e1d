// Package reviews answers the questions that clients put to the server by creating an object: may somebody do this
// (access.go), whose token is this, who am I. Nothing is stored; the object comes back with its status filled in.
//
// The functions take an object and give one back; decoding, admission and the HTTP answer are the caller's.
package reviews
