package stream

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/apimachinery/pkg/util/proxy"

	"github.com/kubemint/kubemint/apiserver/request"
)

func insecure() *tls.Config { return &tls.Config{InsecureSkipVerify: true} }

// dialPod connects to an address of the pods' network, and to nothing else.
func (s *Streams) dialPod(ctx context.Context, _, address string) (net.Conn, error) {
	if s.cfg.DialPod != nil {
		return s.cfg.DialPod(ctx, address)
	}
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, err
	}
	return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: net.TCPAddrFromAddrPort(to), Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
}

// podProxy sends a request to what listens in a pod: NAME, NAME:PORT or SCHEME:NAME:PORT.
func (s *Streams) podProxy(w http.ResponseWriter, r *http.Request) {
	to, err := s.podAddress(request.InfoFrom(r.Context()))
	if err != nil {
		s.cfg.Fail(w, r, err)
		return
	}
	s.reach(w, r, to)
}

func (s *Streams) podAddress(info *request.Info) (*url.URL, error) {
	scheme, name, port, ok := utilnet.SplitSchemeNamePort(info.Name)
	if !ok {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("invalid pod request %q", info.Name))
	}
	pod, err := s.cfg.Pod(info.Namespace, name)
	if err != nil {
		return nil, err
	}
	for i := 0; port == "" && i < len(pod.Spec.Containers); i++ {
		if ports := pod.Spec.Containers[i].Ports; len(ports) > 0 {
			port = strconv.Itoa(int(ports[0].ContainerPort))
		}
	}
	if ip, err := netip.ParseAddr(pod.Status.PodIP); err != nil || !ip.IsGlobalUnicast() {
		return nil, apierrors.NewBadRequest("address not allowed")
	}
	to := &url.URL{Scheme: scheme, Host: pod.Status.PodIP}
	if port != "" {
		to.Host = net.JoinHostPort(pod.Status.PodIP, port)
	}
	return to, nil
}

// serviceProxy sends a request to one of the endpoints of a service.
func (s *Streams) serviceProxy(w http.ResponseWriter, r *http.Request) {
	to, err := s.serviceAddress(request.InfoFrom(r.Context()))
	if err != nil {
		s.cfg.Fail(w, r, err)
		return
	}
	s.reach(w, r, to)
}

func (s *Streams) serviceAddress(info *request.Info) (*url.URL, error) {
	scheme, name, port, ok := utilnet.SplitSchemeNamePort(info.Name)
	if !ok {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("invalid service request %q", info.Name))
	}
	service, err := s.cfg.Service(info.Namespace, name)
	if err != nil {
		return nil, err
	}
	if number, err := strconv.Atoi(port); err == nil { // endpoints know a service's ports by name
		found := false
		for _, p := range service.Spec.Ports {
			if int(p.Port) == number {
				port, found = p.Name, true
				break
			}
		}
		if !found {
			return nil, apierrors.NewServiceUnavailable(fmt.Sprintf("no service port %d found for service %q", number, name))
		}
	}
	endpoints, err := s.cfg.Endpoints(info.Namespace, name)
	if err != nil && !apierrors.IsNotFound(err) {
		return nil, err
	}
	var ways []string
	if err == nil {
		for _, set := range endpoints.Subsets {
			for _, p := range set.Ports {
				if p.Name != port && (port != "" || len(set.Ports) != 1) {
					continue
				}
				for _, a := range set.Addresses {
					ways = append(ways, net.JoinHostPort(a.IP, strconv.Itoa(int(p.Port))))
				}
			}
		}
	}
	if len(ways) == 0 {
		return nil, apierrors.NewServiceUnavailable(fmt.Sprintf("no endpoints available for service %q", info.Name))
	}
	way := ways[rand.IntN(len(ways))]
	if ip, err := netip.ParseAddrPort(way); err != nil || !ip.Addr().IsGlobalUnicast() {
		return nil, apierrors.NewBadRequest("address not allowed")
	}
	return &url.URL{Scheme: scheme, Host: way}, nil
}

// reach hands a request on into the pods' network. Links and redirects in the answer are made to lead
// through the server again.
func (s *Streams) reach(w http.ResponseWriter, r *http.Request, to *url.URL) {
	if to.Scheme == "" {
		to.Scheme = "http"
	}
	to.Path = rest(r)
	s.forget(r)
	handler := proxy.NewUpgradeAwareHandler(to, s.pods, true, false, s)
	handler.ServeHTTP(w, r)
}

// Error answers for a backend that could not be reached.
func (s *Streams) Error(w http.ResponseWriter, r *http.Request, err error) {
	if status := apierrors.APIStatus(nil); errors.As(err, &status) {
		s.cfg.Fail(w, r, err)
		return
	}
	s.cfg.Fail(w, r, apierrors.NewServiceUnavailable("error trying to reach service: "+err.Error()))
}

// nodeProxy sends a request to what a node serves (API-1).
func (s *Streams) nodeProxy(w http.ResponseWriter, r *http.Request) {
	info := request.InfoFrom(r.Context())
	_, name, port, ok := utilnet.SplitSchemeNamePort(info.Name)
	if !ok {
		s.cfg.Fail(w, r, apierrors.NewBadRequest(fmt.Sprintf("invalid node request %q", info.Name)))
		return
	}
	node, err := s.cfg.Node(name)
	if err != nil {
		s.cfg.Fail(w, r, err)
		return
	}
	if port != "" && port != portOf(node) {
		s.Error(w, r, fmt.Errorf("dial tcp %s: connect: connection refused", net.JoinHostPort(addressOf(node), port)))
		return
	}
	path := rest(r)
	if path == "" && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		http.Redirect(w, r, r.URL.Path+"/", http.StatusMovedPermanently)
		return
	}
	s.forget(r)
	to := &url.URL{Scheme: "https", Host: net.JoinHostPort(name, kubeletPort), Path: path, RawQuery: r.URL.RawQuery}
	ctx := context.WithValue(context.WithValue(r.Context(), targetKey{}, to), verbatimKey{}, true)
	s.proxy.ServeHTTP(w, r.WithContext(ctx))
}

func addressOf(node *corev1.Node) string {
	for _, a := range node.Status.Addresses {
		if a.Type == corev1.NodeInternalIP {
			return a.Address
		}
	}
	return node.Name
}

// rest is what a path has after ".../proxy".
func rest(r *http.Request) string {
	const word = "/proxy"
	info := request.InfoFrom(r.Context())
	at := strings.Index(r.URL.Path, "/"+info.Resource+"/"+info.Name+word)
	return r.URL.Path[at+len("/"+info.Resource+"/"+info.Name+word):]
}

// forget takes what proves the caller's identity out of a request.
func (s *Streams) forget(r *http.Request) {
	for name := range r.Header {
		if name == "Authorization" || name == "Cookie" || strings.HasPrefix(name, "Impersonate-") {
			r.Header.Del(name)
		}
	}
}
