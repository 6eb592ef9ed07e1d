package storagetest

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/kubemint/kubemint/storage"
)

// Bench measures a backend: values of 2 KiB, keys as the API server makes them.
// b.N is one call each.
func (s Suite) Bench(b *testing.B) {
	value := make([]byte, 2<<10)
	for i := range value {
		value[i] = byte(i * 7)
	}
	for _, writers := range []int{1, 16, 100} {
		b.Run(fmt.Sprintf("create/writers=%d", writers), func(b *testing.B) {
			f := s.open(b)
			b.SetBytes(int64(len(value)))
			many(b, writers, func(i int64) error {
				_, err := f.Create(b.Context(), fmt.Sprintf("/registry/configmaps/default/config-%08d", i), value)
				return err
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
		})
	}
	b.Run("create/scattered/writers=100", func(b *testing.B) { // no two keys are neighbours
		f := s.open(b)
		b.SetBytes(int64(len(value)))
		many(b, 100, func(i int64) error {
			_, err := f.Create(b.Context(), fmt.Sprintf("/registry/configmaps/default/config-%08x", uint32(i)*0x9E3779B1), value)
			return err
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
	})
	b.Run("update/writers=100", func(b *testing.B) {
		f := s.open(b)
		fill(b, f, 100, value)
		free := make(chan storage.Entry, 100) // each is updated by one writer at a time
		for _, e := range f.list("/", storage.ListOptions{}).Entries {
			free <- e
		}
		many(b, 100, func(int64) error {
			e := <-free
			r, err := f.Store.Update(b.Context(), e.Key, value, e.Revision)
			free <- storage.Entry{Key: e.Key, Revision: r}
			return err
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
	})
	b.Run("get", func(b *testing.B) {
		f := s.open(b)
		fill(b, f, 10_000, value)
		b.ReportAllocs()
		many(b, 4, func(i int64) error {
			_, err := f.Get(b.Context(), name(int(i*7919%10_000)))
			return err
		})
	})
	b.Run("list/entries=10000", func(b *testing.B) {
		f := s.open(b)
		fill(b, f, 10_000, value)
		for b.Loop() {
			if n := len(f.list("/registry/", storage.ListOptions{}).Entries); n != 10_000 {
				b.Fatalf("%d entries", n)
			}
		}
	})
	b.Run("list/limit=500/behind=1000", func(b *testing.B) {
		f := s.open(b)
		fill(b, f, 5_000, value)
		at := f.revision()
		fill(b, fixture{t: f.t, Store: f.Store, base: 1}, 1_000, value)
		for b.Loop() {
			f.list("/registry/", storage.ListOptions{Limit: 500, Revision: at, After: name(2_000)})
		}
	})
	for _, watchers := range []int{1, 100} {
		b.Run(fmt.Sprintf("watch/watchers=%d", watchers), func(b *testing.B) {
			f := s.open(b)
			var all []<-chan []storage.Event
			for range watchers {
				all = append(all, f.watch("/", f.base))
			}
			for i := 0; b.Loop(); i++ { // one write, until the last watcher has it
				f.create(fmt.Sprintf("/registry/pods/default/pod-%d", i), "x")
				for _, events := range all {
					<-events
				}
			}
		})
	}
}

func name(i int) string { return fmt.Sprintf("/registry/configmaps/default/config-%06d", i) }

// fill creates entries; in a fixture with base 1, under other names.
func fill(b *testing.B, f fixture, n int, value []byte) {
	b.Helper()
	extra := ""
	if f.base == 1 && f.revision() > 1 {
		extra = "-more"
	}
	each(b, 100, func(worker int) error {
		for i := worker; i < n; i += 100 {
			if _, err := f.Create(b.Context(), name(i)+extra, value); err != nil {
				return err
			}
		}
		return nil
	})
}

// many spreads b.N calls over so many goroutines.
func many(b *testing.B, workers int, call func(i int64) error) {
	var next atomic.Int64
	b.ResetTimer()
	each(b, workers, func(int) error {
		for {
			i := next.Add(1) - 1
			if i >= int64(b.N) {
				return nil
			}
			if err := call(i); err != nil {
				return err
			}
		}
	})
	b.StopTimer()
}
