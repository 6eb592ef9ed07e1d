package nodes

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/kubemint/kubemint/controller/work"
)

// podIndex is the index of the shared pod informer by node.
const podIndex = "spec.nodeName"

// podsByNode finds the pods of a node.
type podsByNode struct{ informer *work.Informer }

// indexPods adds the index to the shared informer, once.
func indexPods(e work.Env) *podsByNode {
	i := e.Pods()
	if _, ok := i.GetIndexer().GetIndexers()[podIndex]; !ok {
		// It cannot fail: the name is new, and informers do not run while loops are built.
		_ = i.AddIndexers(cache.Indexers{podIndex: func(obj any) ([]string, error) {
			if p, ok := obj.(*corev1.Pod); ok && p.Spec.NodeName != "" {
				return []string{p.Spec.NodeName}, nil
			}
			return nil, nil
		}})
	}
	return &podsByNode{i}
}

func (p *podsByNode) on(node string) []*corev1.Pod {
	all, err := p.informer.GetIndexer().ByIndex(podIndex, node)
	if err != nil {
		return nil
	}
	pods := make([]*corev1.Pod, 0, len(all))
	for _, obj := range all {
		pods = append(pods, obj.(*corev1.Pod))
	}
	return pods
}
