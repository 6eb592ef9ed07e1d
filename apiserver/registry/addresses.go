package registry

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubemint/kubemint/apiserver/cache"
)

// The ranges of a real cluster's defaults.
var serviceRange = netip.MustParsePrefix("10.96.0.0/12")

const nodePortFirst, nodePortLast = 30000, 32767

// addresses gives services their cluster IPs and node ports. What is in use it learns from the cache; what it gave out and was then
// refused stays out of use until the next start, which a range of a million addresses can bear.
type addresses struct {
	mu    sync.Mutex
	ips   map[string]bool
	ports map[int32]bool
}

func newAddresses() *addresses {
	return &addresses{ips: map[string]bool{}, ports: map[int32]bool{}}
}

// observe follows the services that are stored.
func (a *addresses) observe(obj, prev *cache.Object) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.set(prev, false)
	a.set(obj, true)
}

func (a *addresses) set(o *cache.Object, used bool) {
	if o == nil {
		return
	}
	typed, err := o.Typed()
	if err != nil {
		return
	}
	s, ok := typed.(*corev1.Service)
	if !ok {
		return
	}
	mark := func(ip string) {
		if used {
			a.ips[ip] = true
		} else {
			delete(a.ips, ip)
		}
	}
	for _, ip := range s.Spec.ClusterIPs {
		mark(ip)
	}
	for _, p := range s.Spec.Ports {
		if p.NodePort == 0 {
			continue
		}
		if used {
			a.ports[p.NodePort] = true
		} else {
			delete(a.ports, p.NodePort)
		}
	}
}

// assign fills in what a service wants and does not name.
func (a *addresses) assign(s *corev1.Service) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s.Spec.Type == corev1.ServiceTypeExternalName {
		return nil
	}
	if s.Spec.ClusterIP == "" && len(s.Spec.ClusterIPs) == 0 {
		ip, err := a.freeIP()
		if err != nil {
			return err
		}
		s.Spec.ClusterIP = ip
	}
	if len(s.Spec.ClusterIPs) == 0 {
		s.Spec.ClusterIPs = []string{s.Spec.ClusterIP}
	}
	if s.Spec.ClusterIP == "" {
		s.Spec.ClusterIP = s.Spec.ClusterIPs[0]
	}
	if len(s.Spec.IPFamilies) == 0 {
		s.Spec.IPFamilies = []corev1.IPFamily{corev1.IPv4Protocol}
	}
	if s.Spec.IPFamilyPolicy == nil {
		single := corev1.IPFamilyPolicySingleStack
		s.Spec.IPFamilyPolicy = &single
	}
	if s.Spec.Type != corev1.ServiceTypeNodePort && s.Spec.Type != corev1.ServiceTypeLoadBalancer {
		return nil
	}
	for i := range s.Spec.Ports {
		if p := &s.Spec.Ports[i]; p.NodePort == 0 {
			n, err := a.freePort()
			if err != nil {
				return err
			}
			p.NodePort = n
		}
	}
	return nil
}

func (a *addresses) freeIP() (string, error) {
	base := serviceRange.Addr().As4()
	size := 1 << (32 - serviceRange.Bits())
	for range 1000 {
		n := rand.IntN(size-512) + 256 // the lowest are for those that ask for one by name, as a real allocator has it
		b := base
		b[1] += byte(n >> 16)
		b[2], b[3] = byte(n>>8), byte(n)
		ip := netip.AddrFrom4(b).String()
		if !a.ips[ip] {
			a.ips[ip] = true
			return ip, nil
		}
	}
	return "", fmt.Errorf("range is full")
}

func (a *addresses) freePort() (int32, error) {
	for range 10000 {
		n := int32(nodePortFirst + rand.IntN(nodePortLast-nodePortFirst+1))
		if !a.ports[n] {
			a.ports[n] = true
			return n, nil
		}
	}
	return 0, fmt.Errorf("range is full")
}
