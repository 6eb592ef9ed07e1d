package bolt_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/kubemint/kubemint/storage"
	"github.com/kubemint/kubemint/storage/bolt"
)

func BenchmarkStore(b *testing.B) { suiteWith(bolt.Options{}).Bench(b) }

// BenchmarkFsync is the floor of what one writer can do: 2 KiB at a time, forced
// to the disk.
func BenchmarkFsync(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "file"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	value := make([]byte, 2<<10)
	for b.Loop() {
		if _, err := f.Write(value); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
}

// BenchmarkStart opens a file with 50,000 objects of 1.5 KB, which checks all of
// it, and reads them all.
func BenchmarkStart(b *testing.B) {
	path := filepath.Join(b.TempDir(), "kubemint.db")
	s, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		b.Fatal(err)
	}
	const n = 50_000
	value := make([]byte, 1500)
	var all sync.WaitGroup
	for worker := range 200 {
		all.Go(func() {
			for i := worker; i < n; i += 200 {
				if _, err := s.Create(b.Context(), fmt.Sprintf("/registry/configmaps/ns-%d/config-%d", i%50, i), value); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			s, err := bolt.Open(path, bolt.Options{})
			if err != nil {
				b.Fatal(err)
			}
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("list", func(b *testing.B) {
		s := open(b, path, bolt.Options{})
		for b.Loop() {
			page, err := s.List(b.Context(), "/registry/", storage.ListOptions{})
			if err != nil || len(page.Entries) != n {
				b.Fatalf("%d entries, %v", len(page.Entries), err)
			}
		}
	})
}
