package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"

	"k8s.io/client-go/rest"
)

// ServerName is the name that components ask the API server's certificate for.
const ServerName = "kubernetes"

// Transport returns an HTTP/2 transport over l that trusts caPEM alone and shows the client certificate certPEM with
// keyPEM, or none if both are empty. It is the caller's own: no other transport shares its connection.
func Transport(l Dialer, caPEM, certPEM, keyPEM []byte) (*http.Transport, error) {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(caPEM) {
		return nil, errors.New("client: no CA certificate in the given PEM")
	}
	t := &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: roots, ServerName: ServerName}
	if len(certPEM) > 0 || len(keyPEM) > 0 {
		pair, err := tls.X509KeyPair(certPEM, keyPEM)
		if err != nil {
			return nil, fmt.Errorf("client: certificate: %w", err)
		}
		t.Certificates = []tls.Certificate{pair}
	}
	return &http.Transport{
		DialContext:        func(ctx context.Context, _, _ string) (net.Conn, error) { return l.Dial(ctx) },
		TLSClientConfig:    t,
		ForceAttemptHTTP2:  true,
		DisableCompression: true, // within one process it only costs
	}, nil
}

// Config returns the client-go configuration of one identity: TLS and HTTP/2 over l with a client certificate, or
// anonymous without one. It fails only if a PEM block does.
func Config(l Dialer, caPEM, certPEM, keyPEM []byte) (*rest.Config, error) {
	t, err := Transport(l, caPEM, certPEM, keyPEM)
	if err != nil {
		return nil, err
	}
	return Over(t), nil
}

// Over returns a client-go configuration that sends everything through rt, without any limit of rate.
func Over(rt http.RoundTripper) *rest.Config {
	// The components of a cluster use what they must; warnings about it are for people.
	return &rest.Config{Host: "https://" + ServerName, Transport: rt, QPS: -1, WarningHandler: rest.NoWarnings{}}
}
