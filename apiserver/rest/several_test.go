package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

func TestSeveralAtATime(t *testing.T) {
	t.Parallel()
	wrong, many := errors.New("wrong"), make([]int, 1000)
	for i := range many {
		many[i] = i
	}
	var called atomic.Int32
	count := func(context.Context, int) error { called.Add(1); return nil }
	if err := several(t.Context(), 16, many, count); err != nil || called.Load() != 1000 {
		t.Errorf("%v after %d calls, want 1000", err, called.Load())
	}
	called.Store(0)
	err := several(t.Context(), 4, many, func(_ context.Context, i int) error {
		called.Add(1)
		if i == 10 {
			return wrong
		}
		return nil
	})
	if !errors.Is(err, wrong) {
		t.Errorf("%v, want %v", err, wrong)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	called.Store(0)
	if err := several(over, 4, many, count); !errors.Is(err, context.Canceled) || called.Load() != 0 {
		t.Errorf("%v after %d calls, want %v at once", err, called.Load(), context.Canceled)
	}
}

// A panic reaches the one who called, who can be the handler of a request, and says where it was.
func TestSeveralAtATimeHandPanicsOn(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		value any
		want  func(got any) bool
	}{
		{"broken", func(got any) bool {
			text := fmt.Sprint(got)
			return strings.HasPrefix(text, "broken\n") && strings.Contains(text, "several_test.go")
		}},
		{http.ErrAbortHandler, func(got any) bool { return got == http.ErrAbortHandler }},
	} {
		var got any
		func() {
			defer func() { got = recover() }()
			err := several(t.Context(), 4, make([]int, 200), func(context.Context, int) error { panic(tt.value) })
			t.Errorf("returned %v", err)
		}()
		if !tt.want(got) {
			t.Errorf("panicked with %v, want %v", got, tt.value)
		}
	}
}
