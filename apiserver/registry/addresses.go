package registry

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/kubemint/kubemint/apiserver/cache"
)

// The ranges of a real cluster's defaults. There are addresses of one family.
var serviceRange = netip.MustParsePrefix("10.96.0.0/12")

const nodePortFirst, nodePortLast = 30000, 32767

// addresses gives services their cluster IPs and node ports. What is in use it learns from the cache; what a write in work has been given
// is held until the write is over, by which time it is in use or free again.
type addresses struct {
	mu    sync.Mutex
	ips   map[string]int // in use and held, by how many
	ports map[int32]int
}

func newAddresses() *addresses {
	return &addresses{ips: map[string]int{}, ports: map[int32]int{}}
}

// claim is what one service uses.
type claim struct {
	ips   []string
	ports []int32
}

// claimOf lists what a stored service uses, each once.
func claimOf(s *corev1.Service) claim {
	var c claim
	for _, ip := range s.Spec.ClusterIPs {
		if ip != corev1.ClusterIPNone && ip != "" {
			c.ips = append(c.ips, ip)
		}
	}
	for _, p := range s.Spec.Ports {
		if p.NodePort != 0 && !slices.Contains(c.ports, p.NodePort) {
			c.ports = append(c.ports, p.NodePort)
		}
	}
	if n := s.Spec.HealthCheckNodePort; n != 0 {
		c.ports = append(c.ports, n)
	}
	return c
}

// observe follows the services that are stored.
func (a *addresses) observe(obj, prev *cache.Object) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.add(stored(obj), 1)
	a.add(stored(prev), -1)
}

func stored(o *cache.Object) claim {
	if o == nil {
		return claim{}
	}
	typed, err := o.Typed()
	if err != nil {
		return claim{}
	}
	s, ok := typed.(*corev1.Service)
	if !ok {
		return claim{}
	}
	return claimOf(s)
}

func (a *addresses) add(c claim, n int) {
	for _, ip := range c.ips {
		if a.ips[ip] += n; a.ips[ip] <= 0 {
			delete(a.ips, ip)
		}
	}
	for _, p := range c.ports {
		if a.ports[p] += n; a.ports[p] <= 0 {
			delete(a.ports, p)
		}
	}
}

// reserve fills in what a service wants and does not name, and refuses what it names and cannot have. old is nil for a new service.
// What it was given is held until release is called.
func (a *addresses) reserve(s, old *corev1.Service) (release func(), err error) {
	if err := completeFamilies(s, old); err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	r := &reservation{addresses: a, service: s}
	if old != nil {
		r.changes, r.before, r.placed = true, claimOf(old), len(old.Spec.ClusterIPs) > 0
	}
	if err := r.fill(); err != nil {
		a.add(r.held, -1)
		return nil, err
	}
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.add(r.held, -1)
	}, nil
}

// reservation is the work on one service.
type reservation struct {
	*addresses
	service *corev1.Service
	changes bool  // the service is not new
	before  claim // what it has already
	placed  bool  // it has an address, or is headless
	held    claim
}

func (r *reservation) fill() error {
	spec := &r.service.Spec
	if spec.Type != corev1.ServiceTypeExternalName && !slices.Contains(spec.ClusterIPs, corev1.ClusterIPNone) {
		if err := r.clusterIP(); err != nil {
			return err
		}
	}
	if wantsNodePorts(spec) {
		if err := r.nodePorts(); err != nil {
			return err
		}
	}
	if spec.Type == corev1.ServiceTypeLoadBalancer && spec.ExternalTrafficPolicy == corev1.ServiceExternalTrafficPolicyLocal {
		return r.healthPort()
	}
	return nil
}

func (r *reservation) clusterIP() error {
	spec := &r.service.Spec
	if len(spec.ClusterIPs) == 0 {
		ip, err := r.freeIP()
		if err != nil {
			return apierrors.NewInternalError(fmt.Errorf("failed to allocate a serviceIP for Service %q: %w", r.service.Name, err))
		}
		spec.ClusterIP, spec.ClusterIPs = ip, []string{ip}
		return nil
	}
	if r.placed {
		return nil // it keeps what it has: validation refuses any other
	}
	ip := spec.ClusterIPs[0]
	if err := r.takeIP(ip); err != nil {
		return r.invalid(field.NewPath("spec", "clusterIPs"), spec.ClusterIPs, fmt.Sprintf("failed to allocate IP %v: %v", ip, err))
	}
	return nil
}

// wantsNodePorts says that a service has ports on the nodes. A load balancer may do without new ones, but not without those it names.
func wantsNodePorts(s *corev1.ServiceSpec) bool {
	return s.Type == corev1.ServiceTypeNodePort || s.Type == corev1.ServiceTypeLoadBalancer
}

// nodePorts gives the same port of a service, under several protocols, one port of the nodes.
func (r *reservation) nodePorts() error {
	spec := &r.service.Spec
	free := spec.Type == corev1.ServiceTypeNodePort || spec.AllocateLoadBalancerNodePorts == nil || *spec.AllocateLoadBalancerNodePorts
	byPort := map[int32]int32{}
	for i := range spec.Ports {
		p := &spec.Ports[i]
		shared := byPort[p.Port]
		switch {
		case p.NodePort == 0 && shared != 0:
			p.NodePort = shared
		case p.NodePort == 0 && !free:
		case p.NodePort == 0:
			n, err := r.freePort()
			if err != nil {
				return apierrors.NewInternalError(fmt.Errorf("failed to allocate a nodePort: %w", err))
			}
			p.NodePort, byPort[p.Port] = n, n
		case p.NodePort != shared:
			if err := r.takePort(p.NodePort); err != nil {
				return r.invalid(field.NewPath("spec", "ports").Index(i).Child("nodePort"), p.NodePort, err.Error())
			}
			byPort[p.Port] = p.NodePort
		}
	}
	return nil
}

func (r *reservation) healthPort() error {
	n := &r.service.Spec.HealthCheckNodePort
	if *n == 0 {
		free, err := r.freePort()
		if err != nil {
			return apierrors.NewInternalError(fmt.Errorf("failed to allocate a HealthCheck NodePort %v: %w", free, err))
		}
		*n = free
		return nil
	}
	if err := r.takePort(*n); err != nil {
		return apierrors.NewInternalError(fmt.Errorf("failed to allocate requested HealthCheck NodePort %v: %w", *n, err))
	}
	return nil
}

func (r *reservation) invalid(at *field.Path, value any, why string) error {
	return invalidService(r.service, field.ErrorList{field.Invalid(at, value, why)})
}

func invalidService(s *corev1.Service, errs field.ErrorList) error {
	return apierrors.NewInvalid(schema.GroupKind{Kind: "Service"}, s.Name, errs)
}

var (
	errRangeFull = errors.New("range is full")
	errIPTaken   = errors.New("provided IP is already allocated")
	errOtherNet  = errors.New("the provided network does not match the current range")
	errPortTaken = errors.New("provided port is already allocated")
	errOtherPort = fmt.Errorf("provided port is not in the valid range. The range of valid ports is %d-%d", nodePortFirst, nodePortLast)
)

func (r *reservation) takeIP(ip string) error {
	if slices.Contains(r.before.ips, ip) {
		return nil
	}
	a, err := netip.ParseAddr(ip)
	switch {
	case err != nil || !serviceRange.Contains(a):
		return errOtherNet
	case r.ips[ip] > 0:
		return errIPTaken
	}
	r.holdIP(ip)
	return nil
}

func (r *reservation) holdIP(ip string) {
	r.held.ips = append(r.held.ips, ip)
	r.ips[ip]++
}

func (r *reservation) takePort(n int32) error {
	switch {
	case slices.Contains(r.before.ports, n), r.changes && slices.Contains(r.held.ports, n):
		return nil
	case n < nodePortFirst || n > nodePortLast:
		return errOtherPort
	case r.ports[n] > 0:
		return errPortTaken
	}
	r.holdPort(n)
	return nil
}

func (r *reservation) holdPort(n int32) {
	r.held.ports = append(r.held.ports, n)
	r.ports[n]++
}

func (r *reservation) freeIP() (string, error) {
	base := serviceRange.Addr().As4()
	size := 1 << (32 - serviceRange.Bits())
	for range 1000 {
		n := rand.IntN(size-512) + 256 // the lowest are for those that ask for one by name, as a real allocator has it
		b := base
		b[1] += byte(n >> 16)
		b[2], b[3] = byte(n>>8), byte(n)
		ip := netip.AddrFrom4(b).String()
		if r.ips[ip] == 0 {
			r.holdIP(ip)
			return ip, nil
		}
	}
	return "", errRangeFull
}

func (r *reservation) freePort() (int32, error) {
	const size = nodePortLast - nodePortFirst + 1
	first := rand.Int32N(size)
	for i := range int32(size) {
		if n := nodePortFirst + (first+i)%size; r.ports[n] == 0 {
			r.holdPort(n)
			return n, nil
		}
	}
	return 0, errRangeFull
}
