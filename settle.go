package kubemint

import (
	"context"
	"math"
	"strconv"
	"time"

	"github.com/kubemint/kubemint/apiserver"
	"github.com/kubemint/kubemint/controller"
)

// settling finds out whether the cluster is quiet: no request in work but watches, every informer inside at the store's revision, no
// queue with anything in it (design decision D6).
type settling struct {
	server    *apiserver.Server
	manager   *controller.Manager
	scheduler loop
	nodes     *nodes
}

type loop interface {
	Pending() []string
	Informers() []controller.Synced
}

// How long settling waits while nothing gets on, in all, and between two looks; wall time. Quiet must hold for some looks in a row:
// handlers run a moment after the informer has taken an event.
const (
	settlePatience = 5 * time.Second  // a container that is busy for ever would hold up the clock
	settleMost     = 20 * time.Second // as would one that writes for ever; a slow machine with many pods may need some of it
	settleLook     = time.Millisecond
	settleLooks    = 3
)

// settle returns when the cluster is quiet, or what is still pending. While the cluster starts there is nothing to wait for (nil).
func (s *settling) settle(ctx context.Context) []string {
	if s == nil {
		return nil
	}
	end := time.Now().Add(settleMost)
	var stuck time.Time
	var pending []string
	quiet, last := 0, int64(-1)
	for fewest := math.MaxInt; ; {
		revision := s.server.Registry().Cache().Revision()
		if revision != last {
			// Tell all who watch where the store is, so that also those who see a part of it can be compared.
			s.server.Registry().Cache().Nudge()
			quiet, last, fewest = 0, revision, math.MaxInt
		}
		if pending = s.pending(revision); len(pending) == 0 {
			quiet++
		} else {
			quiet = 0
		}
		now := time.Now()
		if len(pending) < fewest {
			fewest, stuck = len(pending), now.Add(settlePatience)
		}
		if quiet >= settleLooks {
			return nil
		}
		if ctx.Err() != nil || now.After(stuck) || now.After(end) {
			return pending
		}
		time.Sleep(settleLook)
	}
}

func (s *settling) pending(revision int64) []string {
	var out []string
	if n := s.server.InFlight(); n > 0 {
		out = append(out, strconv.Itoa(n)+" requests")
	}
	for _, i := range s.informers() {
		if at, err := strconv.ParseInt(i.ResourceVersion, 10, 64); err != nil || at < revision {
			out = append(out, "informer "+i.Name)
		}
	}
	out = append(out, s.manager.Pending()...)
	out = append(out, s.scheduler.Pending()...)
	return append(out, s.nodes.pending()...)
}

func (s *settling) informers() []controller.Synced {
	out := s.manager.Informers()
	out = append(out, s.scheduler.Informers()...)
	return append(out, s.nodes.informers()...)
}
