package kubelet

import (
	"cmp"
	"os"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubemint/kubemint/kubelet/container"
)

// begun is the newest run of a container, for those who look at a pod beside its worker.
type begun struct {
	handle  container.Handle
	attempt int32
}

// publish lets others see a run that has begun.
func (k *Kubelet) publish(p *pod, name string, h container.Handle, attempt int32) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if p.runs == nil {
		p.runs = map[string]begun{}
	}
	p.runs[name] = begun{h, attempt}
}

// Found is a container of one of the node's pods.
type Found struct {
	Pod     *corev1.Pod      // newest seen; shared, never changed
	Handle  container.Handle // the present run or the last; nil: it has never run
	Attempt int32            // which run that is, from 0
	logs    string
	kubelet *Kubelet
}

// Find looks for a container by the names of its pod and itself. pod is false if the node has no such
// pod. Whether the pod has such a container, its object tells.
func (k *Kubelet) Find(namespace, name, container string) (f Found, pod bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, p := range k.pods {
		if p.namespace == namespace && p.name == name && !p.gone {
			r := p.runs[container]
			return Found{
				Pod: p.object, Handle: r.handle, Attempt: r.attempt,
				logs: podDir(p.uid) + "/containers/" + container + "/logs", kubelet: k,
			}, true
		}
	}
	return Found{}, false
}

// OpenLog opens what a run has printed; older asks for the part that was put aside when the log became
// too long. A run that printed nothing has no file: fs.ErrNotExist.
func (f Found) OpenLog(attempt int32, older bool) (*os.File, error) {
	name := f.logs + "/" + logName(attempt)
	if older {
		name += ".1"
	}
	return f.kubelet.root.Open(name)
}

// Pods are those of the node as it last saw them, in the order of their names. They are shared and never
// changed.
func (k *Kubelet) Pods() []*corev1.Pod {
	k.mu.Lock()
	defer k.mu.Unlock()
	out := make([]*corev1.Pod, 0, len(k.pods))
	for _, p := range k.pods {
		if !p.gone {
			out = append(out, p.object)
		}
	}
	slices.SortFunc(out, func(a, b *corev1.Pod) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name), cmp.Compare(a.UID, b.UID))
	})
	return out
}
