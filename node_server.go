package kubemint

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"k8s.io/client-go/kubernetes"

	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/internal/client"
	"github.com/kubemint/kubemint/kubelet"
	"github.com/kubemint/kubemint/kubelet/server"
)

// nodeTLS is how the API server shows itself to nodes.
func (c *Cluster) nodeTLS() (*tls.Config, error) {
	cert, key, err := c.certificate("kube-apiserver-kubelet-client", request.Masters)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: c.ca.Pool(), Certificates: []tls.Certificate{pair}}, nil
}

// nodeServer prepares what a node serves; serve does so until ctx ends, and closes what is left open then.
func (c *Cluster) nodeServer(k *kubelet.Kubelet, own kubernetes.Interface, name string) (serve func(context.Context, *client.Listener) error, err error) {
	cert, err := c.ca.Serving([]string{name}, time.Now()) // wall time: TLS is judged by it
	if err != nil {
		return nil, fmt.Errorf("certificate of node %s: %w", name, err)
	}
	return func(ctx context.Context, ln *client.Listener) error {
		srv := &http.Server{
			Handler:           server.New(server.Config{Node: k, DialPod: k.DialPod, Clock: c.clock, ClientCA: c.ca.Pool(), Client: own}),
			TLSConfig:         &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequestClientCert},
			ReadHeaderTimeout: 32 * time.Second, ErrorLog: quietLog(c.cfg.Log),
			BaseContext: func(net.Listener) context.Context { return ctx },
		}
		defer context.AfterFunc(ctx, func() {
			_ = srv.Close()
			_ = ln.Close() // with the connections that were taken over
		})()
		if err := srv.ServeTLS(ln, "", ""); !errors.Is(err, http.ErrServerClosed) && ctx.Err() == nil {
			return err
		}
		return nil
	}, nil
}
