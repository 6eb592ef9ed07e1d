package job

import (
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
)

func at(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04:05", s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestScheduleNextTimes(t *testing.T) {
	t.Parallel()
	seoul, berlin, nowhere := "Asia/Seoul", "Europe/Berlin", "Nowhere/Land"
	for _, tc := range []struct {
		schedule string
		zone     *string
		after    string
		want     string // in UTC; empty: refused
	}{
		{"0 * * * *", nil, "2026-11-23 08:30:00", "2026-11-23 09:00:00"},
		{"0 * * * *", nil, "2026-11-23 09:00:00", "2026-11-23 10:00:00"},
		{"*/15 9-17 * * 1-5", nil, "2026-11-21 12:00:00", "2026-11-23 09:00:00"},
		{"@daily", nil, "2026-11-23 08:30:00", "2026-11-24 00:00:00"},
		{"@every 90m", nil, "2026-11-23 08:30:00", "2026-11-23 10:00:00"},
		{"0 0 29 2 *", nil, "2026-11-23 08:30:00", "2028-02-29 00:00:00"},
		{"0 9 * * *", &seoul, "2026-11-23 08:30:00", "2026-11-24 00:00:00"},
		{"30 2 * * *", &berlin, "2026-03-28 12:00:00", "2026-03-30 00:30:00"}, // 2:30 does not exist on the 29th
		{"0 9 * * *", &nowhere, "2026-11-23 08:30:00", ""},
		{"TZ=Asia/Seoul 0 9 * * *", nil, "2026-11-23 08:30:00", ""},
		{"0 25 * * *", nil, "2026-11-23 08:30:00", ""},
		{"often", nil, "2026-11-23 08:30:00", ""},
	} {
		s, err := parseSchedule(&batchv1.CronJob{Spec: batchv1.CronJobSpec{Schedule: tc.schedule, TimeZone: tc.zone}})
		if (err != nil) != (tc.want == "") {
			t.Errorf("%s: error %v", tc.schedule, err)
			continue
		}
		if err == nil {
			if got := s.Next(at(tc.after)); !got.Equal(at(tc.want)) {
				t.Errorf("%s after %s: %v, want %s", tc.schedule, tc.after, got.UTC(), tc.want)
			}
		}
	}
}

func TestDue(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		schedule, from, now, want string
		many                      bool
	}{
		{"0 * * * *", "2026-11-23 08:30:00", "2026-11-23 08:59:59", "", false},
		{"0 * * * *", "2026-11-23 08:30:00", "2026-11-23 09:00:00", "2026-11-23 09:00:00", false},
		{"0 * * * *", "2026-11-23 08:30:00", "2026-11-23 12:10:00", "2026-11-23 12:00:00", false},
		{"* * * * *", "2026-11-23 08:30:00", "2026-11-23 10:09:30", "2026-11-23 10:09:00", false},
		{"* * * * *", "2026-11-23 08:30:00", "2027-11-23 08:30:30", "2027-11-23 08:30:00", true},
		{"0 0 1 1 *", "2020-06-01 00:00:00", "2026-11-23 08:30:00", "2026-01-01 00:00:00", false},
		{"0 0 30 2 *", "2020-06-01 00:00:00", "2026-11-23 08:30:00", "", false}, // never
	} {
		s, err := parseSchedule(&batchv1.CronJob{Spec: batchv1.CronJobSpec{Schedule: tc.schedule}})
		if err != nil {
			t.Fatal(err)
		}
		got, many := due(s, at(tc.from), at(tc.now))
		if many != tc.many || tc.want == "" != got.IsZero() || tc.want != "" && !got.Equal(at(tc.want)) {
			t.Errorf("%s from %s at %s: %v, %v; want %q, %v", tc.schedule, tc.from, tc.now, got.UTC(), many, tc.want, tc.many)
		}
	}
}

func TestIndexes(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"": "", "0": "0", "1,3-5,7": "1,3-5,7", "0,1": "0,1", "2,0,1": "0-2", "x,1,2-y,-3": "1", "0-99999999999": ""} {
		if got := parseIndexes(in).String(); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func FuzzIndexes(f *testing.F) {
	f.Add("1,3-5,7")
	f.Add("0-99999,5")
	f.Fuzz(func(t *testing.T, text string) {
		s := parseIndexes(text)
		if again := parseIndexes(s.String()); len(again) != len(s) {
			t.Errorf("%q reads as %d indexes, and again as %d", text, len(s), len(again))
		}
	})
}

func BenchmarkDueAfterAYear(b *testing.B) {
	s, err := parseSchedule(&batchv1.CronJob{Spec: batchv1.CronJobSpec{Schedule: "* * * * *"}})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		due(s, at("2026-11-23 08:30:00"), at("2027-11-23 08:30:30"))
	}
}
