package clock_test

import (
	"context"
	"fmt"
	"time"

	"github.com/kubemint/kubemint/internal/clock"
)

// A lesson passes 50 minutes: a token that is due after 48 is renewed on the way.
func Example() {
	c := clock.New(clock.Config{Now: time.Date(2026, 11, 23, 8, 31, 0, 0, time.UTC), Paused: true})
	defer c.Close()
	var renewal *clock.Deadline
	renewal = c.Deadline(clock.Refresh, "pod default/app", c.Now().Add(48*time.Minute), func() {
		renewal.Reset(c.Now().Add(48 * time.Minute))
	})
	report, err := c.Advance(context.Background(), 50*time.Minute, clock.Hooks{})
	if err != nil {
		fmt.Println(err)
	}
	for _, stop := range report.Stops {
		fmt.Println(stop.At.Format(time.TimeOnly), stop.Kind, stop.What)
	}
	fmt.Println(report.To.Format(time.TimeOnly), "next", c.Upcoming(1)[0].At.Format(time.TimeOnly))
	// Output:
	// 09:19:00 refresh pod default/app
	// 09:21:00 next 10:07:00
}
