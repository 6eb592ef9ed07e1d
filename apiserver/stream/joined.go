package stream

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// preferred is which of a node's addresses is taken first, as kubeadm has it set for a real server.
func preferred() []corev1.NodeAddressType {
	return []corev1.NodeAddressType{corev1.NodeInternalIP, corev1.NodeExternalIP, corev1.NodeHostName}
}

// dialTimeout, in wall time, is a real server's.
const dialTimeout = 30 * time.Second

// dialJoined connects to a node that has joined from another process, where its object says that it serves. Its certificate has to be of
// the cluster's authority and for its name, as every node's (the signer kubernetes.io/kubelet-serving gives it one).
func (s *Streams) dialJoined(ctx context.Context, name string) (net.Conn, error) {
	node, err := s.cfg.Node(name)
	if err != nil {
		return nil, err
	}
	for _, kind := range preferred() {
		for _, a := range node.Status.Addresses {
			if a.Type == kind {
				d := net.Dialer{Timeout: dialTimeout}
				return d.DialContext(ctx, "tcp", net.JoinHostPort(a.Address, portOf(node)))
			}
		}
	}
	return nil, fmt.Errorf("dial tcp: lookup %s: no such host", name)
}

// portOf is where a node serves.
func portOf(node *corev1.Node) string {
	if port := node.Status.DaemonEndpoints.KubeletEndpoint.Port; port > 0 {
		return strconv.Itoa(int(port))
	}
	return kubeletPort
}
