package kubelet

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubemint/kubemint/kubelet/container"
)

// maxProbeAnswer bounds what is read of a probe's answer, as a real kubelet does.
const maxProbeAnswer = 10 << 10

// check runs one probe. What goes over the network is asked by the node itself, of the pod's address. Only
// a container that idles, because nobody knows what its image does, is believed to be well.
func (k *Kubelet) check(p *pod, c *corev1.Container, r *run, spec *corev1.Probe) (ok bool, output string) {
	asked := probeOf(spec, c)
	asked.Until = p.leaving
	n, networked := r.handle.(container.Networked)
	if asked.Exec != nil || !networked || !n.Networked() {
		return r.handle.Probe(asked)
	}
	if _, over := r.handle.Exit(); over || p.end == nil {
		return false, ""
	}
	// Wall time: it bounds the work of this computer.
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(max(spec.TimeoutSeconds, 1))*time.Second)
	defer cancel()
	switch {
	case asked.HTTP != nil:
		return k.get(ctx, p, spec.HTTPGet, asked.HTTP)
	case asked.GRPC != 0:
		// No program here speaks gRPC.
		return false, fmt.Sprintf("timeout: failed to connect service %q within %ds: context deadline exceeded",
			net.JoinHostPort(p.ip, strconv.Itoa(asked.GRPC)), max(spec.TimeoutSeconds, 1))
	}
	conn, err := k.dialPort(ctx, p, asked.Port)
	if err != nil {
		return false, err.Error()
	}
	_ = conn.Close()
	return true, ""
}

// dialPort connects to a port of a pod from its node.
func (k *Kubelet) dialPort(ctx context.Context, p *pod, port int) (net.Conn, error) {
	if port < 1 || port > 65535 {
		return nil, fmt.Errorf("invalid port number: %d", port)
	}
	return p.end.DialFrom(ctx, k.cfg.Address, uint16(port))
}

// get is an HTTP probe: it passes with an answer from 200 to 399.
func (k *Kubelet) get(ctx context.Context, p *pod, spec *corev1.HTTPGetAction, asked *container.HTTPProbe) (bool, string) {
	at, err := url.Parse(asked.Path)
	if err != nil {
		at = &url.URL{Path: asked.Path}
	}
	at.Scheme = strings.ToLower(cmp.Or(string(spec.Scheme), string(corev1.URISchemeHTTP)))
	at.Host = net.JoinHostPort(cmp.Or(spec.Host, p.ip), strconv.Itoa(asked.Port))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return false, err.Error()
	}
	for _, h := range spec.HTTPHeaders {
		req.Header.Add(h.Name, h.Value)
	}
	if req.Header.Get("User-Agent") == "" {
		minor := strings.TrimPrefix(k.cfg.Era.GitVersion(), "v")
		req.Header.Set("User-Agent", "kube-probe/"+strings.Join(strings.SplitN(minor, ".", 3)[:2], "."))
	}
	if req.Header.Get("Accept") == "" {
		req.Header.Set("Accept", "*/*")
	}
	req.Host = req.Header.Get("Host")
	transport := &http.Transport{
		DisableKeepAlives: true, DisableCompression: true,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // as a real kubelet: a probe asks for health, not for identity
		DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			to, err := netip.ParseAddrPort(address)
			switch {
			case err != nil:
				return nil, fmt.Errorf("dial tcp: lookup %s: no such host", strings.TrimSuffix(address, ":"+strconv.Itoa(asked.Port)))
			case to.Addr().String() != p.ip:
				return p.end.Dial(ctx, address)
			}
			return k.dialPort(ctx, p, int(to.Port()))
		},
	}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: func(next *http.Request, via []*http.Request) error {
		if next.URL.Hostname() != at.Hostname() || len(via) >= 10 {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	resp, err := client.Do(req)
	if errors.Is(err, context.DeadlineExceeded) {
		return false, fmt.Sprintf("Get %q: context deadline exceeded (Client.Timeout exceeded while awaiting headers)", at.String())
	}
	if err != nil {
		return false, err.Error()
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.CopyN(io.Discard, resp.Body, maxProbeAnswer) // health is in the code
	if resp.StatusCode < 200 || resp.StatusCode >= 400 {
		return false, fmt.Sprintf("HTTP probe failed with statuscode: %d", resp.StatusCode)
	}
	return true, ""
}
