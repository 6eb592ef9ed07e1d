package apiserver

import (
	"net/http"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubemint/kubemint/apiserver/rest"
	"github.com/kubemint/kubemint/apiserver/stream"
)

// streams are the subresources that lead to a node or into a pod.
func (s *Server) streams(c Config) map[string]http.Handler {
	now := plural{live{s.registry}}
	return stream.New(stream.Config{
		Dial: c.DialNode, TLS: c.NodeTLS, DialPod: c.DialPod, Pod: now.Pod, Node: now.Node,
		Service: func(namespace, name string) (*corev1.Service, error) {
			o, err := one[*corev1.Service](s.registry.Core("services"), namespace, name)
			return o, pluralized(err, "services", name)
		},
		Endpoints: func(namespace, service string) (*corev1.Endpoints, error) {
			return one[*corev1.Endpoints](s.registry.Core("endpoints"), namespace, service)
		},
		Permit: s.permit, GetSuffices: c.Era.GetOpensStreams(), Fail: rest.Error,
	}).Connectors()
}
