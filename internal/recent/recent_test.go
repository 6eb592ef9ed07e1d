package recent

import (
	"sync"
	"testing"
)

func TestMapKeepsWhatIsUsedAndForgetsTheRest(t *testing.T) {
	t.Parallel()
	m := New[int, string](100)
	m.Put(0, "kept")
	m.Put(1, "forgotten")
	for i := 2; i < 1000; i++ {
		m.Put(i, "other")
		if v, ok := m.Get(0); !ok || v != "kept" {
			t.Fatalf("a key in use was dropped after %d others", i)
		}
	}
	if _, ok := m.Get(1); ok {
		t.Error("an unused key is kept for ever")
	}
	if n := m.Len(); n > 200 {
		t.Errorf("%d entries", n)
	}
	m.Put(999, "new")
	if v, _ := m.Get(999); v != "new" {
		t.Errorf("overwritten value reads %q", v)
	}
}

func TestMapIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	m := New[int, int](10)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 1000 {
				m.Put(i%30, g)
				m.Get(i % 17)
			}
		})
	}
	wg.Wait()
}
