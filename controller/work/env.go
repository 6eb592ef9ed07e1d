package work

import (
	"log/slog"

	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"

	"github.com/kubemint/kubemint/internal/clock"
)

// Env is what one control loop is given: the informers it shares with all others, and a client and a recorder that are
// its own account's.
type Env struct {
	Informers *Informers
	Factory   informers.SharedInformerFactory
	Client    kubernetes.Interface
	Metadata  metadata.Interface
	Events    record.EventRecorder
	Clock     *clock.Clock
	Log       *slog.Logger
}

// Loop returns a loop with this environment's clock, informers and log.
func (e Env) Loop(name string) *Loop {
	l := NewLoop(name, e.Clock, e.Informers)
	l.Log = e.Log
	return l
}

func (e Env) get(name string, build func() cache.SharedIndexInformer) *Informer {
	return e.Informers.Get(name, build)
}

// The shared informers by kind. The garbage collector knows them by these names: resource, or resource.group.

func (e Env) Namespaces() *Informer {
	return e.get("namespaces", e.Factory.Core().V1().Namespaces().Informer)
}
func (e Env) ServiceAccounts() *Informer {
	return e.get("serviceaccounts", e.Factory.Core().V1().ServiceAccounts().Informer)
}
func (e Env) Pods() *Informer  { return e.get("pods", e.Factory.Core().V1().Pods().Informer) }
func (e Env) Nodes() *Informer { return e.get("nodes", e.Factory.Core().V1().Nodes().Informer) }
func (e Env) Services() *Informer {
	return e.get("services", e.Factory.Core().V1().Services().Informer)
}
func (e Env) Endpoints() *Informer {
	return e.get("endpoints", e.Factory.Core().V1().Endpoints().Informer)
}
func (e Env) EndpointSlices() *Informer {
	return e.get("endpointslices.discovery.k8s.io", e.Factory.Discovery().V1().EndpointSlices().Informer)
}
func (e Env) ClusterRoles() *Informer {
	return e.get("clusterroles.rbac.authorization.k8s.io", e.Factory.Rbac().V1().ClusterRoles().Informer)
}
func (e Env) CertificateSigningRequests() *Informer {
	return e.get("certificatesigningrequests.certificates.k8s.io", e.Factory.Certificates().V1().CertificateSigningRequests().Informer)
}
func (e Env) Leases() *Informer {
	return e.get("leases.coordination.k8s.io", e.Factory.Coordination().V1().Leases().Informer)
}
func (e Env) Deployments() *Informer {
	return e.get("deployments.apps", e.Factory.Apps().V1().Deployments().Informer)
}
func (e Env) ReplicaSets() *Informer {
	return e.get("replicasets.apps", e.Factory.Apps().V1().ReplicaSets().Informer)
}
func (e Env) StatefulSets() *Informer {
	return e.get("statefulsets.apps", e.Factory.Apps().V1().StatefulSets().Informer)
}
func (e Env) DaemonSets() *Informer {
	return e.get("daemonsets.apps", e.Factory.Apps().V1().DaemonSets().Informer)
}
func (e Env) ControllerRevisions() *Informer {
	return e.get("controllerrevisions.apps", e.Factory.Apps().V1().ControllerRevisions().Informer)
}
func (e Env) PersistentVolumeClaims() *Informer {
	return e.get("persistentvolumeclaims", e.Factory.Core().V1().PersistentVolumeClaims().Informer)
}
func (e Env) PersistentVolumes() *Informer {
	return e.get("persistentvolumes", e.Factory.Core().V1().PersistentVolumes().Informer)
}

// StorageClasses returns the shared informer of all StorageClasses.
func (e Env) StorageClasses() *Informer {
	return e.get("storageclasses.storage.k8s.io", e.Factory.Storage().V1().StorageClasses().Informer)
}

// ReplicationControllers returns the shared informer of all ReplicationControllers.
func (e Env) ReplicationControllers() *Informer {
	return e.get("replicationcontrollers", e.Factory.Core().V1().ReplicationControllers().Informer)
}

// ResourceQuotas returns the shared informer of all ResourceQuotas.
func (e Env) ResourceQuotas() *Informer {
	return e.get("resourcequotas", e.Factory.Core().V1().ResourceQuotas().Informer)
}

func (e Env) PodDisruptionBudgets() *Informer {
	return e.get("poddisruptionbudgets.policy", e.Factory.Policy().V1().PodDisruptionBudgets().Informer)
}
func (e Env) Jobs() *Informer { return e.get("jobs.batch", e.Factory.Batch().V1().Jobs().Informer) }
func (e Env) CronJobs() *Informer {
	return e.get("cronjobs.batch", e.Factory.Batch().V1().CronJobs().Informer)
}
