package tools

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"io"
	"net"
	"net/http"
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

func curl(ctx context.Context, c *Call) int {
	opts, rest, err := options(c.Args, "kH:sSX:d:o:w:vifILm:u:A:T:OGnN4g", map[string]string{
		"insecure": "k", "header": "H:", "silent": "s", "show-error": "S", "request": "X:", "data": "d:", "data-raw": "r:", "data-binary": "D:", "output": "o:",
		"write-out": "w:", "verbose": "v", "include": "i", "fail": "f", "head": "I", "location": "L", "max-time": "m:", "connect-timeout": "m:", "cacert": "C:",
		"user": "u:", "user-agent": "A:", "json": "J:", "url": "U:", "oauth2-bearer": "B:", "resolve": "R:", "no-progress-meter": "s", "http1.1": "N", "compressed": "N", "retry": "y:", "fail-with-body": "f", "path-as-is": "N", "ipv4": "4", "globoff": "g",
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
