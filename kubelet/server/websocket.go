package server

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/kubelet/container"
)

// Channels of a WebSocket (API-235): the first byte of each message.
const (
	channelStdin  byte = 0
	channelStdout byte = 1
	channelStderr byte = 2
	channelError  byte = 3
	channelResize byte = 4
	channelClose  byte = 255
)

// protocols are those that are spoken, the best first.
func protocols() []string {
	return []string{"v5.channel.k8s.io", "v4.channel.k8s.io", "v4.base64.channel.k8s.io", "channel.k8s.io", "base64.channel.k8s.io"}
}

// writeLimit bounds a write to a caller that does not read; wall time.
const writeLimit = time.Minute

type wsPeer struct {
	conn  *websocket.Conn
	wants wants
	text  bool // base64 in text messages
	// Version 5 is spoken to the API server, which a real one translates for its nodes: a failure has its words, and once more the API server's.
	translated bool
	input      typed
	sizes      chan container.Size
	cancel     context.CancelFunc
	reader     sync.WaitGroup

	mu sync.Mutex // one writer at a time
}

// webSocket answers an upgrade and reads the connection until it ends.
func (s *Server) webSocket(w http.ResponseWriter, r *http.Request, q wants, cancel context.CancelFunc) (peer, error) {
	offered := websocket.Subprotocols(r)
	choice := ""
	for _, p := range protocols() {
		if slices.Contains(offered, p) {
			choice = p
			break
		}
	}
	if choice == "" && len(offered) > 0 {
		http.Error(w, "unable to upgrade: none of the offered protocols is supported", http.StatusBadRequest)
		return nil, http.ErrNotSupported
	}
	conn, err := upgrade(w, r, choice)
	if err != nil {
		return nil, err
	}
	p := &wsPeer{conn: conn, wants: q, text: strings.Contains(choice, "base64"), translated: choice == protocols()[0], input: newTyped(), sizes: make(chan container.Size, 1), cancel: cancel}
	first := channelError
	switch {
	case q.stdout:
		first = channelStdout
	case q.stderr:
		first = channelStderr
	}
	if err := p.send(first, nil); err != nil {
		_ = conn.Close()
		return nil, err
	}
	p.reader.Go(p.read)
	return p, nil
}

func (p *wsPeer) read() {
	// A caller that goes takes its command along.
	defer p.cancel()
	defer func() { _ = p.input.w.Close() }()
	for {
		kind, b, err := p.conn.ReadMessage()
		if err != nil {
			return
		}
		if len(b) == 0 {
			continue
		}
		channel, data := b[0], b[1:]
		if kind == websocket.TextMessage && p.text {
			channel -= '0'
			if data, err = base64.StdEncoding.DecodeString(string(data)); err != nil {
				return
			}
		}
		switch channel {
		case channelStdin:
			if len(data) > 0 && p.wants.stdin {
				_, _ = p.input.w.Write(data) // a command that has ended reads no more
			}
		case channelResize:
			var size container.Size
			if json.Unmarshal(data, &size) == nil {
				newest(p.sizes, size)
			}
		case channelClose:
			if len(data) == 1 && data[0] == channelStdin {
				_ = p.input.w.Close()
			}
		}
	}
}

// newest leaves only the last size waiting.
func newest(c chan container.Size, size container.Size) {
	for {
		select {
		case c <- size:
			return
		default:
		}
		select {
		case <-c:
		default:
		}
	}
}

func (p *wsPeer) send(channel byte, b []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.conn.SetWriteDeadline(time.Now().Add(writeLimit))
	if p.text {
		return p.conn.WriteMessage(websocket.TextMessage, append([]byte{'0' + channel}, base64.StdEncoding.EncodeToString(b)...))
	}
	return p.conn.WriteMessage(websocket.BinaryMessage, append([]byte{channel}, b...))
}

type wsStream struct {
	p       *wsPeer
	channel byte
}

func (s wsStream) Write(b []byte) (int, error) {
	if err := s.p.send(s.channel, b); err != nil {
		return 0, err
	}
	return len(b), nil
}

func (p *wsPeer) streams() container.Streams {
	var s container.Streams
	if p.wants.stdin {
		s.Stdin = io.Reader(p.input)
	}
	if p.wants.stdout {
		s.Stdout = wsStream{p, channelStdout}
	}
	if p.wants.stderr {
		s.Stderr = wsStream{p, channelStderr}
	}
	return s
}

func (p *wsPeer) resize() <-chan container.Size { return p.sizes }

func (p *wsPeer) finish(status metav1.Status) {
	if p.translated && status.Reason == metav1.StatusReasonInternalError {
		status = apierrors.NewInternalError(errors.New(status.Message)).ErrStatus
	}
	_ = p.input.Close()
	_ = p.send(channelError, encode(status)) // a caller that has gone needs none
	p.mu.Lock()
	_ = p.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
	p.mu.Unlock()
	// Give the caller the time to read it all before the connection goes; wall time.
	_ = p.conn.SetReadDeadline(time.Now().Add(time.Second))
	p.reader.Wait()
	_ = p.conn.Close()
}
