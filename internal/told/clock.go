package told

import "time"

// Moment is something that the cluster's clock will reach, or has reached.
type Moment struct {
	Kind string    `json:"kind"`
	What string    `json:"what"`
	At   time.Time `json:"at"`
}

// Clock is the state of the cluster's clock.
type Clock struct {
	Now           time.Time `json:"now"`
	Rate          float64   `json:"rate"`
	Paused        bool      `json:"paused"`
	OffsetSeconds float64   `json:"offsetSeconds"`
	Upcoming      []Moment  `json:"upcoming"`
}

// Move asks the clock to do something: pause, resume, rate, advance, leap, next.
type Move struct {
	Do       string   `json:"do"`
	Duration string   `json:"duration,omitempty"`
	Rate     float64  `json:"rate,omitempty"`
	Kinds    []string `json:"kinds,omitempty"`
}

// Moved tells what happened while the clock moved.
type Moved struct {
	From       time.Time `json:"from"`
	To         time.Time `json:"to"`
	Stops      []Moment  `json:"stops"`
	Heartbeats int       `json:"heartbeats"`
	Pending    []string  `json:"pending"`
	// Refused are the answers of 401 and 403 that pods got on the way.
	Refused    []Refusal `json:"refused"`
	Upcoming   []Moment  `json:"upcoming"`
	TookMillis int64     `json:"tookMillis"`
}
