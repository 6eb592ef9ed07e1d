package panel

import (
	"net/http"

	"github.com/go-chi/chi/v5"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubemint/kubemint/kubelet"
)

// podView is a pod as its node sees it, with who said no where it has no token.
type podView struct {
	kubelet.PodView
	NoToken string `json:"noToken"`
}

func (p *panel) pod(_ http.ResponseWriter, r *http.Request) (any, error) {
	if err := method(r, http.MethodGet); err != nil {
		return nil, err
	}
	namespace, name := chi.URLParam(r, "namespace"), chi.URLParam(r, "name")
	obj, err := p.Server.Registry().Core("pods").Typed(namespace, name)
	if err != nil {
		return nil, err
	}
	pod := obj.(*corev1.Pod)
	node := p.Nodes.Named(pod.Spec.NodeName)
	if node == nil {
		return nil, apierrors.NewNotFound(schema.GroupResource{Group: "kubemint", Resource: "pod directories"}, namespace+"/"+name)
	}
	view, ok := node.PodView(namespace, name)
	if !ok {
		return nil, apierrors.NewNotFound(schema.GroupResource{Group: "kubemint", Resource: "pod directories"}, namespace+"/"+name)
	}
	return podView{PodView: view, NoToken: p.whoSaidNo(pod)}, nil
}

// whoSaidNo says why a pod has no token: its own word counts before the account's (ADM-6).
func (p *panel) whoSaidNo(pod *corev1.Pod) string {
	if no := pod.Spec.AutomountServiceAccountToken; no != nil {
		if *no {
			return ""
		}
		return "pod"
	}
	obj, err := p.Server.Registry().Core("serviceaccounts").Typed(pod.Namespace, pod.Spec.ServiceAccountName)
	if err != nil {
		return ""
	}
	if no := obj.(*corev1.ServiceAccount).AutomountServiceAccountToken; no != nil && !*no {
		return "account"
	}
	return ""
}
