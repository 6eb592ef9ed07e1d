package told

import "time"

// Refusal is an answer of 401 or 403 that a program in a pod got while the clock moved.
type Refusal struct {
	Pod   string    `json:"pod"` // namespace/name
	Times int       `json:"times"`
	First Story     `json:"first"`
	Last  time.Time `json:"last"`
}
