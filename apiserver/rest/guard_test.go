package rest

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestAGuardCutsOffAWriteThatTakesTooLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		start := time.Now()
		g := newGuard(30*time.Second, func() { at = append(at, time.Since(start)) })
		for range 100 { // writes that take their time, but not too much of it
			g.begin()
			time.Sleep(29 * time.Second)
			g.end()
			time.Sleep(7 * time.Second)
		}
		synctest.Wait()
		if len(at) > 0 {
			t.Fatalf("cut off after %v", at)
		}
		began := time.Since(start)
		g.begin()
		time.Sleep(2 * time.Minute)
		g.end()
		g.stop()
		if len(at) != 1 || at[0]-began != 30*time.Second {
			t.Errorf("a write that began at %v was cut off at %v", began, at)
		}
	})
}

func TestAGuardThatHasStoppedCutsNothingOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(time.Second, func() { t.Error("cut off") })
		g.begin()
		g.stop()
		time.Sleep(time.Minute)
		g.check() // it was under way when the guard stopped
	})
}
