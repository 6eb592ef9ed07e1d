package network

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
)

// Pod says whose end of the network it is.
type Pod struct {
	Namespace, Name string
	Hostname        string // empty: the name
	Node            string
	IP              netip.Addr
}

// End is a pod's end of the network. Its containers share it.
type End struct {
	network *Network
	stack   *stack
	who     Pod
	once    sync.Once
}

// Join gives a pod its end. Pods with the same address share what listens there, as those of a node's
// own network do.
func (n *Network) Join(p Pod) *End {
	if p.Hostname == "" {
		p.Hostname = p.Name
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	s := n.stacks[p.IP]
	if s == nil {
		s = &stack{}
		if p.IP.IsValid() {
			n.stacks[p.IP] = s
		}
	}
	s.users++
	return &End{network: n, stack: s, who: p}
}

// Leave takes the pod from the network. When the last one with its address goes, every connection to and
// from it is closed.
func (e *End) Leave() {
	e.once.Do(func() {
		n := e.network
		n.mu.Lock()
		e.stack.users--
		last := e.stack.users == 0
		if last && n.stacks[e.who.IP] == e.stack {
			delete(n.stacks, e.who.IP)
		}
		n.mu.Unlock()
		if last {
			e.stack.closeAll()
		}
	})
}

// Pod is whose end it is.
func (e *End) Pod() Pod { return e.who }

// Listen has connections to a TCP port served, each in a goroutine of its own, until stop is called.
// Connections that are open then stay open. The error is syscall.EADDRINUSE if somebody listens there.
func (e *End) Listen(port uint16, serve Serve) (stop func(), err error) {
	return e.stack.listen(port, serve)
}

// Listens says whether somebody listens on a port of the pod.
func (e *End) Listens(port uint16) bool { return e.stack.listener(port) != nil }

// Dial connects to ADDRESS:PORT, where the address is numeric; what Resolve is for names. The error of a
// port that nobody listens on wraps syscall.ECONNREFUSED.
func (e *End) Dial(ctx context.Context, address string) (net.Conn, error) {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, fmt.Errorf("dial tcp %s: %w", address, err)
	}
	return e.network.dial(ctx, e, to)
}

// DialFrom connects to a port of the pod from outside of it, as its node does for probes.
func (e *End) DialFrom(ctx context.Context, node netip.Addr, port uint16) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	caller := &End{network: e.network, stack: &stack{}, who: Pod{IP: node, Node: e.who.Node}}
	return e.network.connect(caller, e.stack, netip.AddrPortFrom(e.who.IP, port))
}
