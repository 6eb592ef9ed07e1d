package tools

import (
	"context"
	"fmt"
	"html"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"time"
)

// Where the web server of the image nginx has its pages.
const nginxPages = "/usr/share/nginx/html"

// nginx serves the image's pages, in the foreground if it is told "daemon off;", and tells one that runs to
// stop: nginx [-g DIRECTIVES] [-s stop|quit|reload|reopen] [-t] [-v].
func nginx(ctx context.Context, c *Call) int {
	opts, rest, err := options(c.Args, "g:s:tTvVqc:p:e:", nil)
	if err != nil || len(rest) > 0 {
		return c.fail("invalid option: \"%s\"", strings.Join(c.Args[1:], " "))
	}
	f, signal, foreground := flagsOf(opts), "", false
	for _, o := range opts {
		switch o.name {
		case "s":
			signal = o.value
		case "g":
			foreground = strings.Contains(o.value, "daemon off")
		}
	}
	switch {
	case f["v"] || f["V"]:
		fmt.Fprintln(c.Err, "nginx version: nginx/1.29.3")
		return 0
	case f["t"] || f["T"]:
		fmt.Fprintln(c.Err, "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\nnginx: configuration file /etc/nginx/nginx.conf test is successful")
		return 0
	case f["s"]:
		return c.nginxSignal(ctx, signal)
	case !foreground:
		if err := c.Host.Spawn(ctx, []string{"nginx", "-g", "daemon off;"}); err != nil {
			return c.fail("%v", err)
		}
		return 0
	}
	l, err := c.Host.Listen(ctx, 80)
	if err != nil {
		return c.fail("[emerg] bind() to 0.0.0.0:80 failed (98: %s)", socketReason(err))
	}
	srv := &http.Server{
		Handler: &files{ctx: ctx, call: c, dir: nginxPages, said: io.Discard, index: "index.html", welcome: nginxWelcome}, ReadHeaderTimeout: time.Minute,
		ErrorLog: log.New(io.Discard, "", 0), BaseContext: func(net.Listener) context.Context { return ctx },
	}
	return serve(ctx, l, srv)
}

// nginxWelcome is what is at / until somebody puts a page there.
func nginxWelcome() string {
	const title = "Welcome to nginx!"
	return "<!DOCTYPE html>\n<html>\n<head><title>" + html.EscapeString(title) + "</title></head>\n<body>\n<h1>" + title + "</h1>\n<p>A simulated nginx of kubemint answers here.</p>\n</body>\n</html>\n"
}

// serve serves until ctx ends.
func serve(ctx context.Context, l net.Listener, srv *http.Server) int {
	stop := context.AfterFunc(ctx, func() { _ = srv.Close() })
	defer stop()
	_ = srv.Serve(l) // it ends when it is closed, with the job
	return 143
}

func (c *Call) nginxSignal(ctx context.Context, signal string) int {
	name, ok := map[string]string{"stop": "TERM", "quit": "QUIT", "reload": "HUP", "reopen": "USR1"}[signal]
	if !ok {
		return c.fail("invalid option: \"-s %s\"", signal)
	}
	for _, p := range c.Host.Processes() {
		words := strings.Fields(ran(p))
		if len(words) == 0 || words[0][strings.LastIndexByte(words[0], '/')+1:] != "nginx" || strings.Contains(p.Command, " -s ") {
			continue
		}
		fmt.Fprintf(c.Err, "%s [notice] %d#%[2]d: signal process started\n", c.Host.Now(ctx).UTC().Format("2006/01/02 15:04:05"), p.PID+1)
		if name == "HUP" || name == "USR1" {
			return 0 // it has no configuration to read again
		}
		if err := c.Host.Signal(ctx, p.PID, name); err != nil {
			return c.fail("[alert] kill(%d, 3) failed (3: %s)", p.PID, err)
		}
		return 0
	}
	return c.fail("[error] open() \"/run/nginx.pid\" failed (2: No such file or directory)")
}
