package network

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"

	"k8s.io/client-go/kubernetes"

	"github.com/kubemint/kubemint/internal/client"
)

// Domain is that of a cluster's names.
const Domain = "cluster.local"

// DNS is the address that pods ask names of. Nothing can be dialed there: Resolve is how they ask.
var DNS = netip.AddrFrom4([4]byte{10, 96, 0, 10})

// Config says where the network lies. All of it may be left out.
type Config struct {
	// Client reads Services and EndpointSlices, as system:kube-proxy. Nil: pods reach one another by
	// their addresses only.
	Client kubernetes.Interface
	// Server is the address of the Service "kubernetes", and Dial connects to the API server, as seen from
	// the node of that name. It is known without asking the API.
	Server netip.AddrPort
	Dial   func(ctx context.Context, node string) (net.Conn, error)
	Log    *slog.Logger // nil: slog.Default()
}

// Network is a cluster's network. Its methods may be called concurrently.
type Network struct {
	cfg   Config
	table *table

	mu     sync.Mutex
	stacks map[netip.Addr]*stack
	nodes  map[netip.Addr]int // how often each address was said to be a node's
	closed bool
	group  sync.WaitGroup // connections being served
}

// New returns a network without pods. It starts nothing.
func New(c Config) *Network {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return &Network{cfg: c, table: newTable(c), stacks: map[netip.Addr]*stack{}, nodes: map[netip.Addr]int{}}
}

// Run serves names and Services until ctx ends, then closes every connection and waits for those who
// serve them. Pods can talk before Run and after it, but reach no Service then.
func (n *Network) Run(ctx context.Context) error {
	n.table.run(ctx)
	n.mu.Lock()
	n.closed = true
	all := make([]*stack, 0, len(n.stacks))
	for _, s := range n.stacks {
		all = append(all, s)
	}
	n.mu.Unlock()
	for _, s := range all {
		s.closeAll()
	}
	n.group.Wait()
	return nil
}

// Synced tells how far a watch has come.
type Synced struct {
	Name            string
	ResourceVersion string
}

// Informers tells how far the network's watches have come; none has begun before the first need of a
// Service.
func (n *Network) Informers() []Synced { return n.table.synced() }

// AddNode says that an address is a node's: node ports are reached there.
func (n *Network) AddNode(ip netip.Addr) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.nodes[ip]++
}

// RemoveNode takes AddNode back.
func (n *Network) RemoveNode(ip netip.Addr) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.nodes[ip]--; n.nodes[ip] <= 0 {
		delete(n.nodes, ip)
	}
}

// refused is what dialing a port that nobody listens on comes to, in the words of the system.
func refused(to netip.AddrPort) error { return failed(to, syscall.ECONNREFUSED) }

func failed(to netip.AddrPort, why syscall.Errno) error {
	return &net.OpError{Op: "dial", Net: "tcp", Addr: net.TCPAddrFromAddrPort(to), Err: os.NewSyscallError("connect", why)}
}

// dial connects an end to an address.
func (n *Network) dial(ctx context.Context, from *End, to netip.AddrPort) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("dial tcp %s: %w", to, err)
	}
	ip := to.Addr().Unmap()
	to = netip.AddrPortFrom(ip, to.Port())
	switch {
	case n.cfg.Server.IsValid() && to == n.cfg.Server:
		if n.cfg.Dial == nil {
			return nil, refused(to)
		}
		return n.cfg.Dial(ctx, from.who.Node)
	case ip.IsLoopback() || ip.IsUnspecified():
		return n.connect(from, from.stack, to)
	}
	n.mu.Lock()
	s, node := n.stacks[ip], n.nodes[ip] > 0
	n.mu.Unlock()
	if s != nil {
		if c, err := n.connect(from, s, to); err == nil || !node {
			return c, err
		}
	}
	t, found, err := n.table.endpoint(ctx, to, node, from.who.IP)
	switch {
	case err != nil:
		return nil, fmt.Errorf("dial tcp %s: %w", to, err)
	case found && !t.IsValid(), node:
		if !found || !t.IsValid() {
			return nil, refused(to)
		}
	case !found && from.who.IP.Is4() && samePods(from.who.IP, ip):
		return nil, failed(to, syscall.EHOSTUNREACH) // an address that no pod has
	case !found:
		return nil, refused(to) // there is no world outside
	}
	n.mu.Lock()
	s = n.stacks[t.Addr()]
	n.mu.Unlock()
	if t == n.cfg.Server && n.cfg.Dial != nil {
		return n.cfg.Dial(ctx, from.who.Node)
	}
	if s == nil {
		return nil, failed(to, syscall.EHOSTUNREACH) // its pod has just gone
	}
	c, err := n.connect(from, s, t)
	if err != nil {
		return nil, refused(to) // the caller sees the Service's address alone
	}
	return c, nil
}

// samePods says whether two addresses are of one cluster's pods.
func samePods(a, b netip.Addr) bool {
	return b.Is4() && a.As4()[0] == b.As4()[0] && a.As4()[0] == 10 && b.As4()[1] >= 244
}

// connect makes a connection to a port of a stack and has it served.
func (n *Network) connect(from *End, s *stack, to netip.AddrPort) (net.Conn, error) {
	serve := s.listener(to.Port())
	if serve == nil {
		return nil, refused(to)
	}
	n.mu.Lock()
	if n.closed {
		n.mu.Unlock()
		return nil, refused(to)
	}
	n.group.Add(1)
	n.mu.Unlock()
	near, far := client.Pipe(net.TCPAddrFromAddrPort(from.local()), net.TCPAddrFromAddrPort(to))
	from.stack.keep(near)
	s.keep(far)
	go func() {
		defer n.group.Done()
		defer s.drop(far)
		defer func() { _ = far.Close() }()
		serve(far)
	}()
	return &conn{Conn: near, stack: from.stack}, nil
}
