package tools

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

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
	f.connecting = func(host, address string) {
		if !quiet {
			fmt.Fprintf(c.Err, "Connecting to %s (%s)\n", host, address)
		}
	}
	code := f.do(ctx, &sub)
	text := strings.TrimSpace(said.String())
	last := text[strings.LastIndexByte(text, ' ')+1:]
	switch {
	case code == 0 && quiet, code == 0 && spider:
	case code == 0 && f.out == "-":
		fmt.Fprintln(c.Err, "written to stdout")
	case code == 0:
		fmt.Fprintf(c.Err, "'%s' saved\n", f.out)
	case code == curlHTTP:
		return c.fail("server returned error: HTTP/1.1 %s", strings.TrimSpace(last+" "+statusText(last)))
	case code == curlResolve:
		return c.fail("bad address '%s'", last)
	case code == curlConnect && f.tried != "":
		host, _, _ := net.SplitHostPort(f.tried) // it was joined from the two
		return c.fail("can't connect to remote host (%s): %s", host, socketReason(f.failure))
	case code == curlTimeout:
		return c.fail("download timed out")
	default:
		_, text, _ = strings.Cut(text, ") ")
		return c.fail("%s", text)
	}
	return code
}

// statusText is what stands for a code in a server's first line.
func statusText(code string) string {
	n, err := strconv.Atoi(code)
	if err != nil {
		return ""
	}
	return http.StatusText(n)
}
