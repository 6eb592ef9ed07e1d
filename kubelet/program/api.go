package program

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"strings"
)

// account is where a pod's token is mounted.
const account = "/var/run/secrets/kubernetes.io/serviceaccount"

var errNoToken = errors.New("no token is mounted")

// answer is what the API server said.
type answer struct {
	code int
	body []byte
}

// message is the server's own word on a refusal.
func (a answer) message() string {
	var status struct{ Message string }
	if json.Unmarshal(a.body, &status) == nil && status.Message != "" {
		return status.Message
	}
	return http.StatusText(a.code)
}

// call asks the API server, as the account whose token is mounted. The token is read anew each time, so that
// one that was refreshed counts.
func (p *process) call(ctx context.Context, method, path, kind string, body []byte) (answer, error) {
	end := p.cfg.Spec.Network
	if end == nil {
		return answer{}, errors.New("there is no network")
	}
	token, err := p.read(account + "/token")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return answer{}, errNoToken
	case err != nil:
		return answer{}, err
	}
	pool := x509.NewCertPool()
	if ca, err := p.read(account + "/ca.crt"); err == nil {
		pool.AppendCertsFromPEM(ca)
	}
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}, DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			host, port, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			found, ok, err := end.Resolve(ctx, host)
			switch {
			case err != nil:
				return nil, err
			case !ok:
				return nil, fmt.Errorf("lookup %s: no such host", host)
			}
			return end.Dial(ctx, net.JoinHostPort(found.Addresses[0].String(), port))
		},
	}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, method, "https://kubernetes.default.svc"+path, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", p.agent())
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return answer{code: resp.StatusCode, body: b}, err
}

const maxAnswer = 64 << 20 // bytes

// agent is what the program calls itself.
func (p *process) agent() string {
	repository, tag, _ := strings.Cut(p.cfg.Spec.Image[strings.LastIndexByte(p.cfg.Spec.Image, '/')+1:], ":")
	if tag == "" {
		tag = "latest"
	}
	return repository + "/" + tag
}

// namespace is the pod's own.
func (p *process) namespace() string { return p.cfg.Spec.Namespace }
