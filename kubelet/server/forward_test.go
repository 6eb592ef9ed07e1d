package server

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"
	"k8s.io/streaming/pkg/httpstream"
)

// echo is what listens on port 7: it says everything again and adds an end. Nobody listens anywhere else.
func echo(_ context.Context, namespace, pod string, port uint16) (net.Conn, error) {
	if namespace != "default" || pod != "app" || port != 7 {
		return nil, errors.New("dial tcp4 127.0.0.1: connect: connection refused")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	go func() {
		c, err := l.Accept()
		_ = l.Close()
		if err != nil {
			return
		}
		_, _ = io.Copy(c, c)
		_, _ = io.WriteString(c, "end")
		_ = c.Close()
	}()
	return net.Dial("tcp", l.Addr().String())
}

func (n *node) config(t *testing.T, user string) *rest.Config {
	t.Helper()
	certPEM, keyPEM, err := n.ca.Client(user, nil, n.now, n.now.AddDate(0, 0, 1))
	if err != nil {
		t.Fatal(err)
	}
	return &rest.Config{Host: n.url, TLSClientConfig: rest.TLSClientConfig{CAData: n.ca.CertPEM(), CertData: certPEM, KeyData: keyPEM}}
}

// connection opens the streams of one forwarded connection, as kubectl does.
func connection(t *testing.T, conn httpstream.Connection, port, id string) (data, errs httpstream.Stream) {
	t.Helper()
	h := http.Header{}
	h.Set(corev1.PortHeader, port)
	h.Set(corev1.PortForwardRequestIDHeader, id)
	h.Set(corev1.StreamType, corev1.StreamTypeError)
	errs, err := conn.CreateStream(h)
	if err != nil {
		t.Fatal(err)
	}
	_ = errs.Close() // nothing is said there by the caller
	h.Set(corev1.StreamType, corev1.StreamTypeData)
	if data, err = conn.CreateStream(h); err != nil {
		t.Fatal(err)
	}
	return data, errs
}

// API-239: over SPDY, and over SPDY inside of a WebSocket.
func TestForwardsPorts(t *testing.T) {
	t.Parallel()
	n := serve(t, map[string][]string{"ann": {"get proxy", "create proxy"}}, echo)
	cfg := n.config(t, "ann")
	target, err := url.Parse(n.url + "/portForward/default/app")
	if err != nil {
		t.Fatal(err)
	}
	dialers := map[string]func() (httpstream.Dialer, error){
		"SPDY": func() (httpstream.Dialer, error) {
			rt, up, err := spdy.RoundTripperFor(cfg)
			return spdy.NewDialerForStreaming(up, &http.Client{Transport: rt}, http.MethodPost, target), err
		},
		"a tunnel": func() (httpstream.Dialer, error) {
			return portforward.NewSPDYOverWebsocketDialerForStreaming(target, cfg)
		},
	}
	for name, dialer := range dialers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := dialer()
			if err != nil {
				t.Fatal(err)
			}
			conn, protocol, err := d.Dial(portforward.PortForwardProtocolV1Name)
			if err != nil || protocol != portforward.PortForwardProtocolV1Name {
				t.Fatalf("%q, %v", protocol, err)
			}
			defer func() { _ = conn.Close() }()
			for i := range 3 { // one after the other, over the same connection
				data, errs := connection(t, conn, "7", fmt.Sprint(i))
				long := bytes.Repeat([]byte("0123456789"), 20_000)
				go func() {
					_, _ = data.Write(long)
					_ = data.Close()
				}()
				got, err := io.ReadAll(data)
				said, errSaid := io.ReadAll(errs)
				if err != nil || string(got) != string(long)+"end" || errSaid != nil || len(said) > 0 {
					t.Fatalf("%d bytes came back, %v; error %q, %v", len(got), err, said, errSaid)
				}
			}
			data, errs := connection(t, conn, "80", "no")
			said, err := io.ReadAll(errs)
			want := "error forwarding port 80 to pod 00001, uid : failed to connect to localhost:80 inside namespace of the pod, IPv4: dial tcp4 127.0.0.1: connect: connection refused"
			if err != nil || string(said) != want {
				t.Errorf("error %q, %v", said, err)
			}
			_ = data.Reset()
		})
	}
}

func TestForwardRefusesWhatItDoesNotSpeak(t *testing.T) {
	t.Parallel()
	n := serve(t, map[string][]string{"ann": {"get proxy", "create proxy"}}, echo)
	up := []string{"Connection", "Upgrade", "Upgrade", "SPDY/3.1"}
	for _, tc := range []struct {
		name    string
		headers []string
		code    int
		text    string
	}{
		{"no upgrade", nil, 400, "Upgrade request required"},
		{"no protocol", up, 400, "unable to upgrade: header X-Stream-Protocol-Version does not exist in request"},
		{"another protocol", append([]string{"X-Stream-Protocol-Version", "v9"}, up...), 403, "client supports [v9], server accepts [portforward.k8s.io]"},
		{"another tunnel", []string{"Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Protocol", "SPDY/3.1+v9"}, 403, "server accepts [SPDY/3.1+portforward.k8s.io]"},
		{"channels without a port", []string{"Connection", "Upgrade", "Upgrade", "websocket"}, 400, `query parameter "port" is required`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if code, body := n.get(t, n.as(t, "ann"), "GET", "/portForward/default/app", tc.headers...); code != tc.code || !strings.Contains(body, tc.text) {
				t.Errorf("%d %q, want %d %q", code, body, tc.code, tc.text)
			}
		})
	}
}

func TestStreamHeaders(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ port, kind, want string }{
		{"7", "data", ""}, {"65535", "error", ""},
		{"", "data", `"port" header is required`},
		{"x", "data", `unable to parse "x" as a port: strconv.ParseUint: parsing "x": invalid syntax`},
		{"0", "data", `port "0" must be > 0`},
		{"65536", "data", `unable to parse "65536" as a port: strconv.ParseUint: parsing "65536": value out of range`},
		{"7", "", `"streamType" header is required`},
		{"7", "stdin", `invalid stream type "stdin"`},
	} {
		h := http.Header{}
		h.Set(corev1.PortHeader, tc.port)
		h.Set(corev1.StreamType, tc.kind)
		_, _, err := streamOf(h)
		if got := fmt.Sprint(err); got != tc.want && (err != nil || tc.want != "") {
			t.Errorf("port %q, type %q: %v, want %q", tc.port, tc.kind, err, tc.want)
		}
	}
}

// The way of clients that speak no SPDY: channels that begin with the number of their port.
func TestForwardsPortsByChannels(t *testing.T) {
	t.Parallel()
	n := serve(t, map[string][]string{"ann": {"get proxy"}}, echo)
	for _, protocol := range []string{"v4.channel.k8s.io", "v4.base64.channel.k8s.io"} {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			d := websocket.Dialer{TLSClientConfig: n.as(t, "ann"), Subprotocols: []string{protocol}}
			c, resp, err := d.DialContext(t.Context(), "wss"+strings.TrimPrefix(n.url, "https")+"/portForward/default/app?port=7,80", nil)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _, _ = c.Close(), resp.Body.Close() }()
			text := strings.Contains(protocol, "base64")
			if text {
				err = c.WriteMessage(websocket.TextMessage, []byte("0"+base64.StdEncoding.EncodeToString([]byte("hello"))))
			} else {
				err = c.WriteMessage(websocket.BinaryMessage, []byte("\x00hello"))
			}
			if err != nil {
				t.Fatal(err)
			}
			got := map[byte]string{}
			for !strings.Contains(got[0], "hello") || !strings.Contains(got[3], "refused") {
				_, b, err := c.ReadMessage()
				if err != nil {
					t.Fatalf("%v; so far %q", err, got)
				}
				channel, data := b[0], b[1:]
				if text {
					channel -= '0'
					if data, err = base64.StdEncoding.DecodeString(string(data)); err != nil {
						t.Fatal(err)
					}
				}
				got[channel] += string(data)
			}
			for channel, want := range map[byte]string{0: "\x07\x00hello", 1: "\x07\x00", 2: "\x50\x00"} {
				if got[channel] != want {
					t.Errorf("channel %d: %q, want %q", channel, got[channel], want)
				}
			}
			if !strings.HasPrefix(got[3], "\x50\x00error forwarding port 80 to pod 00001, uid : ") {
				t.Errorf("channel 3: %q", got[3])
			}
		})
	}
}
