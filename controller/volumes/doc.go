// Package volumes binds PersistentVolumeClaims to PersistentVolumes, has volumes made for claims of classes whose provisioners are
// simulated, and deals with volumes whose claims have gone. It is the persistent volume controller of kube-controller-manager, with the
// external provisioners that learners meet: rancher.io/local-path of kind and k3s, k8s.io/minikube-hostpath, and kubemint.dev/directory,
// kubemint's own.
//
// # Basics
//
// Binder is one loop of one worker, over claims and volumes. A binding is written in four steps, each of which may be the last before a
// restart: the volume's claimRef, the volume's phase, the claim's volumeName, the claim's phase. Whoever finds a binding half done goes
// on with it. Claims of a class that waits for the first consumer are the scheduler's to match; it writes the volume's claimRef or the
// claim's node, and this loop does the rest.
//
// Ephemeral makes the claims of generic ephemeral volumes, which go with their pods.
//
// # Caveats
//
// A made volume is a directory on the simulated disk of a node. The kubelet makes it when a pod mounts it; Disks removes it.
package volumes
