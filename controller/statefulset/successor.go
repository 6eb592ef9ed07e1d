package statefulset

import (
	"context"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/controller/work"
)

// apart is how long, in wall time, a name stays free between a pod and its successor. Real pods take a second and more to go, and kubectl
// relies on it: `kubectl delete pod` asks for the pod it deleted and then for those of its name, and when the successor has come in between
// it waits for that one's end.
const apart = 200 * time.Millisecond

// departed remembers which pods went a moment ago.
type departed struct {
	mu   sync.Mutex
	when map[string]time.Time // by namespace/name, wall time
}

// watch follows the pods that a loop is told of.
func (d *departed) watch(l *work.Loop, pods *work.Informer) {
	l.Watch(pods, func(old, new metav1.Object) {
		if new != nil || old == nil || metav1.GetControllerOfNoCopy(old) == nil || metav1.GetControllerOfNoCopy(old).Kind != "StatefulSet" {
			return
		}
		now := time.Now()
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.when == nil {
			d.when = map[string]time.Time{}
		}
		for key, at := range d.when {
			if now.Sub(at) > apart {
				delete(d.when, key)
			}
		}
		d.when[work.Key(old)] = now
	})
}

// wait returns when the name has been free for long enough, or ctx ends.
func (d *departed) wait(ctx context.Context, key string) {
	d.mu.Lock()
	left := apart - time.Since(d.when[key])
	d.mu.Unlock()
	if left <= 0 {
		return
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
