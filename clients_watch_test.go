package kubemint_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	clientwatch "k8s.io/client-go/tools/watch"

	"github.com/kubemint/kubemint"
)

// setConfigMap gives one another value.
func (r *running) setConfigMap(name, value string) {
	r.t.Helper()
	cm := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: map[string]string{"k": value}}
	if _, err := r.Admin.CoreV1().ConfigMaps("default").Update(r.t.Context(), cm, metav1.UpdateOptions{}); err != nil {
		r.t.Fatal(err)
	}
}

func (r *running) deleteConfigMap(name string) {
	r.t.Helper()
	if err := r.Admin.CoreV1().ConfigMaps("default").Delete(r.t.Context(), name, metav1.DeleteOptions{}); err != nil {
		r.t.Fatal(err)
	}
}

// tally counts what an informer tells of each object.
type tally struct {
	mu    sync.Mutex
	calls map[string]int
}

func (c *tally) note(what string, obj any) {
	if d, ok := obj.(cache.DeletedFinalStateUnknown); ok {
		obj = d.Obj
	}
	cm, ok := obj.(*corev1.ConfigMap)
	if !ok || cm.Name == "kube-root-ca.crt" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[what+" "+cm.Name]++
}

func (c *tally) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return fmt.Sprint(c.calls)
}

func (c *tally) is(want map[string]int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return cmp.Equal(want, c.calls)
}

// TestInformersComeThroughCompaction: an informer that was away while its place was compacted lists anew, and tells of every change of
// state once, and of nothing twice. Whoever watches from there himself is told in the stream (API-126 to API-128).
func TestInformersComeThroughCompaction(t *testing.T) {
	t.Parallel()
	cfg := kubemint.Config{DataDir: t.TempDir(), History: 50 * time.Millisecond}
	first := start(t, cfg)
	first.configMap("stays", "1")
	first.configMap("changes", "1")
	first.configMap("goes", "1")

	w := newWire()
	client, err := kubernetes.NewForConfig(w.through(first.Config))
	if err != nil {
		t.Fatal(err)
	}
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace("default"))
	maps := factory.Core().V1().ConfigMaps()
	counted := &tally{calls: map[string]int{}}
	if _, err := maps.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(obj any) { counted.note("added", obj) },
		UpdateFunc: func(old, obj any) {
			if old.(*corev1.ConfigMap).ResourceVersion != obj.(*corev1.ConfigMap).ResourceVersion { // a new list tells of all it holds
				counted.note("changed", obj)
			}
		},
		DeleteFunc: func(obj any) { counted.note("deleted", obj) },
	}); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	factory.Start(stop)
	defer factory.Shutdown()
	defer close(stop)
	cache.WaitForCacheSync(stop, maps.Informer().HasSynced)
	want := map[string]int{"added stays": 1, "added changes": 1, "added goes": 1}
	eventually(t, "the informer knows what is there", func() bool { return counted.is(want) })
	left := maps.Informer().LastSyncResourceVersion()

	w.cut()
	first.setConfigMap("changes", "2")
	first.configMap("passes", "1")
	first.deleteConfigMap("goes")
	first.deleteConfigMap("passes")
	first.stop()
	second := start(t, cfg) // its events begin where it did
	second.configMap("comes", "1")
	second.setConfigMap("changes", "3")
	eventually(t, "the place where the informer was is compacted", func() bool {
		_, err := second.Admin.CoreV1().ConfigMaps("default").List(t.Context(), metav1.ListOptions{ResourceVersion: left, ResourceVersionMatch: metav1.ResourceVersionMatchExact})
		return err != nil
	})

	expired := regexp.MustCompile(`^too old resource version: ` + left + ` \(\d+\)$`)
	for what, read := range map[string]func() (int, []byte){
		"HTTP": func() (int, []byte) {
			code, body := second.call("", http.MethodGet, "/api/v1/configmaps?watch=1&resourceVersion="+left, "")
			return code, []byte(body)
		},
		"WebSocket": func() (int, []byte) {
			conn := second.socket("/api/v1/configmaps?watch=1&resourceVersion="+left, "")
			_, frame, err := conn.ReadMessage()
			if err != nil {
				t.Fatal(err)
			}
			return http.StatusOK, frame
		},
	} {
		code, body := read()
		var event struct {
			Type   string
			Object metav1.Status
		}
		if err := json.Unmarshal(body, &event); err != nil || code != http.StatusOK || event.Type != "ERROR" || event.Object.Code != http.StatusGone ||
			event.Object.Reason != metav1.StatusReasonExpired || !expired.MatchString(event.Object.Message) {
			t.Errorf("a watch by %s from a place that is gone: %d %s", what, code, body)
		}
	}

	w.mendTo(second.Address())
	want = map[string]int{"added stays": 1, "added changes": 1, "added goes": 1, "changed changes": 1, "deleted goes": 1, "added comes": 1}
	t.Logf("before it makes up for it, the informer has told of %v", counted)
	eventually(t, "the informer has made up for it", func() bool { return counted.is(want) })
	second.configMap("later", "1")
	want["added later"] = 1
	eventually(t, "the informer goes on", func() bool { return counted.is(want) })
}

// TestAWatchGoesOnWhereItWasCut: client-go's RetryWatcher misses nothing and sees nothing twice (API-127).
func TestAWatchGoesOnWhereItWasCut(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{})
	w := newWire()
	client, err := kubernetes.NewForConfig(w.through(r.Config))
	if err != nil {
		t.Fatal(err)
	}
	list, err := client.CoreV1().ConfigMaps("default").List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	watcher, err := clientwatch.NewRetryWatcherWithContext(t.Context(), list.ResourceVersion, &cache.ListWatch{
		WatchFuncWithContext: client.CoreV1().ConfigMaps("default").Watch,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer watcher.Stop()
	var want []string
	write := func(name string) {
		r.configMap(name, "1")
		r.setConfigMap(name, "2")
		r.deleteConfigMap(name)
		want = append(want, "ADDED "+name, "MODIFIED "+name, "DELETED "+name)
	}
	var got []string
	read := func() {
		for len(got) < len(want) {
			select {
			case e := <-watcher.ResultChan():
				cm, ok := e.Object.(*corev1.ConfigMap)
				if !ok {
					t.Fatalf("the watch sent %+v", e)
				}
				got = append(got, fmt.Sprintf("%s %s", e.Type, cm.Name))
			case <-time.After(patience):
				t.Fatalf("the watch saw %v, want %v", got, want)
			}
		}
	}
	write("before")
	read()
	w.cut()
	write("meanwhile")
	w.mend()
	write("after")
	read()
	if !slices.Equal(got, want) {
		t.Errorf("the watch saw %v, want %v", got, want)
	}
}

// socket opens a WebSocket as the administrator, or with a bearer token among its protocols.
func (r *running) socket(path, token string, protocols ...string) *websocket.Conn {
	r.t.Helper()
	conn, answer, err := r.dialSocket(path, token, protocols...)
	if err != nil {
		r.t.Fatalf("%s: %v, %+v", path, err, answer)
	}
	r.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func (r *running) dialSocket(path, token string, protocols ...string) (*websocket.Conn, *http.Response, error) {
	r.t.Helper()
	cfg := r.Config
	if token != "" {
		cfg = rest.AnonymousClientConfig(cfg)
		protocols = append([]string{"base64url.bearer.authorization.k8s.io." + base64.RawURLEncoding.EncodeToString([]byte(token))}, protocols...)
	}
	tls, err := rest.TLSConfigFor(cfg)
	if err != nil {
		r.t.Fatal(err)
	}
	tls.NextProtos = []string{"http/1.1"}
	dialer := websocket.Dialer{TLSClientConfig: tls, Subprotocols: protocols, HandshakeTimeout: patience}
	conn, answer, err := dialer.DialContext(r.t.Context(), strings.Replace(r.Config.Host, "https:", "wss:", 1)+path, http.Header{"Origin": {"https://dashboard.example.com"}})
	if answer != nil {
		_ = answer.Body.Close()
	}
	if conn != nil {
		if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
			r.t.Fatal(err)
		}
	}
	return conn, answer, err
}

// TestWatchOverWebSocket: a text frame for each event, for browsers, which send their token as a protocol (API-135).
func TestWatchOverWebSocket(t *testing.T) {
	t.Parallel()
	const token = "socket-token"
	tokens := filepath.Join(t.TempDir(), "tokens.csv")
	if err := os.WriteFile(tokens, []byte(token+",someone,1,system:masters\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := start(t, kubemint.Config{TokenAuthFile: tokens})
	r.configMap("first", "1")
	const path = "/api/v1/namespaces/default/configmaps?watch=true&labelSelector=!nothing&fieldSelector=metadata.name!=kube-root-ca.crt"
	for _, test := range []struct {
		path, token string
		protocols   []string
		answered    string
	}{
		{path: path},
		{path: path, token: token, protocols: []string{"base64.binary.k8s.io"}, answered: "base64.binary.k8s.io"},
		{path: path, protocols: []string{"binary.k8s.io"}, answered: "binary.k8s.io"},
		{path: "/api/v1/watch/namespaces/default/configmaps?fieldSelector=metadata.name!=kube-root-ca.crt"},
	} {
		conn := r.socket(test.path, test.token, test.protocols...)
		if conn.Subprotocol() != test.answered {
			t.Errorf("with protocols %v the answer is in %q", test.protocols, conn.Subprotocol())
		}
		next := func() (kind, name string) {
			t.Helper()
			frame, text, err := conn.ReadMessage()
			var event struct {
				Type   string
				Object corev1.ConfigMap
			}
			if err != nil || frame != websocket.TextMessage || json.Unmarshal(text, &event) != nil || event.Object.Kind != "ConfigMap" {
				t.Fatalf("frame %d %s, %v", frame, text, err)
			}
			return event.Type, event.Object.Name
		}
		if kind, name := next(); kind != "ADDED" || name != "first" {
			t.Errorf("the first frame is %s %s", kind, name)
		}
		r.configMap("second", "1")
		r.deleteConfigMap("second")
		for _, want := range []string{"ADDED", "DELETED"} {
			if kind, name := next(); kind != want || name != "second" {
				t.Errorf("%s %s, want %s", kind, name, want)
			}
		}
	}
	for what, protocols := range map[string][]string{token: nil, "other": {"base64.binary.k8s.io"}} {
		if conn, answer, err := r.dialSocket(path, what, protocols...); err == nil || answer == nil || answer.StatusCode != http.StatusUnauthorized {
			if conn != nil {
				_ = conn.Close()
			}
			t.Errorf("a token with protocols %v: %v, %+v", protocols, err, answer)
		}
	}
}

// TestWatchesEndInTime: the server ends a watch at its time-out, having said where it stands, and the client may go on from there
// (API-129 to API-131).
func TestWatchesEndInTime(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{})
	r.configMap("there", "1")
	_, body := r.call("", http.MethodGet, "/api/v1/namespaces/default/configmaps?watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&resourceVersion=", "")
	var types []string
	var last metav1.PartialObjectMetadata
	lines := bufio.NewScanner(strings.NewReader(body))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var event struct {
			Type   string
			Object metav1.PartialObjectMetadata
		}
		if err := json.Unmarshal(lines.Bytes(), &event); err != nil {
			t.Fatal(err)
		}
		types, last = append(types, event.Type), event.Object
	}
	if !slices.Equal(types, []string{"ADDED", "ADDED", "BOOKMARK"}) || last.Annotations[metav1.InitialEventsAnnotationKey] != "true" || last.ResourceVersion == "" {
		t.Errorf("the stream held %v and ended with %+v", types, last)
	}
}
