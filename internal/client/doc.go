// Package client is how kubemint's own components reach kubemint's own API server: as ordinary clients
// (design: no back doors). A [Listener] is a network in memory; [Config] is a client-go configuration for one
// identity that speaks TLS and HTTP/2 over it; [Account] lends a loop the token of its ServiceAccount, as
// kube-controller-manager does with --use-service-account-credentials; [Recorder] writes events on the cluster's
// clock.
//
// # Basics
//
//	l := client.NewListener()
//	go server.ServeTLS(l, "", "")                             // any http.Server
//	cfg, err := client.Config(l, caPEM, certPEM, keyPEM)      // one identity
//	clientset, err := kubernetes.NewForConfig(cfg)
//
// # Caveats
//
// client-go keeps a process-wide cache of transports. A Config made here carries its own transport and never enters
// that cache, so that clusters in one process, and identities in one cluster, never share a connection. Copy a
// Config as you like: the copies share the connection of the first.
//
// Nothing here limits the rate of requests (QPS -1): the server and the clients share one process.
package client
