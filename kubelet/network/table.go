package network

import (
	"context"
	"hash/maphash"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"sync"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
)

// table knows the Services and who stands behind them.
type table struct {
	seed             maphash.Seed
	services, slices *feed         // nil without a client
	listed, need     chan struct{} // closed when somebody first asks for the Services, and for who stands behind them
	first, once      sync.Once     // close them
}

func newTable(c Config) *table {
	t := &table{seed: maphash.MakeSeed(), listed: make(chan struct{}), need: make(chan struct{})}
	if c.Client != nil {
		t.services, t.slices = newServiceFeed(c.Client), newSliceFeed(c.Client)
	}
	return t
}

// run waits for the first need and watches from then on, until ctx ends. A cluster whose pods do not
// talk to one another pays for no watch.
func (t *table) run(ctx context.Context) {
	if t.services == nil {
		<-ctx.Done()
		return
	}
	var group sync.WaitGroup
	watch := func(f *feed, asked <-chan struct{}) {
		select {
		case <-asked:
			f.reflector.RunWithContext(ctx)
		case <-ctx.Done():
		}
	}
	group.Go(func() { watch(t.services, t.listed) })
	group.Go(func() { watch(t.slices, t.need) })
	group.Wait()
}

func (t *table) synced() []Synced {
	if t.services == nil {
		return nil
	}
	var out []Synced
	for f, asked := range map[*feed]chan struct{}{t.services: t.listed, t.slices: t.need} {
		select {
		case <-asked:
			out = append(out, Synced{Name: f.name, ResourceVersion: f.reflector.LastSyncResourceVersion()})
		default:
		}
	}
	return out
}

// awaitServices has the watch of the Services begin and waits for its first list.
func (t *table) awaitServices(ctx context.Context) error {
	t.first.Do(func() { close(t.listed) })
	select {
	case <-t.services.listed:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// await has the watches begin and waits for their first lists. ok is false if there is nobody to ask.
func (t *table) await(ctx context.Context) (ok bool, err error) {
	if t.services == nil {
		return false, nil
	}
	t.once.Do(func() { close(t.need) })
	if err := t.awaitServices(ctx); err != nil {
		return false, err
	}
	select {
	case <-t.slices.listed:
		return true, nil
	case <-ctx.Done():
		return false, context.Cause(ctx)
	}
}

// addressesOf lists where a Service is reached: ADDRESS:PORT, and :PORT for a port of every node.
func addressesOf(s *corev1.Service) []string {
	ips := slices.Clone(s.Spec.ExternalIPs)
	if s.Spec.ClusterIP != "" && s.Spec.ClusterIP != corev1.ClusterIPNone {
		ips = append(ips, s.Spec.ClusterIP)
	}
	for _, i := range s.Status.LoadBalancer.Ingress {
		if i.IP != "" {
			ips = append(ips, i.IP)
		}
	}
	out := slices.Clone(ips)
	for _, p := range s.Spec.Ports {
		if p.Protocol != "" && p.Protocol != corev1.ProtocolTCP {
			continue
		}
		for _, ip := range ips {
			out = append(out, ip+":"+strconv.Itoa(int(p.Port)))
		}
		if p.NodePort != 0 {
			out = append(out, ":"+strconv.Itoa(int(p.NodePort)))
		}
	}
	return out
}

// endpoint finds who answers for a Service's address, or for a port of a node. found says whether
// there is such a Service at all; target is not valid if nobody is ready, or the Service has no such port.
func (t *table) endpoint(ctx context.Context, to netip.AddrPort, node bool, from netip.Addr) (target netip.AddrPort, found bool, err error) {
	ok, err := t.await(ctx)
	if !ok {
		return netip.AddrPort{}, false, err
	}
	key := to.String()
	if node {
		key = ":" + strconv.Itoa(int(to.Port()))
	}
	list, err := t.services.ByIndex(byAddress, key)
	if err != nil {
		return netip.AddrPort{}, false, err
	}
	if len(list) == 0 {
		other, err := t.services.ByIndex(byAddress, to.Addr().String())
		return netip.AddrPort{}, len(other) > 0, err
	}
	s := list[0].(*corev1.Service)
	for _, p := range s.Spec.Ports {
		if (p.Protocol == "" || p.Protocol == corev1.ProtocolTCP) && (!node && p.Port == int32(to.Port()) || node && p.NodePort == int32(to.Port())) {
			return t.choose(s, p.Name, from), true, nil
		}
	}
	return netip.AddrPort{}, true, nil
}

// choose takes one of the endpoints that are ready; if none is, one of those that still serve while
// they end.
func (t *table) choose(s *corev1.Service, port string, from netip.Addr) netip.AddrPort {
	var ready, ending []netip.AddrPort
	for _, slice := range t.slicesOf(s.Namespace, s.Name) {
		for _, p := range slice.Ports {
			if p.Port == nil || value(p.Name, "") != port || value(p.Protocol, corev1.ProtocolTCP) != corev1.ProtocolTCP {
				continue
			}
			for _, e := range slice.Endpoints {
				ip, err := netip.ParseAddr(first(e.Addresses))
				if err != nil {
					continue
				}
				at := netip.AddrPortFrom(ip, uint16(*p.Port))
				switch {
				case value(e.Conditions.Ready, true):
					ready = append(ready, at)
				case value(e.Conditions.Serving, false):
					ending = append(ending, at)
				}
			}
		}
	}
	if len(ready) == 0 {
		ready = ending
	}
	if len(ready) == 0 {
		return netip.AddrPort{}
	}
	if s.Spec.SessionAffinity == corev1.ServiceAffinityClientIP {
		slices.SortFunc(ready, netip.AddrPort.Compare)
		return ready[maphash.Comparable(t.seed, from)%uint64(len(ready))]
	}
	return ready[rand.IntN(len(ready))]
}

func (t *table) slicesOf(namespace, name string) []*discoveryv1.EndpointSlice {
	list, err := t.slices.ByIndex(byService, namespace+"/"+name)
	if err != nil {
		return nil // there is such an index
	}
	out := make([]*discoveryv1.EndpointSlice, 0, len(list))
	for _, obj := range list {
		if s := obj.(*discoveryv1.EndpointSlice); s.AddressType == discoveryv1.AddressTypeIPv4 {
			out = append(out, s)
		}
	}
	return out
}

func value[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}
