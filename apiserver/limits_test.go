package apiserver_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kubemint/kubemint/apiserver"
	"github.com/kubemint/kubemint/apiserver/servertest"
	"github.com/kubemint/kubemint/apiserver/story"
)

const configMaps = "/api/v1/namespaces/default/configmaps"

// TestInFlight: API-6. Who comes over the limit is asked to come back, watches and the system's masters excepted.
func TestInFlight(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, func(c *apiserver.Config) { c.MaxMutating, c.MaxReadOnly = 1, 1 })
	s.Must(t, http.MethodPost, "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
		`{"metadata":{"name":"nobody"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"cluster-admin"},"subjects":[{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"nobody"}]}`)
	asNobody := []string{"Authorization", "Bearer " + servertest.NobodyToken}
	call := func(method, path, body string) (int, string, string) {
		w := s.Call(t, method, path, body, asNobody...)
		return w.Code, w.Body.String(), w.Header().Get("Retry-After")
	}

	// A body that is on its way occupies the one place there is.
	body, sender := io.Pipe()
	begun := make(chan struct{})
	first := make(chan int, 1)
	go func() {
		r := servertest.Request(t.Context(), http.MethodPost, configMaps, "", asNobody...)
		r.Body, r.ContentLength = io.NopCloser(io.MultiReader(&tell{begun: begun}, body)), -1
		first <- s.Do(r).Code
	}()
	<-begun
	if code, text, retry := call(http.MethodPost, configMaps, `{"metadata":{"name":"second"}}`); code != http.StatusTooManyRequests || text != "Too many requests, please try again later.\n" || retry != "1" {
		t.Errorf("a second write: %d %q, Retry-After %q", code, text, retry)
	}
	if code, text, _ := call(http.MethodGet, configMaps, ""); code != http.StatusOK {
		t.Errorf("a read beside it: %d %s", code, text)
	}
	if code, text, _ := call(http.MethodGet, configMaps+"?watch=1&timeoutSeconds=1", ""); code != http.StatusOK {
		t.Errorf("a watch beside it: %d %s", code, text)
	}
	s.Must(t, http.MethodPost, configMaps, `{"metadata":{"name":"by-masters"}}`)
	if _, err := sender.Write([]byte(`{"metadata":{"name":"first"}}`)); err != nil {
		t.Fatal(err)
	}
	_ = sender.Close()
	if code := <-first; code != http.StatusCreated {
		t.Errorf("the first write ended with %d", code)
	}
	if code, text, _ := call(http.MethodPost, configMaps, `{"metadata":{"name":"second"}}`); code != http.StatusCreated {
		t.Errorf("the second write again: %d %s", code, text)
	}
}

// tell is a body without a byte that says when somebody begins to read.
type tell struct {
	begun chan struct{}
	told  bool
}

func (b *tell) Read([]byte) (int, error) {
	if !b.told {
		b.told = true
		close(b.begun)
	}
	return 0, io.EOF
}

// TestBodiesAndObjectsThatAreTooLarge: API-5.
func TestBodiesAndObjectsThatAreTooLarge(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	const limit = 3 << 20
	object := func(size int) string {
		frame := `{"metadata":{"name":"large"},"data":{"k":""}}`
		return frame[:len(frame)-3] + strings.Repeat("x", size-len(frame)) + frame[len(frame)-3:]
	}
	s.Must(t, http.MethodPost, configMaps, `{"metadata":{"name":"there"}}`)
	tooLarge := `"message":"Request entity too large: limit is 3145728","reason":"RequestEntityTooLarge","code":413`
	for _, tt := range []struct {
		name, method, path, contentType, body string
		unknown                               bool
		code                                  int
		want                                  string
	}{
		{"a byte over the limit", "POST", configMaps, "", object(limit + 1), false, 413, tooLarge},
		{"without a length", "POST", configMaps, "", object(limit + 1), true, 413, tooLarge},
		{"the limit itself", "POST", configMaps, "", object(limit), false, 422, `Too long: may not be more than 1048576 bytes`},
		{"an update", "PUT", configMaps + "/there", "", object(limit + 1), false, 413, tooLarge},
		{"a patch", "PATCH", configMaps + "/there", "application/merge-patch+json", object(limit + 1), false, 413, tooLarge},
		{"options of a delete", "DELETE", configMaps + "/there", "", object(limit + 1), false, 413, tooLarge},
		{"options of a deletecollection", "DELETE", configMaps, "", object(limit + 1), true, 413, tooLarge},
		{"more than storage takes", "POST", "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies", "", networkPolicy(2 << 20), false, 500, `"message":"etcdserver: request is too large","code":500`},
		{"operations of a JSON patch", "PATCH", configMaps + "/there", "application/json-patch+json", "[" + strings.Repeat(`{"op":"test","path":"/kind","value":"ConfigMap"},`, 10000) + `{"op":"test","path":"/kind","value":"ConfigMap"}]`, false, 413,
			`"message":"Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001"`},
		{"copies that double an object", "PATCH", configMaps + "/there", "application/json-patch+json", "[" + strings.TrimSuffix(strings.Repeat(`{"op":"copy","from":"","path":"/metadata/annotations"},`, 60), ",") + "]", false, 422,
			`the server rejected our request due to an error in our request`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := servertest.Request(t.Context(), tt.method, tt.path, tt.body, "Content-Type", tt.contentType)
			if tt.unknown {
				r.ContentLength = -1
			}
			if w := s.Do(r); w.Code != tt.code || !strings.Contains(w.Body.String(), tt.want) {
				t.Errorf("%d %.300s\nwant %d …%s…", w.Code, w.Body, tt.code, tt.want)
			}
		})
	}
}

// TestPatchesOfTooManyItems: merging a list takes the square of its length.
func TestPatchesOfTooManyItems(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	s.Must(t, http.MethodPost, "/api/v1/namespaces/default/serviceaccounts", `{"metadata":{"name":"a"}}`)
	var b strings.Builder
	for i := range 10_001 {
		fmt.Fprintf(&b, `,{"name":"s%d"}`, i)
	}
	for contentType, name := range map[string]string{"application/strategic-merge-patch+json": "a strategic merge patch", "application/apply-patch+yaml": "an apply patch"} {
		path := "/api/v1/namespaces/default/serviceaccounts/a"
		if strings.Contains(contentType, "apply") {
			path += "?fieldManager=m"
		}
		w := s.Call(t, http.MethodPatch, path, `{"secrets":[`+b.String()[1:]+`]}`, "Content-Type", contentType)
		if want := "Request entity too large: The allowed maximum items in a list of " + name + " is 10000, got 10001"; w.Code != http.StatusRequestEntityTooLarge || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%d %.300s", w.Code, w.Body)
		}
	}
}

// TestAnObjectOfManyFaults: its sender is told of a thousand, soon.
func TestAnObjectOfManyFaults(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	w := s.Call(t, http.MethodPost, "/api/v1/namespaces/default/secrets", `{"metadata":{"name":"a","finalizers":["`+strings.Repeat(`x","`, 100_000)+`x"]}}`)
	if n := strings.Count(w.Body.String(), `"reason":"FieldValueInvalid"`); w.Code != http.StatusUnprocessableEntity || n != 1000 {
		t.Errorf("%d, %d faults: %.300s", w.Code, n, w.Body)
	}
}

// networkPolicy is one of about n bytes: a kind whose validation knows no bound.
func networkPolicy(n int) string {
	return `{"metadata":{"name":"large"},"spec":{"podSelector":{"matchExpressions":[{"key":"a","operator":"In","values":["` +
		strings.Repeat(`aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","`, n/53) + `b"]}]}}}`
}

// TestNestedTooDeep: what would take a decoder down is refused before it gets there, in any format.
func TestNestedTooDeep(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	s.Must(t, http.MethodPost, configMaps, `{"metadata":{"name":"there"}}`)
	const deep = 10_000
	aliases := "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
	for i := 1; i < 12; i++ {
		aliases += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i-1), 10), ","))
	}
	for _, body := range []struct{ name, contentType, text string }{
		{"lists", "application/json", strings.Repeat("[", deep) + strings.Repeat("]", deep)},
		{"objects", "application/json", `{"data":` + strings.Repeat(`{"a":`, deep) + "1" + strings.Repeat("}", deep) + "}"},
		{"never closed", "application/json", strings.Repeat(`{"a":[`, deep)},
		{"YAML in flow style", "application/yaml", strings.Repeat("[", deep) + strings.Repeat("]", deep)},
		{"YAML by dashes", "application/yaml", strings.Repeat("- ", deep) + "x"},
		{"YAML by indentation", "application/yaml", yamlTower(2000)},
		{"YAML aliases", "application/yaml", aliases},
		{"a YAML alias of itself", "application/yaml", "metadata: &m {name: x, labels: *m}"},
	} {
		for _, route := range []struct{ method, path, contentType string }{
			{"POST", configMaps, ""},
			{"PUT", configMaps + "/there", ""},
			{"DELETE", configMaps + "/there?dryRun=All", ""},
			{"PATCH", configMaps + "/there", "application/json-patch+json"},
			{"PATCH", configMaps + "/there", "application/merge-patch+json"},
			{"PATCH", configMaps + "/there", "application/strategic-merge-patch+json"},
			{"PATCH", configMaps + "/there?fieldManager=m", "application/apply-patch+yaml"},
		} {
			contentType := body.contentType
			if route.contentType != "" {
				contentType = route.contentType
			}
			t.Run(body.name+" by "+route.method+" "+contentType, func(t *testing.T) {
				t.Parallel()
				if w := s.Call(t, route.method, route.path, body.text, "Content-Type", contentType); w.Code < 400 || w.Code >= 500 {
					t.Errorf("%d %.300s", w.Code, w.Body)
				}
			})
		}
	}
}

func yamlTower(levels int) string {
	var b strings.Builder
	for i := range levels {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

// dial opens a connection and negotiates HTTP/1.1.
func dial(t *testing.T, address string, trust *tls.Config) *tls.Conn {
	t.Helper()
	c := trust.Clone()
	c.NextProtos = []string{"http/1.1"}
	raw, err := dialSmall(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	c.ServerName, _, _ = net.SplitHostPort(address)
	conn := tls.Client(raw, c)
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// dialSmall makes a connection on which little is on its way: what is not read soon stops the sender.
func dialSmall(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return conn, conn.(*net.TCPConn).SetReadBuffer(32 << 10)
}

// closedBy reads until the other side has had enough, which must be long before a minute is over. It returns what came.
func closedBy(t *testing.T, conn net.Conn) []byte {
	t.Helper()
	got, err := io.ReadAll(conn)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the connection is still open after %.200q", got)
	}
	return got
}

// TestAHeaderThatDoesNotCome: who sends half a header, half a handshake or nothing at all is not waited for (API-1).
func TestAHeaderThatDoesNotCome(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	address, trust := s.Listen(t, apiserver.Connections{Header: 50 * time.Millisecond, Idle: 50 * time.Millisecond})
	for name, sent := range map[string]string{
		"nothing":                   "",
		"half a header":             "GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow",
		"a request, then no other":  "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n",
		"half a request after one":  "GET /livez HTTP/1.1\r\nHost: x\r\n\r\nGET /livez HT",
		"nothing that is a request": "\x00\x01\x02\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := dial(t, address, trust)
			_, _ = io.WriteString(conn, sent) // a busy machine may be given up on before that
			closedBy(t, conn)
		})
	}
	for name, sent := range map[string]string{"no handshake": "", "half a handshake": "\x16\x03\x01\x02\x00\x01"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			_ = conn.SetDeadline(time.Now().Add(time.Minute))
			_, _ = io.WriteString(conn, sent)
			closedBy(t, conn)
		})
	}
}

// TestHeadersThatAreTooLong: a URL, a selector and a header of more than a mebibyte are answered with 431 (API-1); shorter ones are read.
func TestHeadersThatAreTooLong(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	address, trust := s.Listen(t, apiserver.Connections{})
	long := func(n int) string { return strings.Repeat("a,", n/2) + "a" }
	for _, proto := range []string{"http/1.1", "h2"} {
		client := clientOf(t, trust, proto)
		for _, tt := range []struct {
			name, path, header string
			want               int
		}{
			{"a long path", "/api/v1/" + long(2<<20), "", 431},
			{"a long selector", configMaps + "?labelSelector=" + long(2<<20), "", 431},
			{"a long header", "/livez", long(2 << 20), 431},
			{"a selector that is long but read", configMaps + "?labelSelector=" + long(100<<10), "", 200},
			{"a field selector that is long but read", configMaps + "?fieldSelector=metadata.name!=" + strings.ReplaceAll(long(20<<10), ",", ",metadata.name!="), "", 200},
		} {
			t.Run(proto+" "+tt.name, func(t *testing.T) {
				t.Parallel()
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+address+tt.path, nil)
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Authorization", "Bearer "+servertest.AdminToken)
				r.Header.Set("X-Long", tt.header)
				w, err := client.Do(r)
				switch {
				case err != nil && tt.want == 431: // the client noticed first that nobody reads on
				case err != nil:
					t.Fatal(err)
				case w.StatusCode != tt.want:
					t.Errorf("%d, want %d", w.StatusCode, tt.want)
				}
				if err == nil {
					_ = w.Body.Close()
				}
			})
		}
	}
}

// clientOf speaks one protocol over connections of its own.
func clientOf(t *testing.T, trust *tls.Config, proto string) *http.Client {
	t.Helper()
	var protocols http.Protocols
	protocols.SetHTTP1(proto == "http/1.1")
	protocols.SetHTTP2(proto == "h2")
	transport := &http.Transport{TLSClientConfig: trust.Clone(), Protocols: &protocols, DisableCompression: true, DialContext: dialSmall,
		HTTP2: &http.HTTP2Config{MaxReceiveBufferPerStream: 64 << 10, MaxReceiveBufferPerConnection: 64 << 10}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: time.Minute}
}

// TestAnAnswerThatIsNotRead: a list whose reader stops is cut when its time is over, by HTTP/1.1 and HTTP/2. A watch on the same
// connection after an ordinary request is not.
func TestAnAnswerThatIsNotRead(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, func(c *apiserver.Config) { c.Patience = 100 * time.Millisecond })
	const size = 4 << 20 // more than the buffers of a connection hold
	filler := strings.Repeat("x", size/8)
	for i := range 8 {
		s.Must(t, http.MethodPost, configMaps, fmt.Sprintf(`{"metadata":{"name":"c%02d"},"data":{"k":%q}}`, i, filler))
	}
	address, trust := s.Listen(t, apiserver.Connections{})
	t.Run("http/1.1", func(t *testing.T) {
		t.Parallel()
		conn := dial(t, address, trust)
		if _, err := fmt.Fprintf(conn, "GET %s?timeout=100ms HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", configMaps, servertest.AdminToken); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(conn, make([]byte, 16)); err == nil { // the answer has begun, if this machine is not too busy for it
			idle(t, s)
		}
		if got := closedBy(t, conn); len(got) >= size {
			t.Errorf("%d bytes came", len(got))
		}
	})
	t.Run("h2", func(t *testing.T) {
		t.Parallel()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+address+configMaps+"?timeout=100ms", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+servertest.AdminToken)
		w, err := clientOf(t, trust, "h2").Do(r)
		if err != nil {
			return // this machine is too busy for even the beginning
		}
		defer func() { _ = w.Body.Close() }()
		idle(t, s)
		if got, err := io.ReadAll(w.Body); err == nil || len(got) >= size {
			t.Errorf("%d bytes came (%v)", len(got), err)
		}
	})
	t.Run("a watch after it", func(t *testing.T) {
		t.Parallel()
		conn := dial(t, address, trust)
		in := bufio.NewReader(conn)
		send := func(path string) *http.Response {
			t.Helper()
			if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", path, servertest.AdminToken); err != nil {
				t.Fatal(err)
			}
			w, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Fatal(err)
			}
			return w
		}
		now := between(s.Must(t, http.MethodGet, "/api/v1/namespaces/kube-system/configmaps", ""), `"resourceVersion":"`, `"`)
		w := send("/livez?timeout=100ms")
		if _, err := io.Copy(io.Discard, w.Body); err != nil {
			t.Fatal(err)
		}
		_ = w.Body.Close()
		deadline := time.Now().Add(250 * time.Millisecond) // that of the request before is over then
		lines := bufio.NewReader(send("/api/v1/namespaces/kube-system/configmaps?watch=1&resourceVersion=" + now).Body)
		time.Sleep(time.Until(deadline))
		s.Must(t, http.MethodPost, "/api/v1/namespaces/kube-system/configmaps", `{"metadata":{"name":"seen"}}`)
		if line, err := lines.ReadString('\n'); err != nil || !strings.Contains(line, `"name":"seen"`) {
			t.Errorf("the watch said %q (%v)", line, err)
		}
	})
}

// idle waits until no request is in work.
func idle(t *testing.T, s *servertest.Server) {
	t.Helper()
	for end := time.Now().Add(time.Minute); s.InFlight() > 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("a request is still in work")
		}
	}
}

// TestAWatcherThatDoesNotRead is cut, and goes on from what it has read: each event comes once over both watches together.
func TestAWatcherThatDoesNotRead(t *testing.T) {
	t.Parallel()
	for _, proto := range []string{"http/1.1", "h2"} {
		t.Run(proto, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t, func(c *apiserver.Config) { c.Patience = 200 * time.Millisecond })
			address, trust := s.Listen(t, apiserver.Connections{})
			client := clientOf(t, trust, proto)
			watch := func(ctx context.Context, after string) *http.Response {
				r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+address+configMaps+"?watch=1&resourceVersion="+after, nil)
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Authorization", "Bearer "+servertest.AdminToken)
				w, err := client.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				return w
			}
			after := between(s.Must(t, http.MethodGet, configMaps, ""), `"resourceVersion":"`, `"`)
			w := watch(t.Context(), after)
			const events = 20
			filler := strings.Repeat("x", 100<<10)
			for i := range events {
				s.Must(t, http.MethodPost, configMaps, fmt.Sprintf(`{"metadata":{"name":"c%02d"},"data":{"k":%q}}`, i, filler))
			}
			waitCut(t, s)
			seen := 0
			read := func(body io.ReadCloser, end int) {
				defer func() { _ = body.Close() }()
				in := bufio.NewReader(body)
				for seen < end {
					line, err := in.ReadBytes('\n')
					if err != nil {
						return // what is cut in the middle of a line was not seen
					}
					if want := fmt.Sprintf(`"name":"c%02d"`, seen); !bytes.Contains(line, []byte(want)) {
						t.Fatalf("event %d is %.200s", seen, line)
					}
					after = between(string(line), `"resourceVersion":"`, `"`)
					seen++
				}
			}
			read(w.Body, events)
			if seen == events {
				t.Fatalf("nobody cut the watch: all %d events came", seen)
			}
			for end := time.Now().Add(time.Minute); seen < events; { // a busy machine reads so slowly that it is cut again
				if time.Now().After(end) {
					t.Fatalf("%d events came, want %d", seen, events)
				}
				read(watch(t.Context(), after).Body, events)
			}
		})
	}
}

// waitCut waits until the server has given a watch up: its story is told then.
func waitCut(t *testing.T, s *servertest.Server) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		if len(s.Stories().Newest(1, true, func(rec *story.Record) bool { return rec.Verb == "watch" })) > 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatal("the watch is still going on")
		}
	}
}

func between(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return s
}
