package shell

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"
)

// channel asks the parent for something that goes both ways, and returns the connection for it. The caller closes that.
func (s *server) channel(ctx context.Context, c call) (*tunnel, error) {
	q, done, err := s.ask(ctx, c)
	if err != nil {
		return nil, err
	}
	defer done()
	select {
	case t := <-q.conn:
		return t, nil
	case a := <-q.answer:
		if err := a.failure(); err != nil {
			return nil, err
		}
		return nil, errors.New("the node opened no connection")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// channel opens the connection that the child waits for with c, and hands both its directions to f, until ctx ends. It returns when the
// child has read all that f wrote; a goroutine of f's that reads on meanwhile ends as well.
func (l *link) channel(ctx context.Context, c call, f func(in io.Reader, out io.Writer)) {
	answer, write := io.Pipe()
	defer func() { _ = answer.Close() }()
	// The transport does not look at ctx while it waits for more to send.
	defer context.AfterFunc(ctx, func() { _ = answer.CloseWithError(context.Canceled) })()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/conns/"+strconv.FormatUint(c.ID, 10), answer)
	if err != nil {
		return
	}
	resp, err := l.client.RoundTrip(req)
	if err != nil {
		return
	}
	defer func() { _ = resp.Body.Close() }()
	in := &turns{r: resp.Body}
	f(in, write)
	_ = write.Close()
	_, _ = io.Copy(io.Discard, in)
}

// turns has those who read the same thing do it in turn. Of two that wait for a body of the transport's, its end wakes but one.
type turns struct {
	mu sync.Mutex
	r  io.Reader
}

func (t *turns) Read(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.r.Read(b)
}
