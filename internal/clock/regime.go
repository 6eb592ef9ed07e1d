package clock

import (
	"math"
	"time"
)

// End is the last moment of every cluster: its CA and component certificates
// run to it, and the clock stands still there.
var End = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)

// sleepGap is how far wall time must run ahead of the monotonic reading before
// it counts as a sleep or a set clock rather than as noise between two reads.
const sleepGap = 100 * time.Millisecond

// regime is a stretch of time with one rate, immutable once published.
type regime struct {
	at   time.Time // cluster time at the anchor
	from reading   // the anchor
	rate float64   // 0 stands still
}

// now is the cluster time at m, and by how much wall time ran ahead of the
// monotonic clock since the anchor (a sleep), which the caller folds in.
func (r *regime) now(m reading) (now time.Time, slept time.Duration) {
	if r.rate == 0 {
		return r.at, 0
	}
	d := m.mono - r.from.mono
	now = r.at.Add(scale(d, r.rate))
	if now.After(End) {
		return End, 0
	}
	if gap := m.wall.Sub(r.from.wall) - d; gap >= sleepGap {
		return now, gap
	}
	return now, 0
}

// scale is d*rate without overflow, exact at rate 1.
func scale(d time.Duration, rate float64) time.Duration {
	if rate == 1 {
		return d
	}
	f := float64(d) * rate
	if f >= math.MaxInt64 {
		return math.MaxInt64
	}
	return time.Duration(f)
}
