// Package kubemint is a small Kubernetes in one process: an API server that signs ServiceAccount tokens and authorizes with its own RBAC
// engine, controllers, a scheduler, and simulated kubelets that mount those tokens into real directories and renew them in time.
//
// # Basics
//
//	cluster, err := kubemint.New(kubemint.Config{Ephemeral: true, Listen: "127.0.0.1:0", Nodes: 1})
//	go cluster.Run(ctx)
//	<-cluster.Ready()
//	config, err := cluster.RESTConfig()
//
// A cluster is a value without package-level state; many run in one process. Everything inside it but the storage comes in through the
// API server by an identity of its own, over TLS on an in-memory listener (design decision D5).
//
// This is the one place where the rooms are wired together: storage → apiserver → controllers → kubelets.
package kubemint
