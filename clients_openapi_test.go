package kubemint_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	openapi_v3 "github.com/google/gnostic-models/openapiv3"
	"google.golang.org/protobuf/proto"
	"k8s.io/client-go/rest"

	"github.com/kubemint/kubemint"
)

// fetch gets a path as it comes: no redirect is followed, nothing is unzipped.
func (r *running) fetch(method, path string, headers ...string) (*http.Response, []byte) {
	r.t.Helper()
	transport, err := rest.TransportFor(r.Config)
	if err != nil {
		r.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.Config.Host+path, http.NoBody)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "identity")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	answer, err := transport.RoundTrip(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return answer, body
}

// TestOpenAPIIsCached: documents carry entity tags, who has one is answered 304, and what is long is compressed (API-8, API-35 to API-37).
func TestOpenAPIIsCached(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{})

	var index struct {
		Paths map[string]struct{ ServerRelativeURL string }
	}
	answer, body := r.fetch(http.MethodGet, "/openapi/v3")
	if err := json.Unmarshal(body, &index); err != nil || answer.Header.Get("ETag") != "" || answer.Header.Get("Last-Modified") == "" {
		t.Fatalf("the index: %v, %v", err, answer.Header)
	}
	hashed := index.Paths["apis/batch/v1"].ServerRelativeURL
	if !strings.HasPrefix(hashed, "/openapi/v3/apis/batch/v1?hash=") {
		t.Fatalf("apis/batch/v1 is at %q", hashed)
	}

	const json3, proto3, proto2 = "application/json", "application/com.github.proto-openapi.spec.v3@v1.0+protobuf", "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
	for _, test := range []struct{ path, accept, answered string }{
		{"/openapi/v2", "", "application/json"},
		{"/openapi/v2", proto2, "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"},
		{"/openapi/v2", "text/html;q=0.9, application/*;q=0.5", "application/json"},
		{"/openapi/v3/apis/batch/v1", json3, "application/json"},
		{"/openapi/v3/apis/batch/v1", proto3, "application/com.github.proto-openapi.spec.v3.v1.0+protobuf"},
		{hashed, "", "application/json"},
		{hashed, proto3, "application/com.github.proto-openapi.spec.v3.v1.0+protobuf"},
	} {
		var accept []string
		if test.accept != "" {
			accept = []string{"Accept", test.accept}
		}
		answer, body := r.fetch(http.MethodGet, test.path, accept...)
		tag := answer.Header.Get("ETag")
		if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != test.answered || len(tag) != 130 || answer.Header.Get("Vary") != "Accept" || len(body) < 1000 {
			t.Errorf("%s as %q: %d, %d bytes, %v", test.path, test.accept, answer.StatusCode, len(body), answer.Header)
		}
		for name, value := range map[string]string{"If-None-Match": `"other", W/` + tag, "If-Modified-Since": time.Now().UTC().Format(http.TimeFormat)} {
			again, rest := r.fetch(http.MethodGet, test.path, append(accept, name, value)...)
			if again.StatusCode != http.StatusNotModified || len(rest) != 0 || again.Header.Get("ETag") != tag {
				t.Errorf("%s as %q with %s: %d, %d bytes, %v", test.path, test.accept, name, again.StatusCode, len(rest), again.Header)
			}
		}
		if again, _ := r.fetch(http.MethodGet, test.path, append(accept, "If-None-Match", `"other"`)...); again.StatusCode != http.StatusOK {
			t.Errorf("%s as %q with another's tag: %d", test.path, test.accept, again.StatusCode)
		}
		forEver := test.path == hashed
		expires, err := time.Parse(time.RFC1123, answer.Header.Get("Expires"))
		if forEver && (answer.Header.Get("Cache-Control") != "public, immutable" || err != nil || expires.Before(time.Now().AddDate(0, 11, 0))) {
			t.Errorf("%s may not be kept: %v", test.path, answer.Header)
		}
		if !forEver && (answer.Header.Get("Expires") != "" || strings.Contains(answer.Header.Get("Cache-Control"), "immutable")) {
			t.Errorf("%s may be kept: %v", test.path, answer.Header)
		}
	}

	if answer, _ := r.fetch(http.MethodGet, "/openapi/v3/apis/batch/v1?hash=OLD"); answer.StatusCode != http.StatusMovedPermanently || answer.Header.Get("Location") != hashed {
		t.Errorf("an old hash: %d to %q", answer.StatusCode, answer.Header.Get("Location"))
	}
	for path, want := range map[string]int{"/openapi/v3/apis/nothing/v1": http.StatusNotFound, "/openapi/v3/": http.StatusNotFound} {
		if answer, _ := r.fetch(http.MethodGet, path); answer.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, answer.StatusCode, want)
		}
	}
	for _, path := range []string{"/openapi/v2", "/openapi/v3/api/v1"} {
		if answer, _ := r.fetch(http.MethodGet, path, "Accept", "application/xml"); answer.StatusCode != http.StatusNotAcceptable {
			t.Errorf("%s in XML: %d, want 406", path, answer.StatusCode)
		}
	}
	_, text := r.fetch(http.MethodGet, "/openapi/v3/api/v1")
	if answer, _ := r.fetch(http.MethodHead, "/openapi/v3/api/v1"); answer.StatusCode != http.StatusOK || answer.ContentLength != int64(len(text)) {
		t.Errorf("HEAD: %d with %d bytes announced, want %d", answer.StatusCode, answer.ContentLength, len(text))
	}
	answer, packed := r.fetch(http.MethodGet, "/openapi/v3/api/v1", "Accept-Encoding", "gzip")
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil || answer.Header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("compressed: %v, %v", err, answer.Header)
	}
	if unpacked, err := io.ReadAll(z); err != nil || !bytes.Equal(unpacked, text) {
		t.Errorf("compressed it is another: %v, %d bytes, want %d", err, len(unpacked), len(text))
	}
	if again, rest := r.fetch(http.MethodGet, "/openapi/v3/api/v1", "Accept-Encoding", "gzip", "If-None-Match", answer.Header.Get("ETag")); again.StatusCode != http.StatusNotModified || len(rest) != 0 ||
		again.Header.Get("Content-Encoding") != "" {
		t.Errorf("compressed, who has it: %d, %d bytes, %v", again.StatusCode, len(rest), again.Header)
	}
	for name := range 200 {
		r.configMap(fmt.Sprintf("large-%d", name), strings.Repeat("x", 1000))
	}
	for _, test := range []struct {
		path, encodings string
		zipped          bool
	}{
		{"/api/v1/configmaps", "gzip", true}, {"/api/v1/configmaps", "deflate, gzip", true}, {"/api/v1/configmaps", "identity", false}, {"/api/v1/configmaps", "gzip;q=0", false},
		{"/api/v1/configmaps?limit=20", "gzip", false}, {"/api/v1/configmaps?watch=1&timeoutSeconds=1", "gzip", false},
	} {
		answer, body := r.fetch(http.MethodGet, test.path, "Accept-Encoding", test.encodings)
		if got := answer.Header.Get("Content-Encoding") == "gzip"; got != test.zipped || answer.StatusCode != http.StatusOK {
			t.Errorf("%s for who accepts %s: %d, compressed %v, %d bytes", test.path, test.encodings, answer.StatusCode, got, len(body))
		}
	}
	_, message := r.fetch(http.MethodGet, "/openapi/v3/apis/batch/v1", "Accept", proto3)
	var document openapi_v3.Document
	if err := proto.Unmarshal(message, &document); err != nil || len(document.GetPaths().GetPath()) != 9 {
		t.Errorf("the message holds %d paths, %v", len(document.GetPaths().GetPath()), err)
	}
}
