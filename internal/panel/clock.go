package panel

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubemint/kubemint/internal/clock"
	"github.com/kubemint/kubemint/internal/told"
)

// upcomingShown is how many coming moments an answer lists.
const upcomingShown = 20

func moments(list []clock.Moment) []told.Moment {
	out := make([]told.Moment, len(list))
	for i, m := range list {
		out[i] = told.Moment{Kind: string(m.Kind), What: m.What, At: m.At}
	}
	return out
}

func (p *panel) clock(w http.ResponseWriter, r *http.Request) (any, error) {
	switch r.Method {
	case http.MethodGet:
		s := p.Clock.State()
		return told.Clock{Now: s.Now, Rate: s.Rate, Paused: s.Paused, OffsetSeconds: s.Offset.Seconds(), Upcoming: moments(p.Clock.Upcoming(upcomingShown))}, nil
	case http.MethodPost:
		var m told.Move
		if err := readJSON(w, r, &m); err != nil {
			return nil, err
		}
		start := time.Now() // wall time: how long the move took
		refusals, stop := p.watchRefusals()
		report, err := p.moveClock(r.Context(), m)
		stop()
		if err != nil {
			return nil, err
		}
		report.Refused = p.refused(refusals)
		report.TookMillis = time.Since(start).Milliseconds()
		report.Upcoming = moments(p.Clock.Upcoming(upcomingShown))
		return report, nil
	}
	return nil, method(r, http.MethodGet, http.MethodPost)
}

func (p *panel) moveClock(ctx context.Context, m told.Move) (*told.Moved, error) {
	out := &told.Moved{From: p.Clock.Now(), Stops: []told.Moment{}, Pending: []string{}}
	done := func() (*told.Moved, error) {
		out.To = p.Clock.Now()
		return out, nil
	}
	switch m.Do {
	case "pause":
		p.Clock.Pause()
		return done()
	case "resume":
		p.Clock.Resume()
		return done()
	case "rate":
		if err := p.Clock.SetRate(m.Rate); err != nil {
			return nil, apierrors.NewBadRequest(err.Error())
		}
		return done()
	case "leap":
		d, err := moveBy(m)
		if err != nil {
			return nil, err
		}
		if out.From, out.To, err = p.Clock.Leap(d); err != nil {
			return nil, apierrors.NewBadRequest(err.Error())
		}
		out.Pending = append(out.Pending, p.Settle(ctx)...)
		return out, nil
	case "advance", "next":
		return p.travel(ctx, m, out)
	}
	return nil, apierrors.NewBadRequest(fmt.Sprintf("%q is nothing a clock can do: pause, resume, rate, advance, leap or next", m.Do))
}

func moveBy(m told.Move) (time.Duration, error) {
	d, err := time.ParseDuration(m.Duration)
	if err != nil {
		return 0, apierrors.NewBadRequest(fmt.Sprintf("duration %q: %v", m.Duration, err))
	}
	return d, nil
}

func (p *panel) travel(ctx context.Context, m told.Move, out *told.Moved) (*told.Moved, error) {
	var beats atomic.Int64
	hooks := clock.Hooks{
		Heartbeat: func(ctx context.Context) {
			beats.Add(int64(p.Nodes.Heartbeat(ctx)))
		},
		Settle: p.Settle,
	}
	// What was asked for before the move happens before it: a pod that is being deleted ends now and not at the first stop.
	p.Settle(ctx)
	var report clock.Report
	var err error
	if m.Do == "advance" {
		d, derr := moveBy(m)
		if derr != nil {
			return nil, derr
		}
		report, err = p.Clock.Advance(ctx, d, hooks)
	} else {
		var kinds []clock.Kind
		for _, k := range m.Kinds {
			kinds = append(kinds, clock.Kind(k))
		}
		report, err = p.Clock.Next(ctx, hooks, kinds...)
	}
	if err != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		return nil, err
	}
	if err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	out.From, out.To, out.Stops = report.From, report.To, moments(report.Stops)
	out.Pending = append(out.Pending, report.Pending...)
	out.Heartbeats = int(beats.Load())
	return out, nil
}
