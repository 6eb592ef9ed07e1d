package network

import (
	"cmp"
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// Services lists those with an address of the cluster's, by namespace and name. They are shared: nobody changes them. It waits for the
// first list; without a client there is none.
func (n *Network) Services(ctx context.Context) ([]*corev1.Service, error) {
	if n.table.services == nil {
		return nil, nil
	}
	if err := n.table.awaitServices(ctx); err != nil {
		return nil, err
	}
	var out []*corev1.Service
	for _, obj := range n.table.services.List() {
		if s := obj.(*corev1.Service); s.Spec.ClusterIP != "" && s.Spec.ClusterIP != corev1.ClusterIPNone {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b *corev1.Service) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return out, nil
}
