package shell

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

// script is one shell at work, with the signals that it has handlers for. The shells of (…), $(…), pipes and what it sends into the
// background are no scripts: a signal to a process is not for them.
type script struct {
	process *process
	runner  *interp.Runner
	arrived chan struct{} // holds one when a signal has come

	mu      sync.Mutex
	traps   map[string]string // by signal
	pending []string          // signals not yet handled
}

// leave ends the script: it hears nothing more.
func (s *script) leave() {
	p := s.process
	p.mu.Lock()
	defer p.mu.Unlock()
	p.scripts = slices.DeleteFunc(p.scripts, func(o *script) bool { return o == s })
}

// hear has a trap handle the signal; false: there is none.
func (s *script) hear(signal string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	text, ok := s.traps[signal]
	if text != "" && !slices.Contains(s.pending, signal) {
		s.pending = append(s.pending, signal)
		select {
		case s.arrived <- struct{}{}:
		default:
		}
	}
	return ok
}

// next is a signal that came meanwhile, and what its trap says; empty: there is none.
func (s *script) next() (signal, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.pending) > 0 && text == "" {
		signal, s.pending = s.pending[0], s.pending[1:]
		text = s.traps[signal]
	}
	return signal, text
}

// forget is for what exec runs in the script's place.
func (s *script) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.traps)
}

// own says whether the script itself calls, and none of its subshells.
func (s *script) own(ctx context.Context) bool {
	r := runnerOf(interp.HandlerCtx(ctx))
	return r.IsValid() && r.Pointer() == reflect.ValueOf(s.runner).Pointer()
}

// instead is a call of args after what the trap of a signal says that came meanwhile; nil: none came.
func (s *script) instead(args []string) ([]string, error) {
	_, text := s.next()
	if text == "" {
		return nil, nil
	}
	quoted := make([]string, len(args))
	for i, a := range args {
		q, err := syntax.Quote(a, syntax.LangBash)
		if err != nil {
			return nil, err
		}
		quoted[i] = q
	}
	return s.process.evaluated([]string{"eval", text + "\n" + strings.Join(quoted, " ")}), nil
}

// onExec runs a command, and then what the trap of a signal says that came meanwhile, as shells do.
func (s *script) onExec(ctx context.Context, args []string) error {
	if args[0] == hidden+"wait" {
		return s.wait(ctx, args[1:])
	}
	err := s.process.onExec(ctx, args)
	var status interp.ExitStatus
	if err != nil && !errors.As(err, &status) || !s.own(ctx) {
		return err
	}
	if _, text := s.next(); text != "" {
		return s.handle(ctx, text, int(status))
	}
	return err
}

// handle runs a trap; code is what $? is afterwards, unless it ends the script.
func (s *script) handle(ctx context.Context, text string, code int) error {
	return interp.HandlerCtx(ctx).Builtin(ctx, s.process.evaluated([]string{"eval", text + "\n(exit " + strconv.Itoa(code) + ")"}))
}

// wait is the builtin, which a signal with a trap ends. That of the interpreter hears of none.
func (s *script) wait(ctx context.Context, ids []string) error {
	for _, ended := range awaited(jobsOf(interp.HandlerCtx(ctx)), ids) {
		for open := true; open; {
			select {
			case <-ended:
				open = false
			case <-ctx.Done():
				return ctx.Err()
			case <-s.arrived:
				if signal, text := s.next(); text != "" {
					return s.handle(ctx, text, 128+signalNumber(signal))
				}
			}
		}
	}
	return interp.HandlerCtx(ctx).Builtin(ctx, append([]string{"wait"}, ids...)) // it knows how they ended
}

// awaited are the ends of those jobs that are named, or of all. The builtin complains about the first name that is none.
func awaited(jobs []chan struct{}, ids []string) []chan struct{} {
	if len(ids) == 0 {
		return jobs
	}
	var out []chan struct{}
	for _, id := range ids {
		n, err := strconv.Atoi(strings.TrimPrefix(id, "g"))
		if err != nil || n < 1 || n > len(jobs) {
			break
		}
		out = append(out, jobs[n-1])
	}
	return out
}

// runnerOf and jobsOf are what a handler is not told: which of the interpreter's shells calls it, and what that has sent into the
// background. Both are looked up where the interpreter keeps them. Where it does not, no trap is run: TestTraps tells.
func runnerOf(hc interp.HandlerContext) reflect.Value {
	r := reflect.ValueOf(hc).FieldByName("runner")
	if !r.IsValid() || r.Kind() != reflect.Pointer || r.IsNil() {
		return reflect.Value{}
	}
	return r
}

func jobsOf(hc interp.HandlerContext) []chan struct{} {
	r := runnerOf(hc)
	if !r.IsValid() {
		return nil
	}
	list := r.Elem().FieldByName("bgProcs")
	if !list.IsValid() || list.Kind() != reflect.Slice {
		return nil
	}
	var out []chan struct{}
	for i := range list.Len() {
		done := list.Index(i).FieldByName("done")
		if !done.IsValid() || done.Type() != reflect.TypeFor[chan struct{}]() {
			return nil
		}
		out = append(out, *reflect.NewAt(done.Type(), done.Addr().UnsafePointer()).Interface().(*chan struct{}))
	}
	return out
}

// signalNumber is the number of a signal that a process may be sent.
func signalNumber(name string) int {
	n, ok := map[string]int{"HUP": 1, "INT": 2, "QUIT": 3, "ABRT": 6, "KILL": 9, "USR1": 10, "SEGV": 11, "USR2": 12, "PIPE": 13, "ALRM": 14}[name]
	if !ok {
		return 15
	}
	return n
}
