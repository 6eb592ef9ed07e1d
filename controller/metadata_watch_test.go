package controller

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
)

const eventLine = `{"type":"ADDED","object":{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"7","name":"a","namespace":"shop","uid":"u","creationTimestamp":"2026-01-02T03:04:05Z","deletionTimestamp":"2026-01-02T03:04:06Z","labels":{"app":"web"},"annotations":{"note":"{\"a\":1}"},"ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"p","uid":"o","blockOwnerDeletion":true}],"finalizers":["f"],"managedFields":[{"manager":"kubectl","operation":"Update","apiVersion":"v1","time":"2026-01-02T03:04:05Z","fieldsType":"FieldsV1","fieldsV1":{"f:data":{".":{},"f:k":{}},"f:metadata":{"f:labels":{".":{},"f:app":{}}}}}]}}}
`

// streaming is a server whose watches send events and then end.
func streaming(t *testing.T, events string, asked func(*http.Request)) metadata.Interface {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked(r)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, events)
	}))
	t.Cleanup(s.Close)
	cfg := &rest.Config{Host: s.URL}
	c, err := kubernetes.NewForConfig(cfg)
	if err != nil {
		t.Fatal(err)
	}
	m, err := metadata.NewForConfig(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return thinMetadata{m, c.CoreV1().RESTClient()}
}

func TestAThinWatchTellsOfOwnership(t *testing.T) {
	t.Parallel()
	events := eventLine +
		`{"type":"BOOKMARK","object":{"kind":"PartialObjectMetadata","metadata":{"resourceVersion":"9","annotations":{"k8s.io/initial-events-end":"true"}}}}` + "\n" +
		`{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"too old resource version","reason":"Expired","code":410}}` + "\n"
	var paths []string
	m := streaming(t, events, func(r *http.Request) {
		paths = append(paths, r.URL.Path+" "+r.URL.Query().Get("resourceVersion")+" "+r.URL.Query().Get("watch")+" "+r.Header.Get("Accept"))
	})
	w, err := m.Resource(schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}).Watch(t.Context(), metav1.ListOptions{ResourceVersion: "5"})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	var got []watch.Event
	for e := range w.ResultChan() {
		got = append(got, e)
	}
	yes, gone := true, metav1.NewTime(time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC))
	want := []watch.Event{
		{Type: watch.Added, Object: &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{
			Name: "a", Namespace: "shop", UID: "u", ResourceVersion: "7", DeletionTimestamp: &gone, Finalizers: []string{"f"},
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "v1", Kind: "Pod", Name: "p", UID: "o", BlockOwnerDeletion: &yes}},
		}}},
		{Type: watch.Bookmark, Object: &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{
			ResourceVersion: "9", Annotations: map[string]string{metav1.InitialEventsAnnotationKey: "true"},
		}}},
		{Type: watch.Error, Object: &metav1.Status{Status: "Failure", Message: "too old resource version", Reason: "Expired", Code: 410}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	w, err = m.Resource(schema.GroupVersionResource{Version: "v1", Resource: "pods"}).Namespace("shop").Watch(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	w.Stop()
	if diff := cmp.Diff([]string{
		"/apis/apps/v1/deployments 5 true " + partialMetadata, "/api/v1/namespaces/shop/pods  true " + partialMetadata,
	}, paths); diff != "" {
		t.Error(diff)
	}
}

func TestAThinWatchReportsWhatItCannotRead(t *testing.T) {
	t.Parallel()
	m := streaming(t, "{]", func(*http.Request) {})
	w, err := m.Resource(schema.GroupVersionResource{Version: "v1", Resource: "pods"}).Watch(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	e, ok := <-w.ResultChan()
	if !ok || e.Type != watch.Error || !strings.Contains(fmt.Sprint(e.Object), "unable to decode") {
		t.Errorf("%v, %v", e, ok)
	}
}

// endless repeats a text.
type endless struct {
	text string
	at   int
}

func (e *endless) Read(b []byte) (int, error) {
	n := copy(b, e.text[e.at:])
	e.at = (e.at + n) % len(e.text)
	return n, nil
}

func (e *endless) Close() error { return nil }

func BenchmarkThinDecode(b *testing.B) {
	d := newThinDecoder(&endless{text: eventLine})
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := d.Decode(); err != nil {
			b.Fatal(err)
		}
	}
}
