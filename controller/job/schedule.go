package job

import (
	"fmt"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/robfig/cron/v3"
)

// parseSchedule reads the schedule of a CronJob in its time zone, or in UTC if it names none.
func parseSchedule(cj *batchv1.CronJob) (cron.Schedule, error) {
	text := cj.Spec.Schedule
	if strings.Contains(text, "TZ=") {
		return nil, fmt.Errorf("schedule %q: the time zone belongs into spec.timeZone", text)
	}
	zone := "UTC"
	if cj.Spec.TimeZone != nil {
		zone = *cj.Spec.TimeZone
	}
	if _, err := time.LoadLocation(zone); err != nil || zone == "" {
		return nil, fmt.Errorf("unknown time zone %q", zone)
	}
	s, err := cron.ParseStandard("TZ=" + zone + " " + text)
	if err != nil {
		return nil, fmt.Errorf("schedule %q: %w", text, err)
	}
	return s, nil
}

// manyMissed is the number of missed runs above which a CronJob complains.
const manyMissed = 100

// due returns the latest moment of a schedule after from and not after now, zero if there is none, and whether
// manyMissed or more lie between. It takes time in proportion to the logarithm of the distance.
func due(s cron.Schedule, from, now time.Time) (last time.Time, many bool) {
	first := s.Next(from)
	if first.IsZero() || first.After(now) {
		return time.Time{}, false
	}
	last = first
	for back := time.Minute; ; back *= 2 {
		start := now.Add(-back)
		if !start.After(from) {
			break
		}
		if t := s.Next(start); !t.IsZero() && !t.After(now) {
			last = t
			break
		}
	}
	for t := s.Next(last); !t.IsZero() && !t.After(now); t = s.Next(t) {
		last = t
	}
	t := first
	for range manyMissed {
		if t.IsZero() || t.After(now) {
			return last, false
		}
		t = s.Next(t)
	}
	return last, !t.IsZero() && !t.After(now)
}
