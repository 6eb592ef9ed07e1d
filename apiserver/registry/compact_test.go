package registry

import (
	"testing"
	"time"
)

func TestThePastIsForgottenByAgeAndByLength(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	h := history{compaction: Compaction{Keep: 5 * time.Minute, Most: 1000}}
	for _, step := range []struct {
		minute         int
		revision, want int64
	}{
		{0, 10, 0}, {1, 20, 0}, {4, 30, 0},
		{5, 40, 10},     // five minutes after 10
		{6, 40, 20},     // after 20
		{7, 40, 0},      // nothing got old
		{8, 5000, 4000}, // a thousand are kept at most
		{13, 5000, 5000},
		{14, 5000, 0}, // what is forgotten is forgotten
	} {
		if got := h.forget(start.Add(time.Duration(step.minute)*time.Minute), step.revision); got != step.want {
			t.Errorf("minute %d, revision %d: forgets up to %d, want %d", step.minute, step.revision, got, step.want)
		}
	}
}
