package cron

import (
	"testing"
	"time"
)

var monday = time.Date(2026, 11, 23, 8, 31, 9, 0, time.UTC)

func TestNext(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ schedule, want string }{
		{"*/5 * * * *", "2026-11-23T08:35:00Z"},
		{"0 9 * * 1-5", "2026-11-23T09:00:00Z"},
		{"0 0 1 * *", "2026-12-01T00:00:00Z"},
		{"30 8 * * *", "2026-11-24T08:30:00Z"},
		{"0 0 29 2 *", "2028-02-29T00:00:00Z"},
		{"@hourly", "2026-11-23T09:00:00Z"},
		{"@every 90s", "2026-11-23T08:32:39Z"},
		{"0 12 * * sun", "2026-11-29T12:00:00Z"},
	} {
		s, err := Parse(tc.schedule)
		if err != nil {
			t.Errorf("%q: %v", tc.schedule, err)
			continue
		}
		if got := s.Next(monday).Format(time.RFC3339); got != tc.want {
			t.Errorf("%q: next %s, want %s", tc.schedule, got, tc.want)
		}
	}
}

func TestNoSuchDayIsNever(t *testing.T) {
	t.Parallel()
	s, err := Parse("0 0 30 2 *")
	if err != nil {
		t.Fatal(err)
	}
	if n := s.Next(monday); !n.IsZero() {
		t.Errorf("30 February is due at %s", n)
	}
}

func TestZone(t *testing.T) {
	t.Parallel()
	s, err := ParseIn("0 9 * * *", time.FixedZone("KST", 9*3600))
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Next(monday).UTC().Format(time.RFC3339); got != "2026-11-24T00:00:00Z" {
		t.Errorf("nine o'clock in Seoul is %s", got)
	}
}

func TestMalformed(t *testing.T) {
	t.Parallel()
	for schedule, want := range map[string]string{
		"":           "empty spec string",
		"* * * *":    "expected exactly 5 fields, found 4: [* * * *]",
		"61 * * * *": "end of range (61) above maximum (59): 61",
		"x * * * *":  `failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax`,
		"@yearlyish": "unrecognized descriptor: @yearlyish",
		"TZ=0":       "invalid schedule format: runtime error: slice bounds out of range [:-1]",
	} {
		_, err := Parse(schedule)
		if err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %q", schedule, err, want)
		}
	}
}

func TestLast(t *testing.T) {
	t.Parallel()
	s, err := Parse("*/10 * * * *")
	if err != nil {
		t.Fatal(err)
	}
	last, missed := s.Last(monday, monday.Add(35*time.Minute), 100)
	if got := last.Format(time.RFC3339); got != "2026-11-23T09:00:00Z" || missed != 3 {
		t.Errorf("last %s of %d", got, missed)
	}
	last, missed = s.Last(monday, monday.AddDate(1, 0, 0), 100)
	if got := last.Format(time.RFC3339); got != "2027-11-23T08:30:00Z" || missed != 100 {
		t.Errorf("after a year: last %s of %d", got, missed)
	}
	if last, missed = s.Last(monday, monday.Add(time.Minute), 100); !last.IsZero() || missed != 0 {
		t.Errorf("nothing due: %s, %d", last, missed)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"*/5 * * * *", "@daily", "TZ=0", "CRON_TZ=UTC * * * * *", "1-5/2 * * * mon", "@every 1s"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, schedule string) {
		s, err := Parse(schedule)
		if err != nil {
			return
		}
		if n := s.Next(monday); !n.IsZero() && !n.After(monday) {
			t.Errorf("%q is due at %s, not after %s", schedule, n, monday)
		}
	})
}
