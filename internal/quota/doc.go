// Package quota knows how much of what a ResourceQuota limits an object takes: which kinds a name on a quota counts, what one object
// of such a kind uses, and which quotas are about it. Admission charges by it, and the controller recounts by it, so that both come to
// the same figures (upstream: k8s.io/apiserver/pkg/quota/v1 and pkg/quota/v1 of Kubernetes).
//
// # Basics
//
//	quota.KindOf("requests.cpu")        // pods
//	quota.Usage(pods, pod, now)          // requests.cpu: 100m, pods: 1, count/pods: 1, …
//	quota.Used(ctx, q, source, now)      // what is there now, by a Source of objects
//
// # Caveats
//
// The functions are pure: they read what they are given and never change it. Claims of devices are not known here.
package quota
