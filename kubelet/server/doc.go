// Package server is what a node serves: the logs of its containers, and commands run in them.
//
// # Basics
//
// [Server] is an http.Handler to be served with TLS. It lets in nobody but holders of a client
// certificate of the cluster's authority, and asks the API server by a SubjectAccessReview on
// nodes/proxy whether they may; in practice that is the API server itself, which has already decided
// whether its caller may read logs or exec.
//
// # Caveats
//
// Certificates are judged at the cluster's time, like everywhere else.
package server
