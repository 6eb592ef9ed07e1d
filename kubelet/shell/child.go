package shell

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"time"
)

// marker has this program be the shell of a container, or of those that share one. Its value is the bounds, as JSON.
const marker = "KUBEMINT_SHELL"

// A process that a [Runtime] started is a container's shell and nothing else. This is decided here, before
// main and before any test, so that whoever links the package (the program, a test binary, somebody
// else's test of their operator) is a child that works and can never start children of its own.
func init() {
	if text, ok := os.LookupEnv(marker); ok {
		os.Clearenv()
		os.Exit(child(text))
	}
}

func child(text string) int {
	runtime.GOMAXPROCS(1)
	debug.SetMaxStack(maxStack)
	debug.SetGCPercent(100)
	var b bounds
	if json.Unmarshal([]byte(text), &b) != nil {
		return 1
	}
	if err := confine(b); err != nil {
		return 1
	}
	go watch(b)
	conn := newStdio(os.Stdin, os.Stdout, os.Stdin.Close)
	s := &server{containers: map[string]*members{}, waiting: map[uint64]*question{}, listeners: map[uint64]*listener{}, calls: make(chan call)}
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	srv := &http.Server{
		Handler: s.routes(), Protocols: protocols, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute,
		HTTP2: &http.HTTP2Config{MaxConcurrentStreams: 1 << 20, MaxReceiveBufferPerConnection: 1 << 30, // what nobody reads holds up nothing else; the memory that it takes is watched
			MaxReceiveBufferPerStream: 256 << 10},
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateClosed { // the parent has gone
				_ = conn.Close()
			}
		},
	}
	_ = srv.Serve(&one{conn: conn}) // it ends with the connection, and has nobody to tell
	return 0
}

// server is the child's side.
type server struct {
	mu         sync.Mutex
	containers map[string]*members
	waiting    map[uint64]*question
	listeners  map[uint64]*listener
	last       uint64
	calls      chan call
}

// question is a call that waits for its answer, or for its connection.
type question struct {
	answer chan answer
	conn   chan *tunnel
}

func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /run", s.run)
	mux.HandleFunc("POST /signal", s.signal)
	mux.HandleFunc("GET /calls", s.tell)
	mux.HandleFunc("POST /answers/{id}", s.answered)
	mux.HandleFunc("POST /conns/{id}", s.connected)
	mux.HandleFunc("POST /accepted/{id}", s.accepted)
	return mux
}

// tell streams the calls to the parent.
func (s *server) tell(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(http.StatusOK)
	flush := http.NewResponseController(w)
	if flush.Flush() != nil {
		return
	}
	for {
		select {
		case c := <-s.calls:
			if writeJSON(w, 0, c) != nil || flush.Flush() != nil {
				return
			}
		case <-r.Context().Done():
			return
		}
	}
}

// ask puts a question to the parent and returns the place of its answer. done takes it back.
func (s *server) ask(ctx context.Context, c call) (q *question, done func(), err error) {
	return s.askAs(ctx, c, func(uint64) {})
}

// askAs lets begin know the call's number before the parent does. server.mu is held then.
func (s *server) askAs(ctx context.Context, c call, begin func(id uint64)) (q *question, done func(), err error) {
	if c.long() {
		return nil, nil, errLong
	}
	q = &question{answer: make(chan answer, 1), conn: make(chan *tunnel, 1)}
	s.mu.Lock()
	s.last++
	c.ID = s.last
	s.waiting[c.ID] = q
	begin(c.ID)
	s.mu.Unlock()
	done = func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.waiting, c.ID)
	}
	select {
	case s.calls <- c:
		return q, func() {
			s.mu.Lock()
			_, open := s.waiting[c.ID]
			delete(s.waiting, c.ID)
			s.mu.Unlock()
			if open && c.Do == "sleep" { // the parent holds a timer for it
				go func() { s.calls <- call{ID: c.ID, Do: "cancel"} }()
			}
		}, nil
	case <-ctx.Done():
		done()
		return nil, nil, ctx.Err()
	}
}

// simple asks and waits.
func (s *server) simple(ctx context.Context, c call) (answer, error) {
	q, done, err := s.ask(ctx, c)
	if err != nil {
		return answer{}, err
	}
	defer done()
	select {
	case a := <-q.answer:
		if a.Error != "" {
			return a, errors.New(a.Error)
		}
		return a, nil
	case <-ctx.Done():
		return answer{}, ctx.Err()
	}
}

func (s *server) take(r *http.Request) *question {
	id, err := strconv.ParseUint(r.PathValue("id"), 10, 64)
	if err != nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.waiting[id]
	delete(s.waiting, id)
	return q
}

func (s *server) answered(w http.ResponseWriter, r *http.Request) {
	var a answer
	if err := json.NewDecoder(io.LimitReader(r.Body, maxFrame)).Decode(&a); err != nil {
		return // it did not arrive whole
	}
	if q := s.take(r); q != nil { // whoever asked is still there
		q.answer <- a
	}
	w.WriteHeader(http.StatusNoContent)
}

// connected is the parent's side of a connection: its body comes from the network, its answer goes there.
func (s *server) connected(w http.ResponseWriter, r *http.Request) {
	q := s.take(r)
	if q == nil {
		w.WriteHeader(http.StatusGone)
		return
	}
	w.WriteHeader(http.StatusOK)
	t := newTunnel(r, w)
	if t.flush() != nil {
		return
	}
	q.conn <- t
	select {
	case <-t.closed:
	case <-r.Context().Done():
		t.fail()
	}
	t.quiet()
}
