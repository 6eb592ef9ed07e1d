// Package pki is a cluster's certificate authority and its key files.
//
// A CA lives in a directory (ca.crt, ca.key) or, without one, in memory. It and
// the certificates of the cluster's own parts run to the end of the cluster's
// time (clock.End), so that no jump of the clock locks anybody out; certificates
// for people end when they are told to. Files are 0600 and replaced, never half
// written.
package pki
