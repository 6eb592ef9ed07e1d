package clock

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// keepEvery is how often Keep writes while the clock runs at another rate than
// wall time. It bounds what a crash can lose, and Load makes up for that much.
const keepEvery = time.Second

// record is the file format of Keep.
type record struct {
	Now    time.Time `json:"now"`
	Wall   time.Time `json:"wall"`
	Rate   float64   `json:"rate"`
	Paused bool      `json:"paused"`
	Clean  bool      `json:"clean"` // written by an orderly stop
}

// Load reads what Keep wrote into the Config that continues it at wall time now:
// while the cluster was down time passed at rate 1, or not at all if it was
// paused. After a crash the first second or so counts at the old rate, so that
// time never runs backwards. A missing file is the zero Config.
func Load(path string, now time.Time) (Config, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Config{}, nil
	}
	if err != nil {
		return Config{}, fmt.Errorf("read the clock: %w", err)
	}
	var r record
	if err := json.Unmarshal(data, &r); err != nil {
		return Config{}, fmt.Errorf("read the clock in %s: %w", path, err)
	}
	if err := checkRate(r.Rate); err != nil || r.Now.IsZero() || r.Wall.IsZero() {
		return Config{}, fmt.Errorf("read the clock in %s: incomplete or impossible: now %v, wall %v, rate %v", path, r.Now, r.Wall, r.Rate)
	}
	return r.resume(now), nil
}

func (r record) resume(wall time.Time) Config {
	c := Config{Now: r.Now, Rate: r.Rate, Paused: r.Paused}
	down := max(wall.Sub(r.Wall), 0)
	switch {
	case r.Paused:
	case r.Clean:
		c.Now = r.Now.Add(down)
	default:
		unseen := min(down, 2*keepEvery)
		c.Now = r.Now.Add(max(down, scale(unseen, r.Rate)))
	}
	return c
}

// Keep writes the clock to path (0600) now, at each change, while it runs at
// another rate once a second, and when ctx ends. It blocks until then and
// returns nil, or the first error of writing.
func (c *Clock) Keep(ctx context.Context, path string) error {
	for {
		changed := c.Changed()
		s := c.State()
		if err := s.save(path, false); err != nil {
			return err
		}
		var again <-chan time.Time
		if s.Rate != 1 && !s.Paused {
			again = time.After(keepEvery) // wall time: it bounds what a crash loses
		}
		select {
		case <-ctx.Done():
			return c.State().save(path, true)
		case <-changed:
		case <-again:
		}
	}
}

func (s State) save(path string, clean bool) error {
	data, err := json.Marshal(record{Now: s.Now, Wall: s.Wall, Rate: s.Rate, Paused: s.Paused, Clean: clean})
	if err != nil {
		return fmt.Errorf("write the clock: %w", err)
	}
	// The name is replaced, never half written: an unreadable clock would keep
	// the cluster from starting.
	f, err := os.CreateTemp(filepath.Dir(path), ".clock-*")
	if err != nil {
		return fmt.Errorf("write the clock: %w", err)
	}
	_, err = f.Write(append(data, '\n'))
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write the clock: %w", err), os.Remove(f.Name()))
	}
	return nil
}
