// Package controller holds the loops that make a cluster out of an API: each watches some kinds and brings the world
// in line with what people wrote. It is what kube-controller-manager is to Kubernetes, and like it comes in through
// the API as an ordinary client.
//
// # Who is who
//
// Reading is shared: all informers run as the user system:kube-controller-manager. Writing is each loop's own: it acts
// as its ServiceAccount in kube-system (SA-17) with the rights of its system:controller:… role, so that an audit log
// tells who did what.
//
// # Files
//
// A small loop is a file here (default_account.go, root_ca.go, aggregation.go, …), a larger one a package below:
// namespace, garbage, certificates, legacy (tokens in Secrets), nodes, endpoints, quota, volumes, and the workloads deployment,
// replicaset (ReplicationControllers, too), statefulset, daemonset and job (CronJobs, too), which share controller/workload. The ground they stand on
// is controller/work. The scheduler, a component of its own with its own identity, lives in controller/scheduler.
//
// # Time
//
// What the cluster itself waits for is a deadline on the cluster's clock, at which `clock advance` stops: the next run
// of a CronJob, a time to live, a toleration that ends. Work queues retry in wall time.
//
// # Basics
//
//	ids, err := controller.NewIdentities(own, anonymous, clk, version)
//	m := controller.New(controller.Config{Client: ids.Client, Metadata: ids.Metadata, Clock: clk, …})
//	err = m.Run(ctx)            // blocks
//	m.Pending(), m.Informers()  // is everything done?
package controller
