package tools

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
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

// Exit codes of curl.
const (
	curlBadURL   = 3
	curlResolve  = 6
	curlConnect  = 7
	curlHTTP     = 22
	curlWrite    = 23
	curlRead     = 26
	curlTimeout  = 28
	curlCert     = 60
	curlCACert   = 77
	curlProtocol = 1
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
}

func curl(ctx context.Context, c *Call) int {
	opts, rest, err := options(c.Args, "kH:sSX:d:o:w:vifILm:u:A:T:OGnN4g", map[string]string{
		"insecure": "k", "header": "H:", "silent": "s", "show-error": "S", "request": "X:", "data": "d:", "data-raw": "r:", "data-binary": "D:", "output": "o:",
		"write-out": "w:", "verbose": "v", "include": "i", "fail": "f", "head": "I", "location": "L", "max-time": "m:", "connect-timeout": "m:", "cacert": "C:",
		"user": "u:", "user-agent": "A:", "json": "J:", "url": "U:", "oauth2-bearer": "B:", "resolve": "R:", "no-progress-meter": "s", "http1.1": "N", "compressed": "N", "retry": "y:", "fail-with-body": "f",
	})
	if err != nil {
		c.fail("%v\ncurl: try 'curl --help' for more information", err)
		return 2
	}
	f := fetch{header: http.Header{}, resolve: map[string]string{}}
	urls := rest
	var data []string
	bad := 0
	for _, o := range opts {
		switch o.name {
		case "k":
			f.insecure = true
		case "H":
			bad = max(bad, c.addHeader(f.header, o.value))
		case "s":
			f.silent = true
		case "S":
			f.shows = true
		case "X":
			f.method = o.value
		case "d", "D", "J", "r":
			text, code := c.postData(o.name, o.value)
			bad = max(bad, code)
			data = append(data, text)
			if o.name == "J" {
				f.header.Set("Content-Type", "application/json")
				f.header.Set("Accept", "application/json")
			}
		case "o":
			f.out = o.value
		case "w":
			f.format = o.value
		case "v":
			f.verbose = true
		case "i":
			f.include = true
		case "f":
			f.fail = true
		case "I":
			f.head = true
		case "L":
			f.follow = true
		case "m":
			n, err := strconv.ParseFloat(o.value, 64)
			if err != nil {
				c.fail("expected a proper numerical parameter")
				return 2
			}
			f.limit = time.Duration(n * float64(time.Second))
		case "C":
			f.ca = o.value
		case "u":
			f.header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(o.value)))
		case "B":
			f.header.Set("Authorization", "Bearer "+o.value)
		case "A":
			f.header.Set("User-Agent", o.value)
		case "U":
			urls = append(urls, o.value)
		case "R":
			if parts := strings.SplitN(o.value, ":", 3); len(parts) == 3 {
				f.resolve[net.JoinHostPort(parts[0], parts[1])] = parts[2]
			}
		}
	}
	if bad != 0 {
		return bad
	}
	if len(urls) == 0 {
		c.fail("try 'curl --help' for more information")
		return 2
	}
	if data != nil {
		f.body = []byte(strings.Join(data, "&"))
		if f.header.Get("Content-Type") == "" {
			f.header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
	}
	f.method = cmp.Or(f.method, map[bool]string{true: http.MethodHead}[f.head], map[bool]string{true: http.MethodPost}[data != nil], http.MethodGet)
	if f.header.Get("User-Agent") == "" {
		f.header.Set("User-Agent", "curl/8.14.1")
	}
	if f.header.Get("Accept") == "" {
		f.header.Set("Accept", "*/*")
	}
	code := 0
	for _, u := range urls {
		f.url = u
		if !strings.Contains(u, "://") {
			f.url = "http://" + u
		}
		code = f.do(ctx, c)
	}
	return code
}

// addHeader reads "Name: value" or @FILE.
func (c *Call) addHeader(h http.Header, text string) int {
	list := []string{text}
	if name, ok := strings.CutPrefix(text, "@"); ok {
		r, err := c.open(name)
		if err != nil {
			c.fail("Failed to open %s", name)
			return curlRead
		}
		b, err := all(r)
		_ = r.Close()
		if err != nil {
			return curlRead
		}
		list = strings.Split(strings.TrimSpace(string(b)), "\n")
	}
	for _, text := range list {
		name, value, _ := strings.Cut(text, ":")
		if name = strings.TrimSpace(name); name != "" {
			// A line end inside, as of a token read with one, would be refused by net/http in other words.
			h.Add(name, strings.Trim(value, " \t\r\n"))
		}
	}
	return 0
}

func (c *Call) postData(option, text string) (string, int) {
	name, file := strings.CutPrefix(text, "@")
	if !file || option == "r" {
		return text, 0
	}
	r := io.NopCloser(c.In)
	if name != "-" {
		var err error
		if r, err = c.open(name); err != nil {
			c.fail("Failed to open %s", name)
			return "", curlRead
		}
	}
	b, err := all(r)
	_ = r.Close()
	if err != nil {
		c.fail("%s: %s", name, Reason(err))
		return "", curlRead
	}
	if option == "d" {
		b = bytes.Map(func(r rune) rune {
			if r == '\n' || r == '\r' {
				return -1
			}
			return r
		}, b)
	}
	return string(b), 0
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
			ip, ok := c.Host.Resolve(host)
			if !ok {
				return nil, errUnresolved
			}
			if f.verbose {
				fmt.Fprintf(c.Err, "*   Trying %s...\n", net.JoinHostPort(ip, port))
			}
			return c.Host.Dial(ctx, net.JoinHostPort(ip, port))
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

func wget(ctx context.Context, c *Call) int {
	opts, rest, err := options(c.Args, "qO:ST:t:", map[string]string{"header": "H:", "no-check-certificate": "k", "ca-certificate": "C:", "post-data": "d:", "quiet": "q", "output-document": "O:", "timeout": "T:", "spider": "x", "method": "M:", "server-response": "S"})
	if err != nil {
		return c.usage(err)
	}
	f := fetch{header: http.Header{"User-Agent": {"Wget"}}, fail: true, follow: true, method: http.MethodGet, resolve: map[string]string{}, silent: true}
	quiet, spider := false, false
	for _, o := range opts {
		switch o.name {
		case "q":
			quiet = true
		case "O":
			f.out = o.value
		case "H":
			c.addHeader(f.header, o.value)
		case "k":
			f.insecure = true
		case "C":
			f.ca = o.value
		case "d":
			f.method, f.body = http.MethodPost, []byte(o.value)
			f.header.Set("Content-Type", "application/x-www-form-urlencoded")
		case "M":
			f.method = o.value
		case "x":
			spider = true
		case "T":
			if n, err := strconv.Atoi(o.value); err == nil {
				f.limit = time.Duration(n) * time.Second
			}
		}
	}
	if len(rest) == 0 {
		return c.fail("missing URL")
	}
	f.url = rest[0]
	if !strings.Contains(f.url, "://") {
		f.url = "http://" + f.url
	}
	if f.out == "" {
		u, err := url.Parse(f.url)
		if err != nil {
			return c.fail("bad address '%s'", f.url)
		}
		f.out = "index.html"
		if b := u.Path[strings.LastIndexByte(u.Path, '/')+1:]; b != "" {
			f.out = b
		}
	}
	if spider {
		f.out = "/dev/null"
	}
	var said strings.Builder
	sub := *c
	sub.Err = &said
	f.silent = false
	code := f.do(ctx, &sub)
	switch {
	case code == 0 && !quiet && f.out != "-":
		fmt.Fprintf(c.Err, "'%s' saved\n", f.out)
	case code == curlHTTP:
		return c.fail("server returned error: HTTP/1.1 %s", said.String()[strings.LastIndexByte(strings.TrimSpace(said.String()), ' ')+1:len(strings.TrimSpace(said.String()))])
	case code == curlResolve:
		return c.fail("bad address '%s'", strings.TrimSpace(said.String()[strings.LastIndexByte(strings.TrimSpace(said.String()), ' ')+1:]))
	case code != 0:
		_, text, _ := strings.Cut(strings.TrimSpace(said.String()), ") ")
		return c.fail("%s", text)
	}
	return code
}

func nslookup(_ context.Context, c *Call) int {
	if len(c.Args) < 2 {
		return c.fail("missing name")
	}
	fmt.Fprintf(c.Out, "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\n")
	addr, ok := c.Host.Resolve(c.Args[1])
	if !ok {
		fmt.Fprintf(c.Out, "** server can't find %s: NXDOMAIN\n\n", c.Args[1])
		return 1
	}
	fmt.Fprintf(c.Out, "Name:\t%s\nAddress: %s\n\n", c.Args[1], addr)
	return 0
}
