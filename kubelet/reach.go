package kubelet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubemint/kubemint/kubelet/network"
)

// ErrNoPod is DialPod's answer for a pod that the node does not run, or that has no address yet.
var ErrNoPod = errors.New("pod is not running")

// join gives the pod its end of the network once it has an address.
func (k *Kubelet) join(p *pod, object *corev1.Pod) {
	ip, err := netip.ParseAddr(p.ip)
	if p.end != nil || err != nil {
		return
	}
	hostname := object.Spec.Hostname
	if object.Spec.HostNetwork {
		hostname = k.cfg.NodeName
	}
	end := k.cfg.Network.Join(network.Pod{Namespace: p.namespace, Name: p.name, Hostname: hostname, Node: k.cfg.NodeName, IP: ip})
	k.mu.Lock()
	defer k.mu.Unlock()
	p.end = end
}

// leave takes a pod that has ended from the network.
func (k *Kubelet) leave(p *pod) {
	k.mu.Lock()
	end := p.end
	p.end = nil
	k.mu.Unlock()
	if end != nil {
		end.Leave()
	}
}

// leaveAll takes every pod from the network: the node is being switched off.
func (k *Kubelet) leaveAll() {
	k.mu.Lock()
	var all []*network.End
	for _, p := range k.pods {
		if p.end != nil {
			all = append(all, p.end)
			p.end = nil
		}
	}
	k.mu.Unlock()
	for _, end := range all {
		end.Leave()
	}
}

// DialPod connects to a TCP port of one of the node's pods, as from inside of it: also what listens on
// its loopback address answers. The caller closes the connection; it ends with the pod. The error wraps
// ErrNoPod, or syscall.ECONNREFUSED for a port that nobody listens on.
func (k *Kubelet) DialPod(ctx context.Context, namespace, name string, port uint16) (net.Conn, error) {
	k.mu.Lock()
	var end *network.End
	for _, p := range k.pods {
		if p.namespace == namespace && p.name == name && !p.gone {
			end = p.end
		}
	}
	k.mu.Unlock()
	if end == nil {
		return nil, fmt.Errorf("dial port %d of pod %s/%s: %w", port, namespace, name, ErrNoPod)
	}
	return end.Dial(ctx, netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port).String())
}
