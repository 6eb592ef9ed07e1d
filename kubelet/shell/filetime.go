package shell

import (
	"context"
	"sync"
	"time"
)

// askAgain is how long the cluster's time as the node has told it is good enough for files; wall time.
const askAgain = 20 * time.Millisecond

// fileTime is the time that files carry: the cluster's, which need not be asked for anew with each of them. If the parent cannot say, or
// the run has ended meanwhile, it is what the parent said last.
func (p *process) fileTime(ctx context.Context) func() time.Time {
	var mu sync.Mutex
	var asked, told time.Time
	return func() time.Time {
		mu.Lock()
		fresh, now := time.Since(asked) < askAgain, told
		mu.Unlock()
		if fresh {
			return now
		}
		a, err := p.server.simple(ctx, call{Do: "now"})
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			asked, told = time.Now(), time.Unix(0, a.Nanos).UTC()
		}
		return told
	}
}
