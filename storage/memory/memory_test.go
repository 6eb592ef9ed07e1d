package memory_test

import (
	"testing"

	"github.com/kubemint/kubemint/storage"
	"github.com/kubemint/kubemint/storage/memory"
)

var _ storage.Store = (*memory.Store)(nil)

func TestWatchTellsWhatWasWritten(t *testing.T) {
	t.Parallel()
	s := memory.New()
	events, err := s.Watch(t.Context(), "/registry/", storage.FirstRevision)
	if err != nil {
		t.Fatal(err)
	}
	first, err := s.Create(t.Context(), "/registry/a", []byte("one"))
	if err != nil || first != 2 {
		t.Fatalf("create: revision %d, %v; want 2", first, err)
	}
	second, err := s.Update(t.Context(), "/registry/a", []byte("two"), first)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Delete(t.Context(), "/registry/a", second); err != nil {
		t.Fatal(err)
	}
	var got []storage.EventType
	for len(got) < 3 {
		for _, e := range <-events {
			got = append(got, e.Type)
		}
	}
	if got[0] != storage.Put || got[1] != storage.Put || got[2] != storage.Delete {
		t.Errorf("events %v", got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, open := <-events; open {
		t.Error("the watch outlives its store")
	}
}
