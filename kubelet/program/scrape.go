package program

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// How often a prometheus looks for pods, of the cluster's time.
const (
	scrapeFirst  = time.Second
	scrapePeriod = 30 * time.Second
)

// scrape is a prometheus that discovers its targets: it lists all pods there are.
func scrape(p *process) {
	if !p.listen(9090, serveHTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/-/healthy":
			fmt.Fprintln(w, "Prometheus Server is Healthy.")
		case "/-/ready":
			fmt.Fprintln(w, "Prometheus Server is Ready.")
		case "/":
			http.Redirect(w, r, "/query", http.StatusFound)
		default:
			http.NotFound(w, r)
		}
	}))) {
		return
	}
	if !p.resumed() {
		p.complain(`time=%s level=INFO msg="Server is ready to receive web requests."`, stamp(p.now()))
	}
	p.every(scrapeFirst, scrapePeriod, func(ctx context.Context) {
		a, err := p.call(ctx, http.MethodGet, "/api/v1/pods", "", nil)
		var list struct{ Items []json.RawMessage }
		switch {
		case ctx.Err() != nil:
		case err != nil:
			p.complain(`time=%s level=ERROR msg=%q`, stamp(p.now()), "scrape failed: "+err.Error())
		case a.code == http.StatusOK && json.Unmarshal(a.body, &list) == nil:
			p.complain(`time=%s level=INFO msg="scraped %d %s"`, stamp(p.now()), len(list.Items), plural("pod", len(list.Items)))
		default:
			p.complain(`time=%s level=ERROR msg=%q`, stamp(p.now()), fmt.Sprintf("scrape refused: %d %s", a.code, a.message()))
		}
	})
}

func plural(word string, n int) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

func stamp(t time.Time) string { return t.Format("2006-01-02T15:04:05.000Z07:00") }
