// Package told holds what a cluster tells under /kubemint/v1: of its requests, of rights, of its clock and its nodes,
// as it goes over the wire: codes and facts, and no sentences. The server makes these values, package why turns them into words.
package told
