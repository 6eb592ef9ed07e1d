package program

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// portOf is a port from an address such as :5678, or otherwise.
func portOf(address string, otherwise uint16) uint16 {
	n, err := strconv.ParseUint(address[strings.LastIndexByte(address, ':')+1:], 10, 16)
	if err != nil || n == 0 {
		return otherwise
	}
	return uint16(n)
}

// textServer answers everything with the text that it was given: http-echo -text=… -listen=:5678.
func textServer(p *process) {
	text, given := p.option("text")
	if !given {
		text = p.getenv("ECHO_TEXT")
	}
	if text == "" {
		p.fail(127, "Missing -text option!")
		return
	}
	listen, _ := p.option("listen")
	port := portOf(listen, 5678)
	begun := p.listen(port, serveHTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-App-Name", "http-echo")
		fmt.Fprintln(w, text)
		p.print("%s %s %s %q 200", p.now().Format("2006/01/02 15:04:05"), r.Host, r.RemoteAddr, r.Method+" "+r.URL.Path+" "+r.Proto)
	})))
	if begun && !p.resumed() {
		p.print("%s [INFO] server is listening on :%d", p.now().Format("2006-01-02T15:04:05.000Z"), port)
	}
}

// helloServer says hello, its version and the name of its pod.
func helloServer(p *process) {
	_, tag, _ := strings.Cut(p.cfg.Spec.Image[strings.LastIndexByte(p.cfg.Spec.Image, '/')+1:], ":")
	major, _, _ := strings.Cut(tag, ".")
	if _, err := strconv.Atoi(major); err != nil {
		major = "1"
	}
	begun := p.listen(portOf(p.getenv("PORT"), 8080), serveHTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.complain("%s Serving request: %s", p.now().Format("2006/01/02 15:04:05"), r.URL.Path)
		fmt.Fprintf(w, "Hello, world!\nVersion: %s.0.0\nHostname: %s\n", major, p.cfg.Spec.Hostname)
	})))
	if begun && !p.resumed() {
		p.complain("%s Server listening on port %d", p.now().Format("2006/01/02 15:04:05"), portOf(p.getenv("PORT"), 8080))
	}
}

// mirror answers with what it was asked, and by whom.
func mirror(p *process) {
	port := uint16(80)
	if len(p.cfg.Image.Ports) > 0 {
		port = p.cfg.Image.Ports[0]
	}
	if text, ok := p.option("port"); ok {
		port = portOf(text, port)
	}
	begun := p.listen(portOf(p.getenv("PORT"), port), serveHTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintf(w, "Hostname: %s\n", p.cfg.Spec.Hostname)
		if p.cfg.Spec.Network != nil {
			fmt.Fprintf(w, "IP: 127.0.0.1\nIP: %s\n", p.cfg.Spec.Network.Pod().IP)
		}
		fmt.Fprintf(w, "RemoteAddr: %s\n%s %s %s\nHost: %s\n", r.RemoteAddr, r.Method, r.URL.RequestURI(), r.Proto, r.Host)
		var names []string
		for name := range r.Header {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			for _, v := range r.Header[name] {
				fmt.Fprintf(w, "%s: %s\n", name, v)
			}
		}
	})))
	if begun && !p.resumed() {
		p.print("%s Starting up on port %d", p.now().Format("2006/01/02 15:04:05"), portOf(p.getenv("PORT"), port))
	}
}

// registry is a registry of images that holds none.
func registry(p *process) {
	p.listen(5000, serveHTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Docker-Distribution-Api-Version", "registry/2.0")
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/", "/v2/":
			fmt.Fprint(w, "{}")
		case "/v2/_catalog":
			fmt.Fprintln(w, `{"repositories":[]}`)
		default:
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprintln(w, `{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known to registry"}]}`)
		}
	})))
}

// hold keeps a connection open until its caller closes it, and answers nothing.
func hold(c net.Conn) {
	defer func() { _ = c.Close() }()
	b := make([]byte, 1<<10)
	for {
		if _, err := c.Read(b); err != nil {
			return
		}
	}
}
