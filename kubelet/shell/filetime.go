package shell

import (
	"context"
	"sync"
	"time"
)

// askAgain is how long the cluster's time as the node has told it is good enough for files; wall time.
const askAgain = 20 * time.Millisecond

// fileTime is the time that files carry: the cluster's, which need not be asked for anew with each of them.
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
		now = p.Now(ctx)
		mu.Lock()
		defer mu.Unlock()
		asked, told = time.Now(), now
		return now
	}
}
