package request

import (
	"context"
	"time"
)

// Step is one on the way of a request.
type Step uint8

// The steps, in order. Not every request takes all of them.
const (
	StepAuthenticate Step = iota
	StepImpersonate
	StepAuthorize
	StepAdmit    // mutating admission
	StepValidate // validation and validating admission
	StepStore
	// Steps is how many there are.
	Steps = iota
)

var stepNames = [Steps]string{"authenticate", "impersonate", "authorize", "admit", "validate", "store"}

func (s Step) String() string { return stepNames[s] }

// Times say at which time after a request's arrival each step ended; zero where a step was not taken.
type Times [Steps]time.Duration

// Done notes that a step of the request has ended. It costs one reading of the clock. Of a step that is taken again the last end counts.
func (s *Scope) Done(step Step) {
	if s != nil && !s.Start.IsZero() {
		s.times[step].Store(int64(time.Since(s.Start)))
	}
}

// Done notes that a step of the context's request has ended.
func Done(ctx context.Context, step Step) { ScopeFrom(ctx).Done(step) }

// Times returns what Done noted.
func (s *Scope) Times() Times {
	var out Times
	for i := range s.times {
		out[i] = time.Duration(s.times[i].Load())
	}
	return out
}

// Answered notes what an answer that is a Status says.
func (s *Scope) Answered(reason, message string) {
	if s != nil {
		s.reason, s.message = reason, message
	}
}

// Answer returns what Answered noted.
func (s *Scope) Answer() (reason, message string) { return s.reason, s.message }
