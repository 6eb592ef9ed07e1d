// Package told holds what a cluster tells of its requests and of rights under /kubemint/v1, as it goes over the wire: codes and facts,
// and no sentences. The server makes these values, package why turns them into words.
package told
