package tools

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// httpd serves the files of a directory, as the one of busybox does: httpd [-f] [-v] [-p PORT] [-h DIR].
// Without -f it goes on in the background, until the container ends.
func httpd(ctx context.Context, c *Call) int {
	opts, rest, err := options(c.Args, "fvip:h:c:u:r:M:", nil)
	if err != nil || len(rest) > 0 {
		return c.fail("usage: httpd [-f] [-v] [-p PORT] [-h DIR]")
	}
	set, port, dir := flagsOf(opts), "80", c.Dir
	for _, o := range opts {
		switch o.name {
		case "p":
			port = o.value[strings.LastIndexByte(o.value, ':')+1:]
		case "h":
			dir = c.Path(o.value)
		}
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return c.fail("bad port '%s'", port)
	}
	if i, err := c.FS.Stat(dir); err != nil || !i.IsDir() {
		return c.fail("can't change directory to '%s': No such file or directory", dir)
	}
	if !set["f"] {
		if err := c.Host.Spawn(ctx, []string{"httpd", "-f", "-p", port, "-h", dir}); err != nil {
			return c.fail("%v", err)
		}
		return 0
	}
	l, err := c.Host.Listen(ctx, uint16(n))
	if err != nil {
		return c.fail("bind: %s", socketReason(err))
	}
	said := io.Discard
	if set["v"] {
		said = c.Err
	}
	return serveFiles(ctx, c, l, dir, said, "index.html")
}

// pythonServer is the one part of python that is known here: python3 -m http.server [PORT].
func pythonServer(ctx context.Context, c *Call) int {
	args := c.Args[1:]
	if len(args) > 0 && args[0] == "-u" {
		args = args[1:]
	}
	if len(args) < 2 || args[0] != "-m" || args[1] != "http.server" {
		return c.fail("of python a simulated container has \"-m http.server [PORT]\" alone")
	}
	port, dir := uint64(8000), c.Dir
	for i := 2; i < len(args); i++ {
		switch a := args[i]; {
		case (a == "-d" || a == "--directory") && i+1 < len(args):
			i++
			dir = c.Path(args[i])
		case (a == "-b" || a == "--bind") && i+1 < len(args):
			i++
		default:
			n, err := strconv.ParseUint(a, 10, 16)
			if err != nil || n == 0 {
				return c.fail("argument port: invalid int value: '%s'", a)
			}
			port = n
		}
	}
	l, err := c.Host.Listen(ctx, uint16(port))
	if err != nil {
		return c.fail("OSError: [Errno 98] %s", socketReason(err))
	}
	fmt.Fprintf(c.Out, "Serving HTTP on 0.0.0.0 port %d (http://0.0.0.0:%d/) ...\n", port, port)
	return serveFiles(ctx, c, l, dir, c.Err, "")
}

// serveFiles answers requests for files below dir until ctx ends. A line for each goes to said. Without
// the name of an index a directory's list is shown.
func serveFiles(ctx context.Context, c *Call, l net.Listener, dir string, said io.Writer, index string) int {
	srv := &http.Server{
		Handler: &files{ctx: ctx, call: c, dir: dir, said: said, index: index}, ReadHeaderTimeout: time.Minute,
		ErrorLog: log.New(io.Discard, "", 0), BaseContext: func(net.Listener) context.Context { return ctx },
	}
	return serve(ctx, l, srv)
}

type files struct {
	ctx        context.Context
	call       *Call
	dir, index string
	said       io.Writer
	welcome    func() string // at /, without an index there; nil: nothing
}

func (f *files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	code := f.answer(w, r)
	host, _, _ := strings.Cut(r.RemoteAddr, ":")
	fmt.Fprintf(f.said, "%s - - [%s] \"%s %s %s\" %d -\n", host, f.call.Host.Now(f.ctx).Format("02/Jan/2006 15:04:05"), r.Method, r.RequestURI, r.Proto, code)
}

func (f *files) answer(w http.ResponseWriter, r *http.Request) int {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return f.refuse(w, http.StatusNotImplemented)
	}
	name := path.Join(f.dir, path.Clean("/"+r.URL.Path))
	info, err := f.call.FS.Stat(name)
	if err == nil && info.IsDir() {
		if !strings.HasSuffix(r.URL.Path, "/") {
			http.Redirect(w, r, r.URL.Path+"/", http.StatusFound)
			return http.StatusFound
		}
		if f.index == "" {
			if i, err := f.call.FS.Stat(name + "/index.html"); err != nil || i.IsDir() {
				return f.list(w, r.URL.Path, name)
			}
		}
		name += "/index.html"
	}
	b, err := f.call.FS.ReadFile(name, maxRead)
	if err != nil && f.welcome != nil && path.Clean("/"+r.URL.Path) == "/" {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, f.welcome()) // a caller that has gone reads nothing
		return http.StatusOK
	}
	if err != nil {
		return f.refuse(w, http.StatusNotFound)
	}
	w.Header().Set("Content-Type", mediaType(name))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b))
	return http.StatusOK
}

func (f *files) refuse(w http.ResponseWriter, code int) int {
	text := strconv.Itoa(code) + " " + http.StatusText(code)
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(code)
	fmt.Fprintf(w, "<HTML><HEAD><TITLE>%s</TITLE></HEAD>\n<BODY><H1>%s</H1></BODY></HTML>\n", text, text)
	return code
}

func (f *files) list(w http.ResponseWriter, at, dir string) int {
	entries, err := f.call.FS.ReadDir(dir)
	if err != nil {
		return f.refuse(w, http.StatusNotFound)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, "<!DOCTYPE HTML>\n<html>\n<head><title>Directory listing for %s</title></head>\n<body>\n<h1>Directory listing for %s</h1>\n<ul>\n", html.EscapeString(at), html.EscapeString(at))
	for _, e := range entries {
		n := e.Name()
		if e.Mode()&fs.ModeDir != 0 {
			n += "/"
		}
		fmt.Fprintf(w, "<li><a href=\"%s\">%s</a></li>\n", html.EscapeString(n), html.EscapeString(n))
	}
	fmt.Fprint(w, "</ul>\n</body>\n</html>\n")
	return http.StatusOK
}

// mediaType goes by a file's extension. What the computer knows of them is none of a container's business.
func mediaType(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".html", ".htm":
		return "text/html"
	case ".txt", ".log", ".md", ".sh", ".conf", ".c", ".h", ".pl":
		return "text/plain"
	case ".css":
		return "text/css"
	case ".js":
		return "text/javascript"
	case ".json":
		return "application/json"
	case ".xml":
		return "text/xml"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	}
	return "application/octet-stream"
}
