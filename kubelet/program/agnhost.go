package program

import (
	"fmt"
	"net/http"
)

// agnhost is the tool of Kubernetes' own tests, of which tutorials use these: netexec and serve-hostname answer
// over HTTP, all else waits.
func agnhost(p *process) {
	if len(p.cfg.Argv) < 2 {
		return
	}
	hostname := p.cfg.Spec.Hostname
	switch p.cfg.Argv[1] {
	case "serve-hostname":
		port, _ := p.option("port")
		if p.listen(portOf(port, 9376), serveHTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, hostname) }))) && !p.resumed() {
			p.complain("I%s       1 log.go:245] Serving on port %d.", p.now().Format("0102 15:04:05.000000"), portOf(port, 9376))
		}
	case "netexec":
		text, _ := p.option("http-port")
		port := portOf(text, 8080)
		mux := http.NewServeMux()
		answer := func(path string, say func(r *http.Request) string) {
			mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
				p.complain("I%s       1 log.go:245] GET %s", p.now().Format("0102 15:04:05.000000"), r.URL.Path)
				fmt.Fprint(w, say(r))
			})
		}
		answer("/", func(*http.Request) string { return fmt.Sprintf("NOW: %s", p.now()) })
		for _, path := range []string{"/hostname", "/hostName"} {
			answer(path, func(*http.Request) string { return hostname })
		}
		answer("/clientip", func(r *http.Request) string { return r.RemoteAddr })
		answer("/echo", func(r *http.Request) string { return r.FormValue("msg") })
		answer("/healthz", func(*http.Request) string { return "" })
		if p.listen(port, serveHTTP(mux)) && !p.resumed() {
			p.complain("I%s       1 log.go:245] Started HTTP server on port %d", p.now().Format("0102 15:04:05.000000"), port)
		}
	}
}
