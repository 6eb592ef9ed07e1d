package storagetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/kubemint/kubemint/storage"
)

// model is a store as one would write it down: all that was ever written, in
// order. Any question is answered by going through it from the start.
type model struct {
	base, compacted int64
	events          []storage.Event
}

func (m *model) revision() int64 { return m.base + int64(len(m.events)) }

func (m *model) state(at int64) map[string]storage.Entry {
	state := map[string]storage.Entry{}
	for _, e := range m.events[:at-m.base] {
		if e.Type == storage.Delete {
			delete(state, e.Key)
			continue
		}
		created := e.Revision
		if e.PrevRevision != 0 {
			created = state[e.Key].CreateRevision
		}
		state[e.Key] = storage.Entry{Key: e.Key, Value: e.Value, Revision: e.Revision, CreateRevision: created}
	}
	return state
}

func (m *model) list(prefix string, o storage.ListOptions) (storage.Page, error) {
	at := o.Revision
	switch {
	case at == 0:
		at = m.revision()
	case at < m.compacted:
		return storage.Page{}, storage.ErrCompacted
	case at > m.revision():
		return storage.Page{}, storage.ErrFuture
	}
	page := storage.Page{Revision: at}
	for _, e := range m.state(at) {
		if strings.HasPrefix(e.Key, prefix) && e.Key > o.After {
			page.Entries = append(page.Entries, e)
		}
	}
	slices.SortFunc(page.Entries, func(a, b storage.Entry) int { return strings.Compare(a.Key, b.Key) })
	if o.Limit > 0 && len(page.Entries) > o.Limit {
		page.More, page.Remaining = true, int64(len(page.Entries)-o.Limit)
		page.Entries = page.Entries[:o.Limit]
	}
	return page, nil
}

func (m *model) write(t storage.EventType, key string, value []byte, seen int64) (int64, error) {
	old, ok := m.state(m.revision())[key]
	switch {
	case seen < 0 && ok:
		return 0, storage.ErrExists
	case seen >= 0 && !ok:
		return 0, storage.ErrNotFound
	case seen >= 0 && seen != old.Revision:
		return 0, storage.ErrConflict
	}
	m.events = append(m.events, storage.Event{Type: t, Key: key, Value: value,
		PrevValue: old.Value, PrevRevision: old.Revision, Revision: m.revision() + 1})
	return m.revision(), nil
}

// Model: a long random story, told to the store and to the model, in which both
// give the same answers.
func (s Suite) Model(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	f := s.open(t)
	m := &model{base: f.base, compacted: f.base}
	key := func() string {
		return []string{"/a/", "/b/", "/b"}[random.IntN(3)] + string(rune('a'+random.IntN(12)))
	}
	prefix := func() string { return []string{"", "/", "/a/", "/b", "/b/", "/b/c", "/z"}[random.IntN(7)] }
	oldest := m.base // what lies before it may be others'
	if m.base == storage.FirstRevision {
		oldest -= 2
	}
	past := func() int64 { return oldest + random.Int64N(m.revision()-oldest+2) }
	seen := func(k string) int64 {
		if e, ok := m.state(m.revision())[k]; ok && random.IntN(5) > 0 {
			return e.Revision
		}
		return max(0, past())
	}
	ctx := t.Context()
	for step := range 1200 {
		var got, wanted any
		var err, wantErr error
		var what string
		switch n := random.IntN(100); {
		case n < 30:
			k, v := key(), fmt.Appendf(nil, "%d", step)
			what = "create " + k
			got, err = f.Create(ctx, k, v)
			wanted, wantErr = m.write(storage.Put, k, v, -1)
		case n < 50:
			k, v := key(), fmt.Appendf(nil, "%d", step)
			r := seen(k)
			what = fmt.Sprintf("update %s seen at %d", k, r)
			got, err = f.Store.Update(ctx, k, v, r)
			wanted, wantErr = m.write(storage.Put, k, v, r)
		case n < 65:
			k := key()
			r := seen(k)
			what = fmt.Sprintf("delete %s seen at %d", k, r)
			got, err = f.Store.Delete(ctx, k, r)
			wanted, wantErr = m.write(storage.Delete, k, nil, r)
		case n < 90:
			p, o := prefix(), storage.ListOptions{Limit: random.IntN(6)}
			if random.IntN(3) > 0 {
				o.Revision = past()
			}
			if random.IntN(2) > 0 {
				o.After = key()
			}
			what = fmt.Sprintf("list %q %+v", p, o)
			got, err = f.Store.List(ctx, p, o)
			wanted, wantErr = m.list(p, o)
		case n < 93 && m.revision()-m.compacted > 50:
			at := m.compacted + random.Int64N(40)
			what = fmt.Sprintf("compact %d", at)
			err = f.Store.Compact(ctx, at)
			m.compacted = max(m.compacted, at)
		default:
			k := key()
			what = "get " + k
			got, err = f.Get(ctx, k)
			e, ok := m.state(m.revision())[k]
			if wanted = e; !ok {
				wantErr = storage.ErrNotFound
			}
		}
		if !errors.Is(err, wantErr) {
			t.Fatalf("step %d, %s: error %v, want %v", step, what, err, wantErr)
		}
		same(t, fmt.Sprintf("step %d, %s", step, what), got, wanted)
		if t.Failed() {
			return
		}
	}
	for after := m.compacted; after <= m.revision(); after += 1 + random.Int64N(20) {
		p := prefix()
		var wanted []storage.Event
		for _, e := range m.events[after-m.base:] {
			if strings.HasPrefix(e.Key, p) {
				wanted = append(wanted, e)
			}
		}
		same(t, fmt.Sprintf("watch %q after %d", p, after), f.receive(f.watch(p, after), len(wanted)), wanted)
	}
}
