// Package remote is a running cluster seen from outside: its kubeconfig file,
// its API and kubemint's own endpoints beside it.
//
// Everything goes over the network as one identity at a time ([Access] of
// package kubeconfig), through the same authentication and authorization as
// anybody's request. The command line and the scenarios both come in here; no
// part of the server does.
package remote

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
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/kubemint/kubemint/internal/kubeconfig"
	"github.com/kubemint/kubemint/internal/say"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
)

// Client sends requests to one cluster as one identity. It is safe for
// concurrent use.
type Client struct {
	access kubeconfig.Access
	http   *http.Client
}

// Open reads a kubeconfig file and returns the client of its current context.
// The error is a sentence: there is no cluster yet, or the file is not usable.
func Open(path string) (*Client, error) {
	config, err := clientcmd.LoadFromFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, say.Failure("cluster.none", say.Params{"dir": filepath.Dir(path)}, err)
	}
	if err != nil {
		return nil, say.Failure("kubeconfig.unreadable", say.Params{"path": path, "why": err.Error()}, err)
	}
	current, ok := config.Contexts[config.CurrentContext]
	if !ok || config.Clusters[current.Cluster] == nil {
		return nil, say.Failure("kubeconfig.incomplete", say.Params{"path": path}, nil)
	}
	cluster := config.Clusters[current.Cluster]
	access := kubeconfig.Access{
		Name: current.Cluster, User: current.AuthInfo, Namespace: current.Namespace,
		Server: cluster.Server, CA: cluster.CertificateAuthorityData,
	}
	if len(access.CA) == 0 && cluster.CertificateAuthority != "" {
		if access.CA, err = os.ReadFile(relative(path, cluster.CertificateAuthority)); err != nil {
			return nil, say.Failure("kubeconfig.unreadable", say.Params{"path": path, "why": err.Error()}, err)
		}
	}
	if user := config.AuthInfos[current.AuthInfo]; user != nil {
		access.Certificate, access.Key = user.ClientCertificateData, user.ClientKeyData
		access.Token, access.TokenFile = user.Token, user.TokenFile
	}
	return As(access)
}

func relative(file, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(file), path)
}

// As returns the client of an identity.
func As(access kubeconfig.Access) (*Client, error) {
	pool := x509.NewCertPool()
	if len(access.CA) > 0 && !pool.AppendCertsFromPEM(access.CA) {
		return nil, fmt.Errorf("reading the certificate authority of %s: no certificate in it", access.Server)
	}
	config := &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	if len(access.Certificate) > 0 {
		pair, err := tls.X509KeyPair(access.Certificate, access.Key)
		if err != nil {
			return nil, fmt.Errorf("reading the client certificate for %s: %w", access.Server, err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	transport := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}
	return &Client{access: access, http: &http.Client{Transport: transport}}, nil
}

// Access returns the identity the client has.
func (c *Client) Access() kubeconfig.Access { return c.access }

// Close ends idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Answer is one response, whole.
type Answer struct {
	Status int
	Proto  string
	Header http.Header
	Body   []byte
}

// Call sends one request and returns the answer, whatever its status is. The
// error says that there was none.
func (c *Client) Call(ctx context.Context, method, path string, body []byte) (*Answer, error) {
	return c.call(ctx, method, path, "kubemint", body)
}

// lookUp is the User-Agent of what is asked on the way to something else:
// `why last` passes it over.
const lookUp = "kubemint-lookup/1"

func (c *Client) call(ctx context.Context, method, path, agent string, body []byte) (*Answer, error) {
	request, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.access.Server, "/")+path, bytes.NewReader(body))
	if err != nil {
		return nil, say.Failure("call.malformed", say.Params{"path": path}, err)
	}
	token, err := c.token()
	if err != nil {
		return nil, err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", agent)
	if len(body) > 0 {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, c.unreachable(ctx, err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, c.unreachable(ctx, err)
	}
	return &Answer{Status: response.StatusCode, Proto: response.Proto, Header: response.Header, Body: content}, nil
}

// token returns the bearer token of the identity, read anew if it lives in a
// file.
func (c *Client) token() (string, error) {
	if c.access.TokenFile == "" {
		return c.access.Token, nil
	}
	content, err := os.ReadFile(c.access.TokenFile)
	if err != nil {
		return "", say.Failure("token.unreadable", say.Params{"path": c.access.TokenFile}, err)
	}
	return strings.TrimSpace(string(content)), nil
}

func (c *Client) unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var unknownCA x509.UnknownAuthorityError
	var network *net.OpError
	switch {
	case errors.As(err, &unknownCA):
		return say.Failure("cluster.other", say.Params{"server": c.access.Server}, err)
	case errors.Is(err, syscall.ECONNREFUSED), errors.As(err, &network):
		return say.Failure("cluster.down", say.Params{"server": c.access.Server}, err)
	}
	return fmt.Errorf("calling %s: %w", c.access.Server, err)
}

// Do sends in (nil: no body) as JSON and decodes the answer into out (nil: not
// wanted). An answer that is not a success is returned as the
// [apierrors.StatusError] it carries.
func (c *Client) Do(ctx context.Context, method, path string, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
	}
	answer, err := c.call(ctx, method, path, lookUp, body)
	if err != nil {
		return err
	}
	if answer.Status/100 != 2 {
		return refusal(method, path, answer)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer.Body, out); err != nil {
		return fmt.Errorf("%s %s: reading the answer: %w", method, path, err)
	}
	return nil
}

func refusal(method, path string, answer *Answer) error {
	var status metav1.Status
	if json.Unmarshal(answer.Body, &status) == nil && status.Kind == "Status" {
		return &apierrors.StatusError{ErrStatus: status}
	}
	text := strings.TrimSpace(string(answer.Body))
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: int32(answer.Status), Message: fmt.Sprintf("%s %s: %d %s", method, path, answer.Status, text),
	}}
}

// Sent describes the credential that each request carries, with a token cut
// short so that it cannot be used. It is empty for nobody.
func (c *Client) Sent() string {
	if len(c.access.Certificate) > 0 {
		return "TLS client certificate of " + c.access.User
	}
	token, err := c.token()
	if err != nil || token == "" {
		return ""
	}
	return "Authorization: Bearer " + token[:min(len(token), 12)] + "..."
}
