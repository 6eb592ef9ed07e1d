package footprint

import (
	"context"
	"runtime/debug"
	"testing"
	"time"
)

func TestPercentBoundsTheGrowthOfALargeHeap(t *testing.T) {
	t.Parallel()
	for live, want := range map[uint64]int{0: 100, 10 << 20: 100, 64 << 20: 100, 96 << 20: 66, 128 << 20: 50, 160 << 20: 40, 2 << 30: 40} {
		if got := percent(live); got != want {
			t.Errorf("%d MiB: %d, want %d", live>>20, got, want)
		}
	}
}

// It sets what counts for the whole process, so it runs alone.
func TestRunSteersTheCollectorAndSetsItBack(t *testing.T) {
	const other = 173
	was := debug.SetGCPercent(other)
	defer debug.SetGCPercent(was)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	Keeper{}.Run(ctx)
	if got := debug.SetGCPercent(usual); got != other {
		t.Errorf("what somebody set became %d", got)
	}

	ctx, cancel = context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		Keeper{Tick: time.Millisecond}.Run(ctx)
	}()
	held := make([]byte, 192<<20)
	deadline := time.Now().Add(time.Minute)
	for {
		now := debug.SetGCPercent(least)
		debug.SetGCPercent(now)
		if now == least {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("with %d bytes held the heap may grow by %d per cent", len(held), now)
		}
		GiveBack() // a collection; the setting follows in a goroutine of the runtime's
	}
	held[0] = 1
	cancel()
	<-ended
	if got := debug.SetGCPercent(usual); got != usual {
		t.Errorf("it is left at %d", got)
	}
}
