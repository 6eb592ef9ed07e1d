// Package cron reads the schedules of cron jobs: five fields or a descriptor such as @daily, as kube-apiserver and its controllers do.
//
// It is the one door to github.com/robfig/cron/v3, the parser upstream uses: its error texts reach the client. Nothing here starts a
// timer; callers ask for the next moment and wait for it on the cluster's clock.
package cron

import (
	"fmt"
	"time"

	"github.com/robfig/cron/v3"
)

// Schedule says when something is due.
type Schedule struct {
	spec cron.Schedule
	zone *time.Location
}

// Parse reads a schedule in UTC.
func Parse(schedule string) (Schedule, error) { return ParseIn(schedule, time.UTC) }

// ParseIn reads a schedule whose hours are those of a zone; nil is UTC. Malformed schedules are an error, never a panic.
func ParseIn(schedule string, zone *time.Location) (s Schedule, err error) {
	defer func() { // the parser panics on some that name a zone and nothing else
		if r := recover(); r != nil {
			s, err = Schedule{}, fmt.Errorf("invalid schedule format: %v", r)
		}
	}()
	if zone == nil {
		zone = time.UTC
	}
	spec, err := cron.ParseStandard(schedule)
	if err != nil {
		return Schedule{}, err
	}
	if f, ok := spec.(*cron.SpecSchedule); ok && f.Location == time.Local {
		f.Location = zone // without this the host's own zone would decide
	}
	return Schedule{spec: spec, zone: zone}, nil
}

// Next is the first moment after t at which the schedule is due, in the schedule's zone. It is the zero time if there is none within
// five years, as for 30 February.
func (s Schedule) Next(t time.Time) time.Time {
	if s.spec == nil {
		return time.Time{}
	}
	return s.spec.Next(t.In(s.zone))
}

// Last is the newest moment in (from, to] at which the schedule was due, and how many there were, counted up to most. The zero time
// means none.
func (s Schedule) Last(from, to time.Time, most int) (last time.Time, missed int) {
	for t := s.Next(from); !t.IsZero() && !t.After(to); t = s.Next(t) {
		last = t
		missed++
		if missed >= most {
			return s.near(to, last), missed
		}
	}
	return last, missed
}

// near finds the newest moment up to t without walking all of them, by looking back over growing spans.
func (s Schedule) near(t, floor time.Time) time.Time {
	for span := time.Minute; ; span *= 4 {
		start := t.Add(-span)
		if start.Before(floor) {
			start = floor
		}
		last := floor
		for n := s.Next(start); !n.IsZero() && !n.After(t); n = s.Next(n) {
			last = n
		}
		if last.After(start) || start.Equal(floor) {
			return last
		}
	}
}
