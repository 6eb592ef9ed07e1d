package network

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// Answer is what a name stands for.
type Answer struct {
	Name      string // in full; of an alias, what it stands for
	Addresses []netip.Addr
}

// maxAliases bounds a chain of Services of type ExternalName.
const maxAliases = 8

// ndots is how many dots a name must have to be looked up as it is first (resolv.conf of a pod).
const ndots = 5

// Resolve looks a name up as a pod's programs do: in /etc/hosts, and then in the cluster's DNS, with the
// pod's search list unless the name ends in a dot. ok is false for a name that does not exist. An address
// stands for itself.
func (e *End) Resolve(ctx context.Context, name string) (a Answer, ok bool, err error) {
	if ip, err := netip.ParseAddr(name); err == nil {
		return Answer{Name: name, Addresses: []netip.Addr{ip}}, true, nil
	}
	switch name {
	case "localhost":
		return Answer{Name: name, Addresses: []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}}, true, nil
	case e.who.Hostname:
		if e.who.IP.IsValid() {
			return Answer{Name: name, Addresses: []netip.Addr{e.who.IP}}, true, nil
		}
	}
	return e.Lookup(ctx, name)
}

// Lookup is Resolve without /etc/hosts, as nslookup asks.
func (e *End) Lookup(ctx context.Context, name string) (a Answer, ok bool, err error) {
	for _, full := range e.candidates(name) {
		if a, ok, err = e.network.lookup(ctx, full); ok || err != nil {
			return a, ok, err
		}
	}
	return Answer{}, false, nil
}

// Search is the list of domains that the pod's names are tried in.
func (e *End) Search() []string {
	return []string{e.who.Namespace + ".svc." + Domain, "svc." + Domain, Domain}
}

// candidates are the full names that a name may mean, in the order they are tried.
func (e *End) candidates(name string) []string {
	name = strings.ToLower(name)
	if full, absolute := strings.CutSuffix(name, "."); absolute {
		return []string{full}
	}
	var out []string
	for _, domain := range e.Search() {
		out = append(out, name+"."+domain)
	}
	if strings.Count(name, ".") >= ndots {
		return append([]string{name}, out...)
	}
	return append(out, name)
}

// lookup is the cluster's DNS.
func (n *Network) lookup(ctx context.Context, full string) (Answer, bool, error) {
	for range maxAliases {
		rest, ours := strings.CutSuffix(full, "."+Domain)
		if !ours {
			return Answer{}, false, nil // there is no world outside
		}
		labels := strings.Split(rest, ".")
		switch kind := labels[len(labels)-1]; {
		case kind == "pod" && len(labels) == 3:
			ip, err := netip.ParseAddr(strings.ReplaceAll(labels[0], "-", "."))
			return Answer{Name: full, Addresses: []netip.Addr{ip}}, err == nil, nil
		case kind != "svc" || len(labels) < 3 || len(labels) > 4:
			return Answer{}, false, nil
		case rest == "kubernetes.default.svc" && n.cfg.Server.IsValid():
			return Answer{Name: full, Addresses: []netip.Addr{n.cfg.Server.Addr()}}, true, nil
		}
		ok, err := n.table.await(ctx)
		if !ok {
			return Answer{}, false, err
		}
		name, namespace, host := labels[len(labels)-3], labels[len(labels)-2], ""
		if len(labels) == 4 {
			host = labels[0]
		}
		obj, exists, err := n.table.services.GetByKey(namespace + "/" + name)
		if err != nil || !exists {
			return Answer{}, false, err
		}
		s := obj.(*corev1.Service)
		switch {
		case s.Spec.Type == corev1.ServiceTypeExternalName && host == "":
			full = strings.TrimSuffix(strings.ToLower(s.Spec.ExternalName), ".")
			continue
		case s.Spec.ClusterIP != "" && s.Spec.ClusterIP != corev1.ClusterIPNone && host == "":
			ip, err := netip.ParseAddr(s.Spec.ClusterIP)
			return Answer{Name: full, Addresses: []netip.Addr{ip}}, err == nil, nil
		}
		found := n.table.pods(namespace, name, host)
		return Answer{Name: full, Addresses: found}, len(found) > 0, nil
	}
	return Answer{}, false, nil
}

// pods are the addresses of the pods behind a Service, or of the one with this host name.
func (t *table) pods(namespace, name, host string) []netip.Addr {
	var out []netip.Addr
	for _, slice := range t.slicesOf(namespace, name) {
		for _, e := range slice.Endpoints {
			ip, err := netip.ParseAddr(first(e.Addresses))
			if err != nil || !value(e.Conditions.Ready, true) {
				continue
			}
			if host == "" || host == value(e.Hostname, strings.ReplaceAll(ip.String(), ".", "-")) {
				out = append(out, ip)
			}
		}
	}
	slices.SortFunc(out, netip.Addr.Compare)
	return slices.Compact(out)
}
