package shell

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// A goroutine that still reads what comes from the child, as that of a kubectl does which was given an input, keeps the channel from
// ending no more than the channel keeps the goroutine.
func TestAChannelAndItsReaderBothEnd(t *testing.T) {
	t.Parallel()
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	heard := make(chan struct{})
	child := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "x")
		_ = http.NewResponseController(w).Flush()
		_, _ = io.Copy(io.Discard, r.Body)
		heard <- struct{}{} // the parent's side has written all, and waits
		<-r.Context().Done()
	}))
	child.Config.Protocols = protocols
	child.Start()
	t.Cleanup(child.Close)
	transport := &http.Transport{Protocols: protocols}
	client, err := transport.NewClientConn(t.Context(), "http", child.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	l := &link{client: client}
	for range 50 {
		ctx, cancel := context.WithCancel(t.Context())
		read, ended := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(ended)
			l.channel(ctx, call{}, func(in io.Reader, _ io.Writer) {
				reads := make(chan struct{})
				go func() {
					defer close(read)
					_, _ = io.ReadFull(in, make([]byte, 1))
					close(reads)
					_, _ = io.Copy(io.Discard, in)
				}()
				<-reads
			})
		}()
		<-heard
		cancel() // as when the container ends
		for _, end := range []chan struct{}{read, ended} {
			select {
			case <-end:
			case <-time.After(time.Minute):
				t.Fatal("it did not end")
			}
		}
	}
}
