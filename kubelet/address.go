package kubelet

import (
	"net/netip"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// maxPods bounds a node's default capacity for pods.
const maxPods = 250

// addresses gives the pods of a node theirs: 10.244.N.2 and up; .1 is the node's own end.
type addresses struct {
	mu    sync.Mutex
	cidr  netip.Prefix
	first netip.Addr
	next  netip.Addr
	used  map[netip.Addr]struct{}
}

func newAddresses(cidr netip.Prefix) *addresses {
	first := cidr.Masked().Addr().Next().Next()
	return &addresses{cidr: cidr, first: first, next: first, used: map[netip.Addr]struct{}{}}
}

// take gives the next free address, walking round so that one just freed is not given out at once.
// It is empty when there is none left.
func (a *addresses) take() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	for range size(a.cidr) {
		if last := !a.cidr.Contains(a.next.Next()); last { // the broadcast address is no pod's
			a.next = a.first
		}
		ip := a.next
		a.next = ip.Next()
		if _, taken := a.used[ip]; !taken {
			a.used[ip] = struct{}{}
			return ip.String()
		}
	}
	return ""
}

// keep notes that a pod found at the start has this address, and reports whether it may.
func (a *addresses) keep(s string) bool {
	ip, err := netip.ParseAddr(s)
	if err != nil || !a.cidr.Contains(ip) {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, taken := a.used[ip]; taken {
		return false
	}
	a.used[ip] = struct{}{}
	return true
}

func (a *addresses) free(s string) {
	if ip, err := netip.ParseAddr(s); err == nil {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.used, ip)
	}
}

// size is how many pods a prefix has addresses for, at most 65,533.
func size(cidr netip.Prefix) int {
	return 1<<min(cidr.Addr().BitLen()-cidr.Bits(), 16) - 3
}

func defaultCapacity(cidr netip.Prefix) corev1.ResourceList {
	return corev1.ResourceList{
		corev1.ResourceCPU:              resource.MustParse("16"),
		corev1.ResourceMemory:           resource.MustParse("32Gi"),
		corev1.ResourceEphemeralStorage: resource.MustParse("100Gi"),
		corev1.ResourcePods:             *resource.NewQuantity(int64(min(size(cidr), maxPods)), resource.DecimalSI),
	}
}
