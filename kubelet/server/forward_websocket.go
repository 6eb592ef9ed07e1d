package server

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/streaming/pkg/httpstream"
	"k8s.io/streaming/pkg/httpstream/spdy"
)

// tunnelPrefix marks a WebSocket that carries SPDY; what follows is the protocol spoken over it.
const tunnelPrefix = "SPDY/3.1+"

// tunnels says whether a caller wants SPDY inside of a WebSocket, as kubectl does since 1.31.
func tunnels(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket") &&
		slices.ContainsFunc(websocket.Subprotocols(r), func(p string) bool { return strings.HasPrefix(p, tunnelPrefix) })
}

// tunnel answers an upgrade to a WebSocket and speaks SPDY in it.
func (f *forwarder) tunnel(w http.ResponseWriter, r *http.Request) {
	if !slices.Contains(websocket.Subprotocols(r), tunnelPrefix+forwardProtocol) {
		plain(w, http.StatusForbidden, "unable to upgrade: unable to negotiate protocol: client supports ["+
			strings.Join(websocket.Subprotocols(r), " ")+"], server accepts ["+tunnelPrefix+forwardProtocol+"]")
		return
	}
	socket, err := upgrade(w, r, tunnelPrefix+forwardProtocol)
	if err != nil {
		return // the upgrader has answered
	}
	arrived := make(chan httpstream.Connection, 1)
	conn, err := spdy.NewServerConnection(portforward.NewTunnelingConnection("server", socket), func(stream httpstream.Stream, sent <-chan struct{}) error {
		return f.accept(arrived, stream, sent)
	})
	if err != nil {
		return // it has closed the socket
	}
	f.serve(conn, arrived)
}

func upgrade(w http.ResponseWriter, r *http.Request, protocol string) (*websocket.Conn, error) {
	up := websocket.Upgrader{
		CheckOrigin: func(*http.Request) bool { return true }, // a certificate is no cookie: no browser sends it by itself
	}
	if protocol != "" {
		up.Subprotocols = []string{protocol}
	}
	return up.Upgrade(w, r, nil)
}

// channels forwards the ports that the query names over a WebSocket as clients without SPDY use it: for each
// port a channel of data and one of errors, both of which begin with the port's number.
func (f *forwarder) channels(ctx context.Context, w http.ResponseWriter, r *http.Request) {
	ports, err := portsOf(r.URL.Query()["port"])
	if err != nil {
		plain(w, http.StatusBadRequest, err.Error())
		return
	}
	protocol := ""
	if offered := websocket.Subprotocols(r); len(offered) > 0 {
		i := slices.IndexFunc(offered, func(p string) bool { return p == "v4.channel.k8s.io" || p == "v4.base64.channel.k8s.io" })
		if i < 0 {
			plain(w, http.StatusBadRequest, "unable to upgrade: none of the offered protocols is supported")
			return
		}
		protocol = offered[i]
	}
	socket, err := upgrade(w, r, protocol)
	if err != nil {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer func() { _ = socket.Close() }()
	m := &multiplexed{socket: socket, text: strings.Contains(protocol, "base64")}
	for i, port := range ports {
		number := binary.LittleEndian.AppendUint16(nil, port)
		if m.send(byte(2*i), number) != nil || m.send(byte(2*i+1), number) != nil {
			return
		}
		in := newTyped()
		m.inputs = append(m.inputs, in)
		f.group.Go(func() {
			defer func() { _ = in.Close() }()
			conn, err := f.dial(port)
			if err != nil {
				_ = m.send(byte(2*i+1), []byte(f.fail(port, err)))
				return
			}
			defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
			splice(conn, in, channelWriter{m, byte(2 * i)}, in.Close)
		})
	}
	m.read()
}

// portsOf reads the ports of a query: repeated, or with commas between them.
func portsOf(values []string) ([]uint16, error) {
	var ports []uint16
	for _, text := range strings.Split(strings.Join(values, ","), ",") {
		if text == "" {
			return nil, errors.New(`query parameter "port" is required`)
		}
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil || n == 0 {
			return nil, fmt.Errorf("unable to parse %q as a port", text)
		}
		ports = append(ports, uint16(n))
	}
	if len(ports) > 64 {
		return nil, fmt.Errorf("at most 64 ports can be forwarded, not %d", len(ports))
	}
	return ports, nil
}

// multiplexed is a WebSocket whose messages begin with a channel.
type multiplexed struct {
	socket *websocket.Conn
	text   bool // base64 in text messages
	inputs []typed

	mu sync.Mutex // one writer at a time
}

// read hands on what the caller sends, until it leaves.
func (m *multiplexed) read() {
	defer func() {
		for _, in := range m.inputs {
			_ = in.w.Close()
		}
	}()
	for {
		_, b, err := m.socket.ReadMessage()
		if err != nil {
			return
		}
		if len(b) == 0 {
			continue
		}
		channel, data := b[0], b[1:]
		if m.text {
			channel -= '0'
			if data, err = base64.StdEncoding.DecodeString(string(data)); err != nil {
				return
			}
		}
		if i := int(channel) / 2; channel%2 == 0 && i < len(m.inputs) && len(data) > 0 {
			_, _ = m.inputs[i].w.Write(data) // a connection that has ended reads no more
		}
	}
}

func (m *multiplexed) send(channel byte, b []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	_ = m.socket.SetWriteDeadline(time.Now().Add(writeLimit)) // wall time
	if m.text {
		return m.socket.WriteMessage(websocket.TextMessage, append([]byte{'0' + channel}, base64.StdEncoding.EncodeToString(b)...))
	}
	return m.socket.WriteMessage(websocket.BinaryMessage, append([]byte{channel}, b...))
}

type channelWriter struct {
	m       *multiplexed
	channel byte
}

func (c channelWriter) Write(b []byte) (int, error) {
	if err := c.m.send(c.channel, b); err != nil {
		return 0, err
	}
	return len(b), nil
}
