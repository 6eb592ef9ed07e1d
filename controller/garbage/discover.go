package garbage

import (
	"context"
	"time"

	"github.com/kubemint/kubemint/controller/work"
)

// Pauses in wall time between tries to learn the server's kinds: the first, and the longest.
const (
	firstTry = 10 * time.Millisecond
	maxTry   = time.Second
)

// discover asks for the server's resources until it answers for all groups or ctx ends.
func discover(ctx context.Context, e work.Env) ([]work.Resource, error) {
	for pause := firstTry; ; pause = min(2*pause, maxTry) {
		all, err := work.Discover(e.Client.Discovery())
		if err == nil {
			return all, nil
		}
		if pause == maxTry {
			e.Log.Warn("garbage collector does not know the server's kinds", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}
