package program

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"
)

// How often a jenkins deploys, of the cluster's time.
const (
	deployFirst  = 2 * time.Second
	deployPeriod = time.Minute
)

// deployed is the name of what it deploys, in its own namespace.
const deployed = "deployed-by-jenkins"

// deploy is a jenkins with one job: it creates a Deployment, and patches it from then on.
func deploy(p *process) {
	for _, port := range []uint16{8080, 50000} {
		serve := hold
		if port == 8080 {
			serve = serveHTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Jenkins", "2.528")
				w.WriteHeader(http.StatusForbidden)
				fmt.Fprint(w, "<html><body>Authentication required</body></html>\n")
			}))
		}
		if !p.listen(port, serve) {
			return
		}
	}
	if !p.resumed() {
		p.complain("%s\tINFO\thudson.lifecycle.Lifecycle#onReady: Jenkins is fully up and running", p.now().Format("2006-01-02 15:04:05.000-0700"))
	}
	var build atomic.Int64
	p.every(deployFirst, deployPeriod, func(ctx context.Context) {
		n := build.Add(1)
		a, verb, err := p.deliver(ctx, n)
		at := p.now().Format("2006-01-02 15:04:05.000-0700")
		switch {
		case ctx.Err() != nil:
		case err != nil:
			p.complain("%s\tSEVERE\tbuild #%d: deploy failed: %v", at, n, err)
		case a.code < 300:
			p.complain("%s\tINFO\tbuild #%d: deployed: Deployment %s/%s %s", at, n, p.namespace(), deployed, verb)
		default:
			p.complain("%s\tSEVERE\tbuild #%d: deploy refused: %d %s", at, n, a.code, a.message())
		}
	})
}

// deliver creates the Deployment, or changes it if it is there.
func (p *process) deliver(ctx context.Context, build int64) (answer, string, error) {
	list := "/apis/apps/v1/namespaces/" + url.PathEscape(p.namespace()) + "/deployments"
	labels := map[string]any{"app": deployed}
	notes := map[string]any{"jenkins.io/build": fmt.Sprint(build)}
	object, err := json.Marshal(map[string]any{
		"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"name": deployed, "labels": labels, "annotations": notes},
		"spec": map[string]any{"replicas": 1, "selector": map[string]any{"matchLabels": labels}, "template": map[string]any{
			"metadata": map[string]any{"labels": labels},
			"spec":     map[string]any{"containers": []any{map[string]any{"name": "app", "image": "registry.k8s.io/pause:3.10"}}},
		}},
	})
	if err != nil {
		return answer{}, "", err
	}
	a, err := p.call(ctx, http.MethodPost, list, "application/json", object)
	if err != nil || a.code != http.StatusConflict {
		return a, "created", err
	}
	change, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": notes}})
	if err != nil {
		return answer{}, "", err
	}
	a, err = p.call(ctx, http.MethodPatch, list+"/"+deployed, "application/merge-patch+json", change)
	return a, "patched", err
}
