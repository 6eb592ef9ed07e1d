package token

import (
	"testing"
	"time"
)

var start = time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)

func lifeOf(seconds int64) Life {
	return Life{Expires: start.Add(time.Duration(seconds) * time.Second), Seconds: seconds}
}

func TestThresholdOfEachLifeKUB4(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name           string
		seconds        int64
		earliest, last time.Duration // with the largest and the smallest jitter
	}{
		{"ten minutes", 600, 471 * time.Second, 480 * time.Second},
		{"an hour", 3600, 2871 * time.Second, 2880 * time.Second},
		{"the standard mount", 3607, 2877 * time.Second, 2886 * time.Second},
		{"a day", 86400, 69111 * time.Second, 69120 * time.Second},
		{"thirty hours: both rules meet", 108000, 86391 * time.Second, 86400 * time.Second},
		{"a week: the day counts", 7 * 86400, 86391 * time.Second, 86400 * time.Second},
		{"a year: the day counts", 365 * 86400, 86391 * time.Second, 86400 * time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			l := lifeOf(tc.seconds)
			if got := l.Threshold(9 * time.Second).Sub(start); got != tc.earliest {
				t.Errorf("with jitter 9 the threshold is %v after issue, want %v", got, tc.earliest)
			}
			if got := l.Threshold(0).Sub(start); got != tc.last {
				t.Errorf("without jitter the threshold is %v after issue, want %v", got, tc.last)
			}
		})
	}
}

func TestNeedsRefreshKUB3(t *testing.T) {
	t.Parallel()
	hour := lifeOf(3600)
	for _, tc := range []struct {
		name   string
		after  time.Duration
		life   Life
		jitter time.Duration
		want   bool
	}{
		{"at issue", 0, hour, 9 * time.Second, false},
		{"a second before the earliest threshold", 2870 * time.Second, hour, 9 * time.Second, false},
		{"at the threshold itself not yet", 2871 * time.Second, hour, 9 * time.Second, false},
		{"just past it", 2871*time.Second + 1, hour, 9 * time.Second, true},
		{"the same moment with no jitter", 2871*time.Second + 1, hour, 0, false},
		{"past 80 %", 2880*time.Second + 1, hour, 0, true},
		{"at its end", 3600 * time.Second, hour, 0, true},
		{"long after its end", 48 * time.Hour, hour, 0, true},
		{"a year's token within the day", 86390 * time.Second, lifeOf(365 * 86400), 9 * time.Second, false},
		{"a year's token after a day", 86400*time.Second + 1, lifeOf(365 * 86400), 0, true},
		{"an answer without seconds", 100 * time.Hour, Life{Expires: start}, 9 * time.Second, false},
		{"an answer without an end", 100 * time.Hour, Life{Seconds: 3600}, 9 * time.Second, false},
		{"a fifth that is no whole second is cut", 800*time.Second + 801*time.Millisecond, Life{Expires: start.Add(1001 * time.Second), Seconds: 1001}, 0, false},
		{"and holds from its whole second on", 801*time.Second + 1, Life{Expires: start.Add(1001 * time.Second), Seconds: 1001}, 0, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := NeedsRefresh(start.Add(tc.after), tc.life, tc.jitter); got != tc.want {
				t.Errorf("NeedsRefresh %v after issue with jitter %v = %v, want %v", tc.after, tc.jitter, got, tc.want)
			}
		})
	}
}

func BenchmarkNeedsRefresh(b *testing.B) {
	l := lifeOf(3607)
	now := start.Add(40 * time.Minute)
	for b.Loop() {
		if NeedsRefresh(now, l, 5*time.Second) {
			b.Fatal("too early")
		}
	}
}
