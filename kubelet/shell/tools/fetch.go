package tools

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// fetch is one request of curl or wget.
type fetch struct {
	method, url   string
	header        http.Header
	body          []byte
	ca            string
	insecure      bool
	silent, shows bool // -s, and -S beside it
	fail          bool
	include, head bool
	verbose       bool
	follow        bool
	out           string
	format        string
	limit         time.Duration
	resolve       map[string]string
	tried         string                     // ADDRESS:PORT connected to last
	failure       error                      // of the connection
	connecting    func(host, address string) // told before each try; may be nil
}

// say reports an error unless it is to be silent.
func (f *fetch) say(c *Call, code int, format string, args ...any) int {
	if !f.silent || f.shows {
		c.fail("(%d) "+format, append([]any{code}, args...)...)
	}
	return code
}

var errUnresolved = errors.New("could not resolve host")

// client speaks to whoever the host lets the container reach.
func (f *fetch) client(c *Call) (*http.Client, *http.Transport, int) {
	config := &tls.Config{InsecureSkipVerify: f.insecure, RootCAs: x509.NewCertPool()} //nolint:gosec // -k is the learner's to give
	if f.ca != "" {
		b, err := c.FS.ReadFile(c.Path(f.ca), maxRead)
		if err != nil || !config.RootCAs.AppendCertsFromPEM(b) {
			return nil, nil, f.say(c, curlCACert, "error adding trust anchors from file: %s", f.ca)
		}
	}
	t := &http.Transport{
		TLSClientConfig: config, DisableCompression: true, DisableKeepAlives: true, ForceAttemptHTTP2: true,
		DialContext: func(ctx context.Context, _, addr string) (net.Conn, error) {
			host, port, err := net.SplitHostPort(addr)
			if err != nil {
				return nil, err
			}
			if to, ok := f.resolve[addr]; ok {
				host = to
			}
			_, found, err := c.Host.Resolve(ctx, host)
			if err != nil {
				return nil, errUnresolved
			}
			for _, ip := range found { // the first that answers
				f.tried = net.JoinHostPort(ip, port)
				if f.verbose {
					fmt.Fprintf(c.Err, "*   Trying %s...\n", f.tried)
				}
				if f.connecting != nil {
					f.connecting(host, f.tried)
				}
				var conn net.Conn
				if conn, err = c.Host.Dial(ctx, f.tried); err == nil {
					if f.verbose {
						fmt.Fprintf(c.Err, "* Connected to %s (%s) port %s\n", host, ip, port)
					}
					return conn, nil
				}
			}
			return nil, err
		},
	}
	return &http.Client{Transport: t, CheckRedirect: func(_ *http.Request, via []*http.Request) error {
		if !f.follow || len(via) > 10 {
			return http.ErrUseLastResponse
		}
		return nil
	}}, t, 0
}

func (f *fetch) do(ctx context.Context, c *Call) int {
	u, err := url.Parse(f.url)
	switch {
	case err != nil || u.Host == "":
		return f.say(c, curlBadURL, "URL rejected: Malformed input to a URL function")
	case u.Scheme != "http" && u.Scheme != "https":
		return f.say(c, curlProtocol, "Protocol \"%s\" not supported", u.Scheme)
	}
	client, transport, code := f.client(c)
	if code != 0 {
		return code
	}
	defer transport.CloseIdleConnections()
	if f.limit > 0 { // wall time: it bounds the work of the network
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, f.limit)
		defer cancel()
	}
	var body io.Reader
	if f.body != nil {
		body = bytes.NewReader(f.body)
	}
	req, err := http.NewRequestWithContext(ctx, f.method, f.url, body)
	if err != nil {
		return f.say(c, curlBadURL, "URL rejected: Malformed input to a URL function")
	}
	req.Header = f.header.Clone()
	if h := req.Header.Get("Host"); h != "" {
		req.Host = h
	}
	resp, err := client.Do(req)
	if err != nil {
		return f.explain(ctx, c, u, err)
	}
	defer func() { _ = resp.Body.Close() }()
	f.trace(c, req, resp)
	code = f.answer(ctx, c, resp)
	if f.format != "" {
		text := strings.NewReplacer(`\n`, "\n", `\t`, "\t", "%{http_code}", fmt.Sprintf("%03d", resp.StatusCode), "%{response_code}", fmt.Sprintf("%03d", resp.StatusCode),
			"%{content_type}", resp.Header.Get("Content-Type"), "%{url_effective}", f.url, "%{exitcode}", strconv.Itoa(code), "%%", "%").Replace(f.format)
		fmt.Fprint(c.Out, text)
	}
	return code
}

func (f *fetch) answer(ctx context.Context, c *Call, resp *http.Response) int {
	if f.fail && resp.StatusCode >= 400 {
		return f.say(c, curlHTTP, "The requested URL returned error: %d", resp.StatusCode)
	}
	var out io.Writer = c.Out
	if f.out != "" && f.out != "-" {
		file, err := c.Open(c.Path(f.out), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
		if err != nil {
			return f.say(c, curlWrite, "Failure writing output to destination: %s", Reason(err))
		}
		defer func() { _ = file.Close() }()
		out = file
	}
	if f.include || f.head {
		fmt.Fprintf(out, "HTTP/%d %d \r\n", resp.ProtoMajor, resp.StatusCode)
		for _, name := range sortedKeys(resp.Header) {
			for _, v := range resp.Header[name] {
				fmt.Fprintf(out, "%s: %s\r\n", strings.ToLower(name), v)
			}
		}
		fmt.Fprint(out, "\r\n")
	}
	if _, err := io.Copy(out, resp.Body); err != nil {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return f.say(c, curlTimeout, "Operation timed out after %d milliseconds", f.limit.Milliseconds())
		}
		return f.say(c, curlWrite, "Failure writing output to destination")
	}
	return 0
}

func (f *fetch) explain(ctx context.Context, c *Call, u *url.URL, err error) int {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	port := cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
	switch {
	case errors.Is(err, errUnresolved):
		return f.say(c, curlResolve, "Could not resolve host: %s", u.Hostname())
	case errors.As(err, &unknown):
		return f.say(c, curlCert, "SSL certificate problem: unable to get local issuer certificate\nMore details here: https://curl.se/docs/sslcerts.html")
	case errors.As(err, &name):
		return f.say(c, curlCert, "SSL: no alternative certificate subject name matches target host name '%s'", u.Hostname())
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return f.say(c, curlTimeout, "Operation timed out after %d milliseconds", f.limit.Milliseconds())
	}
	if f.format != "" {
		fmt.Fprint(c.Out, strings.NewReplacer(`\n`, "\n", "%{http_code}", "000").Replace(f.format))
	}
	f.failure = err
	return f.say(c, curlConnect, "Failed to connect to %s port %s after 0 ms: Could not connect to server", u.Hostname(), port)
}

// trace is what -v shows. The token is the container's own, and shown as it is, as by the real program.
func (f *fetch) trace(c *Call, req *http.Request, resp *http.Response) {
	if !f.verbose {
		return
	}
	if resp.TLS != nil {
		cert := resp.TLS.PeerCertificates[0]
		fmt.Fprintf(c.Err, "* SSL connection using %s / %s\n* Server certificate:\n*  subject: %s\n*  issuer: %s\n", tls.VersionName(resp.TLS.Version), tls.CipherSuiteName(resp.TLS.CipherSuite), cert.Subject, cert.Issuer)
		if !f.insecure {
			fmt.Fprint(c.Err, "*  SSL certificate verify ok.\n")
		}
	}
	fmt.Fprintf(c.Err, "> %s %s HTTP/%d\r\n> Host: %s\r\n", req.Method, req.URL.RequestURI(), resp.ProtoMajor, cmp.Or(req.Host, req.URL.Host))
	for _, n := range sortedKeys(req.Header) {
		for _, v := range req.Header[n] {
			fmt.Fprintf(c.Err, "> %s: %s\r\n", n, v)
		}
	}
	fmt.Fprintf(c.Err, ">\r\n< HTTP/%d %d\r\n", resp.ProtoMajor, resp.StatusCode)
	for _, n := range sortedKeys(resp.Header) {
		for _, v := range resp.Header[n] {
			fmt.Fprintf(c.Err, "< %s: %s\r\n", strings.ToLower(n), v)
		}
	}
	fmt.Fprint(c.Err, "<\r\n")
}

func sortedKeys(h http.Header) []string {
	var out []string
	for k := range h {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
