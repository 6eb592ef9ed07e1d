package server

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/streaming/pkg/httpstream"
	"k8s.io/streaming/pkg/httpstream/spdy"

	"github.com/kubemint/kubemint/kubelet/container"
)

// openLimit bounds the wait for a caller's streams; wall time.
const openLimit = 30 * time.Second

// spdyPeer is a caller whose streams are those of a SPDY connection (API-238).
type spdyPeer struct {
	conn   httpstream.Connection
	byType map[string]httpstream.Stream
	sizes  chan container.Size
	group  sync.WaitGroup
}

var errStreams = errors.New("timed out waiting for the client to create streams")

// spdy answers an upgrade and waits for the streams that were asked for.
func (s *Server) spdy(w http.ResponseWriter, r *http.Request, q wants, cancel context.CancelFunc) (peer, error) {
	if !httpstream.IsUpgradeRequest(r) {
		http.Error(w, "Upgrade request required", http.StatusBadRequest)
		return nil, errors.New("not an upgrade")
	}
	protocol, err := httpstream.Handshake(r, w, []string{"v5.channel.k8s.io", "v4.channel.k8s.io"})
	if err != nil {
		return nil, err // Handshake has answered
	}
	want := map[string]bool{corev1.StreamTypeError: true, corev1.StreamTypeStdin: q.stdin, corev1.StreamTypeStdout: q.stdout, corev1.StreamTypeStderr: q.stderr, corev1.StreamTypeResize: q.tty && protocol != ""}
	type arrival struct {
		stream httpstream.Stream
		sent   <-chan struct{}
	}
	arrived := make(chan arrival, len(want))
	conn := spdy.NewResponseUpgrader().UpgradeResponse(w, r, func(stream httpstream.Stream, sent <-chan struct{}) error {
		select {
		case arrived <- arrival{stream, sent}:
			return nil
		default:
			return errors.New("too many streams")
		}
	})
	if conn == nil {
		return nil, errors.New("the upgrade failed") // the upgrader has answered
	}
	p := &spdyPeer{conn: conn, byType: map[string]httpstream.Stream{}, sizes: make(chan container.Size, 1)}
	missing := 0
	for _, wanted := range want {
		if wanted {
			missing++
		}
	}
	late := time.NewTimer(openLimit)
	defer late.Stop()
	for missing > 0 {
		select {
		case a := <-arrived:
			kind := a.stream.Headers().Get(corev1.StreamType)
			if !want[kind] || p.byType[kind] != nil {
				_ = conn.Close()
				return nil, errors.New("unexpected stream " + kind)
			}
			p.byType[kind] = a.stream
			missing--
			<-a.sent
		case <-late.C:
			_ = conn.Close()
			return nil, errStreams
		case <-conn.CloseChan():
			return nil, errStreams
		}
	}
	p.group.Go(func() { // a caller that goes takes its command along
		<-conn.CloseChan()
		cancel()
	})
	if stream := p.byType[corev1.StreamTypeResize]; stream != nil {
		p.group.Go(func() {
			dec := json.NewDecoder(stream)
			for {
				var size container.Size
				if dec.Decode(&size) != nil {
					return
				}
				newest(p.sizes, size)
			}
		})
	}
	return p, nil
}

func (p *spdyPeer) streams() container.Streams {
	var s container.Streams
	if in := p.byType[corev1.StreamTypeStdin]; in != nil {
		s.Stdin = io.Reader(in)
	}
	if out := p.byType[corev1.StreamTypeStdout]; out != nil {
		s.Stdout = out
	}
	if errs := p.byType[corev1.StreamTypeStderr]; errs != nil {
		s.Stderr = errs
	}
	return s
}

func (p *spdyPeer) resize() <-chan container.Size { return p.sizes }

func (p *spdyPeer) finish(status metav1.Status) {
	// A caller that has gone needs no answer, and no stream that is closed twice.
	_, _ = p.byType[corev1.StreamTypeError].Write(encode(status))
	for _, s := range p.byType {
		_ = s.Close()
	}
	_ = p.conn.Close()
	p.group.Wait()
}
