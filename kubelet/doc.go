// Package kubelet is a node: it registers itself, keeps its lease, and runs the pods that are bound
// to it, with real directories for their volumes and simulated containers.
//
// It comes in only through the API, as the user system:node:NAME of the group system:nodes, and asks
// for no more than the Node authorizer and NodeRestriction grant: its own Node and Lease, its own
// pods, single ConfigMaps and Secrets that those pods refer to, and tokens bound to them.
//
// # Basics
//
// A pod's life is one function, sync, called for one pod at a time by a small pool of workers. It
// looks at the newest object and brings the node in line: volumes (package volume), tokens (package
// token), containers (package container), status. What it has to come back for later it leaves as a
// deadline on the cluster's clock; between two deadlines a resting pod costs no goroutine and no
// timer of its own.
//
// # Files
//
//	NODE/pods/UID/volumes/kubernetes.io~projected/NAME/{..data,token,ca.crt,namespace}
//	NODE/pods/UID/containers/NAME/rootfs/MOUNT/PATH -> the volume
//	NODE/pods/UID/containers/NAME/logs/ATTEMPT.log
//	NODE/disk/PATH: what PersistentVolumes name on the node
//	NODE/pods/by-name/NAMESPACE_NAME -> ../UID
//
// All are reached through os.Root, so nothing in a pod can lead outside of its directory.
//
// # Caveats
//
// The periodic sync of KUB-8 is foretold rather than run: see token.Schedule. Images are always
// present. A restart of the process is a restart of the kubelet, not of the machine: containers that
// were running go on (adoption), files that are right are left alone, tokens are requested anew
// (KUB-7).
package kubelet
