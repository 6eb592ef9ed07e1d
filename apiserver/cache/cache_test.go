package cache_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubemint/kubemint/apiserver/cache"
	"github.com/kubemint/kubemint/storage"
	"github.com/kubemint/kubemint/storage/memory"
)

// house is a running cache over a memory store with one kind.
type house struct {
	t     *testing.T
	store storage.Store
	cache *cache.Cache
	kind  *cache.Kind
}

func newHouse(t *testing.T, window int, before ...string) *house {
	t.Helper()
	h := &house{t: t, store: memory.New()}
	for _, name := range before {
		h.create(name, "before")
	}
	h.cache = cache.New(h.store, "/registry/")
	h.kind = h.cache.Add(cache.KindConfig{
		Name: "configmaps", Prefix: "/registry/configmaps/", Window: window,
		New:    func() runtime.Object { return &corev1.ConfigMap{} },
		Decode: func(b []byte, into runtime.Object) error { return json.Unmarshal(b, into) },
		Fields: func(o runtime.Object) fields.Set { return fields.Set{"metadata.name": o.(*corev1.ConfigMap).Name} },
	})
	if err := h.cache.Fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.cache.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	return h
}

func value(name, data string) []byte {
	return fmt.Appendf(nil, `{"metadata":{"name":%q,"namespace":"a","labels":{"d":%q}},"data":{"k":%q}}`, name, data, data)
}

func (h *house) create(name, data string) int64 {
	h.t.Helper()
	rev, err := h.store.Create(h.t.Context(), "/registry/configmaps/a/"+name, value(name, data))
	if err != nil {
		h.t.Fatal(err)
	}
	h.wait(rev)
	return rev
}

func (h *house) update(name, data string, at int64) int64 {
	h.t.Helper()
	rev, err := h.store.Update(h.t.Context(), "/registry/configmaps/a/"+name, value(name, data), at)
	if err != nil {
		h.t.Fatal(err)
	}
	h.wait(rev)
	return rev
}

func (h *house) remove(name string, at int64) int64 {
	h.t.Helper()
	rev, err := h.store.Delete(h.t.Context(), "/registry/configmaps/a/"+name, at)
	if err != nil {
		h.t.Fatal(err)
	}
	h.wait(rev)
	return rev
}

func (h *house) wait(rev int64) {
	h.t.Helper()
	if h.cache == nil {
		return
	}
	if err := h.cache.Wait(h.t.Context(), rev); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) names(s cache.Snapshot) []string {
	var out []string
	s.Each("a/", "", func(o *cache.Object) bool {
		out = append(out, strings.TrimPrefix(o.Key, "a/"))
		return true
	})
	return out
}

func TestWhatWasStoredBeforeIsThere(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 0, "old")
	o := h.kind.Get("a/old")
	if o == nil {
		t.Fatal("an object stored before the start is missing")
	}
	typed, err := o.Typed()
	if err != nil {
		t.Fatal(err)
	}
	if got := typed.(*corev1.ConfigMap); got.ResourceVersion != fmt.Sprint(o.Revision) || got.Data["k"] != "before" {
		t.Errorf("got %+v", got)
	}
}

func TestAnObjectCarriesItsRevisionAndStoresNone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 0)
	rev := h.create("x", "1")
	o := h.kind.Get("a/x")
	if want := fmt.Sprintf(`{"metadata":{"name":"x","namespace":"a","resourceVersion":"%d",`, rev); !strings.HasPrefix(string(o.Body), want) {
		t.Errorf("body %s does not begin with %s", o.Body, want)
	}
	if string(o.Value()) != string(value("x", "1")) {
		t.Errorf("value %s is not what was stored", o.Value())
	}
}

func TestASnapshotDoesNotChange(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 0)
	at := h.create("b", "1")
	h.create("a", "1")
	before := h.kind.Snapshot()
	h.create("c", "1")
	h.remove("b", at)
	if got := h.names(before); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("the old snapshot holds %v", got)
	}
	if got := h.names(h.kind.Snapshot()); !slices.Equal(got, []string{"a", "c"}) {
		t.Errorf("the new one holds %v", got)
	}
}

func TestWatchTellsEveryChangeInOrder(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 0)
	start := h.create("x", "0")
	c, err := h.kind.Watch(start)
	if err != nil {
		t.Fatal(err)
	}
	two := h.update("x", "1", start)
	three := h.remove("x", two)
	var got []string
	for len(got) < 2 {
		events, _, err := c.Next(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			got = append(got, fmt.Sprint(e.Type, e.Revision))
			if e.Type == cache.Deleted && !strings.Contains(string(e.Object.Body), fmt.Sprintf(`"resourceVersion":"%d"`, three)) {
				t.Errorf("a deletion does not carry its own revision: %s", e.Object.Body)
			}
		}
	}
	if want := []string{fmt.Sprint("MODIFIED", two), fmt.Sprint("DELETED", three)}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAWatcherThatFallsBehindIsTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 8)
	start := h.create("first", "0")
	c, err := h.kind.Watch(start)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		h.create(fmt.Sprintf("n%d", i), "0")
	}
	if _, _, err := c.Next(t.Context(), nil); !errors.Is(err, cache.ErrTooOld) {
		t.Errorf("got %v, want ErrTooOld", err)
	}
	if _, err := h.kind.Watch(start); !errors.Is(err, cache.ErrTooOld) {
		t.Errorf("a watch from a dropped revision: got %v, want ErrTooOld", err)
	}
}

func TestANudgeTellsWhereTheStoreIs(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 0)
	c, err := h.kind.Watch(h.cache.Revision())
	if err != nil {
		t.Fatal(err)
	}
	h.cache.Nudge()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	events, at, err := c.Next(ctx, nil)
	if err != nil || len(events) != 0 || at != h.cache.Revision() {
		t.Errorf("got %v events, revision %d, error %v; want none, %d", len(events), at, err, h.cache.Revision())
	}
}

func TestObserversAreAsNewAsTheCache(t *testing.T) {
	t.Parallel()
	store := memory.New()
	c := cache.New(store, "/registry/")
	k := c.Add(cache.KindConfig{Name: "configmaps", Prefix: "/registry/configmaps/",
		New:    func() runtime.Object { return &corev1.ConfigMap{} },
		Decode: func(b []byte, into runtime.Object) error { return json.Unmarshal(b, into) }})
	seen := map[string]int64{}
	k.Observe(func(obj, prev *cache.Object) {
		if obj == nil {
			delete(seen, prev.Key)
			return
		}
		seen[obj.Key] = obj.Revision
	})
	if err := c.Fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	rev, err := store.Create(t.Context(), "/registry/configmaps/a/x", value("x", "1"))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(t.Context(), rev); err != nil {
		t.Fatal(err)
	}
	got := seen["a/x"] // Wait has returned: the observer has been called
	cancel()
	<-done
	if got != rev {
		t.Errorf("the observer saw revision %d, want %d", got, rev)
	}
}

func TestWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 0)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.cache.Wait(ctx, 1<<40); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkApplyAndRead(b *testing.B) {
	store := memory.New()
	c := cache.New(store, "/registry/")
	k := c.Add(cache.KindConfig{Name: "configmaps", Prefix: "/registry/configmaps/",
		New:    func() runtime.Object { return &corev1.ConfigMap{} },
		Decode: func(b []byte, into runtime.Object) error { return json.Unmarshal(b, into) }})
	if err := c.Fill(b.Context()); err != nil {
		b.Fatal(err)
	}
	go func() { _ = c.Run(b.Context()) }()
	i := 0
	for b.Loop() {
		name := fmt.Sprintf("n%d", i)
		i++
		rev, err := store.Create(b.Context(), "/registry/configmaps/a/"+name, value(name, "1"))
		if err != nil {
			b.Fatal(err)
		}
		if err := c.Wait(b.Context(), rev); err != nil {
			b.Fatal(err)
		}
		if k.Get("a/"+name) == nil {
			b.Fatal("missing")
		}
	}
}

func TestTheWindowsOfAllKindsStayWithinABudget(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 0)
	h.cache.SetBudget(64 << 10)
	first := h.cache.Revision()
	reader, err := h.kind.Watch(first)
	if err != nil {
		t.Fatal(err)
	}
	large := strings.Repeat("x", 4<<10)
	var last int64
	for i := range 40 {
		last = h.create(fmt.Sprintf("large-%d", i), large)
	}
	if _, err := h.kind.Watch(first); !errors.Is(err, cache.ErrTooOld) {
		t.Errorf("40 events of 8 KiB each are still all there: %v", err)
	}
	if _, _, err := reader.Next(t.Context(), nil); !errors.Is(err, cache.ErrTooOld) {
		t.Errorf("a reader that lost events was told %v", err)
	}
	recent, err := h.kind.Watch(last - 1)
	if err != nil {
		t.Fatal(err)
	}
	events, _, err := recent.Next(t.Context(), nil)
	if err != nil || len(events) != 1 || events[0].Revision != last {
		t.Errorf("got %v, %v, want the newest event", events, err)
	}
}

func TestWhatLeavesASelectorIsShownAsItWas(t *testing.T) { // API-113
	t.Parallel()
	h := newHouse(t, 0)
	rev := h.create("a", "first")
	cursor, err := h.kind.Watch(rev)
	if err != nil {
		t.Fatal(err)
	}
	now := h.update("a", "second", rev)
	events, _, err := cursor.Next(t.Context(), nil)
	if err != nil || len(events) != 1 {
		t.Fatalf("got %d events, %v", len(events), err)
	}
	last := string(events[0].Last().Body)
	if !strings.Contains(last, `"first"`) || !strings.Contains(last, fmt.Sprintf(`"resourceVersion":"%d"`, now)) {
		t.Errorf("got %s, want the state before under revision %d", last, now)
	}
}
