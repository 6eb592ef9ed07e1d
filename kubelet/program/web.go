package program

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"path"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// flavour is how one web server differs from another.
type flavour struct {
	title, version, root string
	begun                string // what it prints when it starts; %s: the time
}

func flavourOf(name string) flavour {
	switch name {
	case "httpd":
		return flavour{"It works!", "Apache/2.4.66 (Unix)", "/usr/local/apache2/htdocs", "[%s] [mpm_event:notice] [pid 1:tid 1] AH00489: Apache/2.4.66 (Unix) configured -- resuming normal operations"}
	case "caddy":
		return flavour{"Caddy works!", "Caddy", "/usr/share/caddy", `{"level":"info","ts":"%s","msg":"serving initial configuration"}`}
	}
	return flavour{"Welcome to nginx!", "nginx/1.29.3", "/usr/share/nginx/html", "%s [notice] 1#1: nginx/1.29.3\n%[1]s [notice] 1#1: start worker processes"}
}

// webServer serves the files of its image's directory, and a page of welcome until there are any.
func webServer(name string) begin {
	return func(p *process) {
		f := flavourOf(name)
		port := uint16(80)
		if len(p.cfg.Image.Ports) > 0 {
			port = p.cfg.Image.Ports[0]
		}
		if !p.listen(port, serveHTTP(&web{process: p, flavour: f, name: name})) {
			return
		}
		if !p.resumed() {
			p.complain(f.begun, p.now().Format("2006/01/02 15:04:05"))
		}
	}
}

type web struct {
	process *process
	flavour flavour
	name    string
}

func (s *web) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rec := &recorder{ResponseWriter: w}
	rec.Header().Set("Server", s.flavour.version)
	rec.Header().Set("Date", s.process.now().Format(http.TimeFormat))
	s.answer(rec, r)
	from, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		from = r.RemoteAddr
	}
	line := fmt.Sprintf("%s - - [%s] %q %d %d", from, s.process.now().Format("02/Jan/2006:15:04:05 -0700"), r.Method+" "+r.RequestURI+" "+r.Proto, rec.code, rec.bytes)
	switch s.name {
	case "nginx":
		s.process.print(`%s "%s" "%s" "%s"`, line, cmp.Or(r.Referer(), "-"), cmp.Or(r.UserAgent(), "-"), cmp.Or(r.Header.Get("X-Forwarded-For"), "-"))
	case "httpd":
		s.process.print("%s", line)
	}
}

func (s *web) answer(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		s.page(w, r, http.StatusMethodNotAllowed, "405 Not Allowed")
		return
	}
	at := path.Clean("/" + r.URL.Path)
	body, err := s.process.read(s.flavour.root + at)
	if errors.Is(err, syscall.EISDIR) || at == "/" {
		at = path.Join(at, "index.html")
		body, err = s.process.read(s.flavour.root + at)
	}
	switch {
	case err == nil:
		w.Header().Set("Content-Type", typeOf(at))
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	case at == "/index.html" && errors.Is(err, fs.ErrNotExist) && !s.mounted():
		s.page(w, r, http.StatusOK, s.flavour.title)
	case at == "/index.html" && s.mounted():
		s.page(w, r, http.StatusForbidden, "403 Forbidden") // a directory without an index
	default:
		s.page(w, r, http.StatusNotFound, "404 Not Found")
	}
}

// mounted says whether a volume lies where the image has its pages.
func (s *web) mounted() bool {
	for _, m := range s.process.cfg.Spec.Mounts {
		if strings.HasPrefix(s.flavour.root+"/", strings.TrimSuffix(m.Path, "/")+"/") {
			return true
		}
	}
	return false
}

func (s *web) page(w http.ResponseWriter, r *http.Request, code int, title string) {
	text := "<!DOCTYPE html>\n<html>\n<head><title>" + title + "</title></head>\n<body>\n<h1>" + title + "</h1>\n"
	if code == http.StatusOK {
		text += "<p>A simulated " + s.name + " of kubemint answers here.</p>\n"
	}
	text += "</body>\n</html>\n"
	w.Header().Set("Content-Type", "text/html")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(code)
	if r.Method != http.MethodHead {
		_, _ = w.Write([]byte(text)) // a caller that has gone reads nothing
	}
}

func typeOf(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".html", ".htm":
		return "text/html"
	case ".css":
		return "text/css"
	case ".js":
		return "application/javascript"
	case ".json":
		return "application/json"
	case ".txt":
		return "text/plain"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	}
	return "application/octet-stream"
}
