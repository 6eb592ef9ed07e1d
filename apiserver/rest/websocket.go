package rest

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// isWebSocket says whether a client wants to change protocols.
func isWebSocket(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// overWebSocket sends each event as a text frame, for browsers (API-135). The bearer token that came as a subprotocol has been used and
// removed by authentication; the first of the others is echoed.
func (s *stream) overWebSocket() error {
	up := websocket.Upgrader{
		// The caller is already authenticated by a credential that a browser does not send by itself.
		CheckOrigin: func(*http.Request) bool { return true },
	}
	for _, p := range websocket.Subprotocols(s.request) {
		if !strings.HasPrefix(p, "base64url.bearer.authorization.k8s.io.") {
			up.Subprotocols = []string{p}
			break
		}
	}
	conn, err := up.Upgrade(s.w, s.request, nil)
	if err != nil {
		return nil // the library has answered
	}
	defer func() { _ = conn.Close() }()
	ctx, cancel := context.WithCancel(s.request.Context())
	done := make(chan struct{})
	go func() { // reading is how a close and the answers to pings are noticed
		defer close(done)
		defer cancel()
		for {
			if _, _, err := conn.ReadMessage(); err != nil {
				return
			}
		}
	}()
	s.emit = func(line []byte) error {
		_ = conn.SetWriteDeadline(time.Now().Add(s.handler.Patience)) // wall time: it is about a connection
		return conn.WriteMessage(websocket.TextMessage, line)
	}
	s.flush = func() error { return nil }
	s.run(ctx)
	_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second)) // wall time
	_ = conn.Close()
	cancel()
	<-done
	return nil
}
