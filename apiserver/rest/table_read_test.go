package rest_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kubemint/kubemint/apiserver/servertest"
)

const (
	asTable   = "application/json;as=Table;v=v1;g=meta.k8s.io"
	asPartial = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
)

func accept(t string) []string { return []string{"Accept", t} }

func TestDelete(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	fresh := func(name, extra string) {
		s.Must(t, http.MethodPost, cms, fmt.Sprintf(`{"metadata":{"name":%q%s}}`, name, extra))
	}
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		fresh(name, "")
	}
	fresh("held", `,"finalizers":["a/b"]`)
	uid := between(s.Must(t, http.MethodGet, cms+"/a", ""), `"uid":"`, `"`)
	s.Must(t, http.MethodPost, inDefault+"/serviceaccounts", `{"metadata":{"name":"x"}}`)
	run(t, s, []exchange{
		{"API-101: not options", "DELETE", cms + "/a", `{"kind":"Pod","apiVersion":"v1"}`, nil, 400, `no kind "Pod" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"`},
		{"API-101: no JSON", "DELETE", cms + "/a", `{`, nil, 400, "couldn't get version/kind; json parse error: unexpected end of JSON input"},
		{"API-101: a wrong type", "DELETE", cms + "/a", `{"gracePeriodSeconds":"x"}`, nil, 400, "json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64"},
		{"API-101: a policy that is none", "DELETE", cms + "/a?propagationPolicy=Nope", "", nil, 422, `DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Nope": supported values: "Foreground", "Background", "Orphan", "nil"`},
		{"API-101: both of them", "DELETE", cms + "/a", `{"orphanDependents":true,"propagationPolicy":"Orphan"}`, nil, 422, `DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set`},
		{"API-147: another uid", "DELETE", cms + "/a", `{"preconditions":{"uid":"u"}}`, nil, 409, `Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition (u) does not match the UID in record (` + uid + `). The object might have been deleted and then recreated`},
		{"API-184: another namespace of this name", "DELETE", "/api/v1/namespaces/kube-public", `{"preconditions":{"uid":"u"}}`, nil, 409, `Operation cannot be fulfilled on namespaces "kube-public": Precondition failed: UID in precondition: u, UID in object meta: ` + between(s.Must(t, http.MethodGet, "/api/v1/namespaces/kube-public", ""), `"uid":"`, `"`)},
		{"API-187: may not go", "DELETE", "/api/v1/namespaces/default", "", nil, 403, `namespaces "default" is forbidden: this namespace may not be deleted`},
		{"API-99: dry run", "DELETE", cms + "/a?dryRun=All", "", nil, 200, `"status":"Success","details":{"name":"a","kind":"configmaps","uid":"` + uid},
		{"API-175: a Status", "DELETE", cms + "/a", `{"kind":"DeleteOptions","apiVersion":"nobodys.example/v1"}`, nil, 200, `"status":"Success","details":{"name":"a","kind":"configmaps","uid":"` + uid},
		{"API-175: gone", "DELETE", cms + "/a", "", nil, 404, `configmaps "a" not found`},
		{"API-175: the object", "DELETE", inDefault + "/serviceaccounts/x", "", nil, 200, `"kind":"ServiceAccount"`},
		{"API-177: held", "DELETE", cms + "/held", "", nil, 200, `"deletionTimestamp":"2026-01-02T03:04:05Z"`},
		{"API-75: on its way", "POST", cms, `{"metadata":{"name":"held"}}`, nil, 409, `object is being deleted: configmaps "held" already exists`},
		{"API-86: another hold", "PATCH", cms + "/held", `{"metadata":{"finalizers":["a/b","c/d"]}}`, merge, 422, `ConfigMap "held" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"c/d"}`},
		{"API-86: let go", "PATCH", cms + "/held", `{"metadata":{"finalizers":null}}`, merge, 200, `"name":"held"`},
		{"API-86: gone", "GET", cms + "/held", "", nil, 404, `configmaps "held" not found`},
		{"API-180: in the foreground", "DELETE", cms + "/b?propagationPolicy=Foreground", "", nil, 200, `"finalizers":["foregroundDeletion"]`},
		{"API-180: dependents stay, options in the body", "DELETE", cms + "/c?propagationPolicy=Foreground", `{"propagationPolicy":"Orphan"}`, nil, 200, `"finalizers":["orphan"]`},
		{"API-176: the old option", "DELETE", cms + "/b?orphanDependents=false", "", nil, 200, `"status":"Success"`},
		{"API-120: a selector", "DELETE", cms + "?fieldSelector=metadata.name%3Dd", "", nil, 200, `"kind":"ConfigMapList"`},
		{"API-120: it alone went", "GET", cms + "/e", "", nil, 200, `"name":"e"`},
		{"API-120: no selector", "DELETE", cms + "?fieldSelector=foo%3Dd", "", nil, 400, `"foo" is not a known field selector: only "metadata.name", "metadata.namespace"`},
		{"API-90: across namespaces", "DELETE", "/api/v1/configmaps", "", nil, 405, "the server does not allow this method on the requested resource"},
	})
}

func TestList(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	for i := range 5 {
		s.Must(t, http.MethodPost, cms, fmt.Sprintf(`{"metadata":{"name":"c%d","labels":{"odd":"%d"}}}`, i, i%2))
	}
	options := func(field, text string) string {
		return `ListOptions.meta.k8s.io "" is invalid: ` + field + ": " + text
	}
	first := s.Must(t, http.MethodGet, cms+"?limit=2", "")
	token, rv := between(first, `"continue":"`, `"`), between(first, `"resourceVersion":"`, `"`)
	s.Must(t, http.MethodDelete, cms+"/c3", "")
	run(t, s, []exchange{
		{"API-115: how many are left", "GET", cms + "?limit=2", "", nil, 200, `"remainingItemCount":2`},
		{"API-116: as it was", "GET", cms + "?limit=2&continue=" + token, "", nil, 200, `"name":"c3"`},
		{"API-116: and a version", "GET", cms + "?continue=" + token + "&resourceVersion=" + rv, "", nil, 400, "specifying resource version is not allowed when using continue"},
		{"API-119: and a match", "GET", cms + "?continue=" + token + "&resourceVersionMatch=Exact&resourceVersion=" + rv, "", nil, 422, options("resourceVersionMatch", "Forbidden: resourceVersionMatch is forbidden when continue is provided")},
		{"API-116: no token", "GET", cms + "?continue=%21", "", nil, 400, "invalid continue token: continue key is not valid: illegal base64 data at input byte 0"},
		{"API-116: a list", "GET", cms + "?continue=WzFd", "", nil, 400, "invalid continue token: continue key is not valid: json: cannot unmarshal array into Go value of type storage.continueToken"},
		{"API-118: as it was", "GET", cms + "?resourceVersionMatch=Exact&resourceVersion=" + rv, "", nil, 200, `"name":"c3"`},
		{"API-118: exactly what is cached", "GET", cms + "?resourceVersionMatch=Exact&resourceVersion=0", "", nil, 422, options("resourceVersionMatch", `Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"`)},
		{"API-118: what is cached, whole", "GET", cms + "?limit=1&resourceVersion=0", "", nil, 200, `"name":"c4"`},
		{"API-119: a match alone", "GET", cms + "?resourceVersionMatch=NotOlderThan", "", nil, 422, options("resourceVersionMatch", "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided")},
		{"API-119: initial events", "GET", cms + "?sendInitialEvents=true", "", nil, 422, options("sendInitialEvents", "Forbidden: sendInitialEvents is forbidden for list")},
		{"API-119: no number", "GET", cms + "?resourceVersion=x", "", nil, 400, `invalid resource version: resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax`},
		{"API-110: labels", "GET", cms + "?labelSelector=odd+in+(1,2),!even", "", nil, 200, `"name":"c1"`},
		{"API-110: no selector", "GET", cms + "?labelSelector=a%3D%3D%3D1", "", nil, 400, "unable to parse requirement: found '=', expected: identifier"},
		{"API-111: fields", "GET", cms + "?fieldSelector=metadata.name%21%3Dc0,metadata.namespace%3Ddefault", "", nil, 200, `"name":"c1"`},
		{"API-111: no selector", "GET", cms + "?fieldSelector=x", "", nil, 400, "invalid selector: 'x'; can't understand 'x'"},
		{"API-111: a pod's", "GET", inDefault + "/pods?fieldSelector=spec.foo%3Dx", "", nil, 400, "field label not supported: spec.foo"},
		{"API-111: a job's", "GET", "/apis/batch/v1/jobs?fieldSelector=spec.foo%3Dx", "", nil, 400, `field label "spec.foo" not supported for Job`},
		{"API-102: no seconds", "GET", cms + "?timeoutSeconds=x", "", nil, 400, `strconv.ParseInt: parsing "x": invalid syntax`},
		{"API-62: nothing there", "GET", inDefault + "/pods", "", nil, 200, `"items":[]`},
		{"API-58: a table of what", "GET", cms + "?includeObject=x", "", accept(asTable), 400, "Unable to convert to Table as requested: includeObject: Invalid value: \"x\": must be 'Metadata', 'Object', 'None', or empty"},
		{"API-58: a table without objects", "GET", cms + "?includeObject=None", "", accept(asTable), 200, `"rows":[{"cells":["c0",0,"0s"],"object":null}`},
		{"API-60: metadata alone", "GET", cms + "/c0", "", accept(asPartial), 200, `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{`},
		{"API-60: a list is none", "GET", cms, "", accept(asPartial), 406, "you requested PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)"},
	})
	future := s.Call(t, http.MethodGet, cms+"?resourceVersion=99999999", "")
	if want := `"reason":"Timeout","details":{"causes":[{"reason":"ResourceVersionTooLarge","message":"Too large resource version"}],"retryAfterSeconds":1},"code":504}`; future.Code != 504 || !strings.Contains(future.Body.String(), want) || future.Header().Get("Retry-After") != "1" {
		t.Errorf("API-118: %d %s", future.Code, future.Body)
	}
}

// TestAListThatIsForgotten: API-117. Who is told so can go on all the same, with what there is now.
func TestAListThatIsForgotten(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	for i := range 4 {
		s.Must(t, http.MethodPost, cms, fmt.Sprintf(`{"metadata":{"name":"c%d"}}`, i))
	}
	first := s.Must(t, http.MethodGet, cms+"?limit=2", "")
	old := between(first, `"resourceVersion":"`, `"`)
	s.Must(t, http.MethodDelete, cms+"/c2", "")
	now, err := s.Storage.Revision(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Storage.Compact(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	w := s.Call(t, http.MethodGet, cms+"?limit=2&continue="+between(first, `"continue":"`, `"`), "")
	const text = "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results."
	token := between(w.Body.String(), `"continue":"`, `"`)
	if w.Code != http.StatusGone || !strings.Contains(w.Body.String(), text) || !strings.Contains(w.Body.String(), `"reason":"Expired"`) || token == "" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if rest := s.Must(t, http.MethodGet, cms+"?limit=2&continue="+token, ""); strings.Contains(rest, `"name":"c1"`) || strings.Contains(rest, `"name":"c2"`) || !strings.Contains(rest, `"name":"c3"`) {
		t.Errorf("the rest is %s", rest)
	}
	run(t, s, []exchange{
		{"API-118: exactly that", "GET", cms + "?resourceVersionMatch=Exact&resourceVersion=" + old, "", nil, 410, "The resourceVersion for the provided list is too old."},
		{"API-120: pages of that", "DELETE", cms + "?resourceVersion=" + old, "", nil, 410, "The resourceVersion for the provided list is too old."},
		{"API-118: not older", "GET", cms + "?resourceVersion=" + old, "", nil, 200, `"name":"c3"`},
	})
}

// TestWatch: what a watch of a second says, by type and name.
func TestWatch(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	rv := func(body string) string { return between(body, `"resourceVersion":"`, `"`) }
	start := rv(s.Must(t, http.MethodPost, cms, `{"metadata":{"name":"a","labels":{"x":"1"}}}`))
	s.Must(t, http.MethodPost, cms, `{"metadata":{"name":"b","labels":{"x":"2"}}}`)
	s.Must(t, http.MethodPatch, cms+"/a", `{"metadata":{"labels":{"x":"2"}}}`, merge...)
	s.Must(t, http.MethodPatch, cms+"/a", `{"data":{"k":"v"}}`, merge...)
	s.Must(t, http.MethodDelete, cms+"/b", "")
	const fromNow = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
	for _, tt := range []struct{ name, query, accept, want string }{
		{"API-127: from nowhere", "", "", "ADDED a"},
		{"API-127: from anywhere", "resourceVersion=0", "", "ADDED a"},
		{"API-127: behind a version", "resourceVersion=" + start, "", "ADDED b, MODIFIED a, MODIFIED a, DELETED b"},
		{"API-127: behind a version to come", "resourceVersion=99999999", "", ""},
		{"API-113: a selector", "labelSelector=x%3D1&resourceVersion=" + start, "", "DELETED a"},
		{"API-113: another", "labelSelector=x%3D2&resourceVersion=" + start, "", "ADDED b, ADDED a, MODIFIED a, DELETED b"},
		{"API-113: a name", "fieldSelector=metadata.name%3Db&resourceVersion=" + start, "", "ADDED b, DELETED b"},
		{"API-131: the state and its end", fromNow, "", "ADDED a, BOOKMARK  end"},
		{"API-131: without bookmarks there is no end", "sendInitialEvents=true&resourceVersionMatch=NotOlderThan", "", "ADDED a"},
		{"API-131: a state to come", fromNow + "&resourceVersion=99999999", "", "ERROR Timeout"},
		{"API-59: tables", "resourceVersion=" + start, asTable, "ADDED b 3 columns, MODIFIED a 0 columns, MODIFIED a 0 columns, DELETED b 0 columns"},
		{"API-59: the end in a table", fromNow, asTable, "ADDED a 3 columns, BOOKMARK  end 0 columns"},
		{"API-60: metadata", fromNow, asPartial, "ADDED a, BOOKMARK  end"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := s.Call(t, http.MethodGet, cms+"?watch=1&timeoutSeconds=1&"+tt.query, "", accept(tt.accept)...)
			if got := events(t, w.Body.String()); w.Code != http.StatusOK || got != tt.want {
				t.Errorf("%d %s\nwant %s", w.Code, got, tt.want)
			}
		})
	}
	options := func(text string) string { return `ListOptions.meta.k8s.io "" is invalid: ` + text }
	run(t, s, []exchange{
		{"API-133: a match alone", "GET", cms + "?watch=1&resourceVersionMatch=NotOlderThan", "", nil, 422, options("resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")},
		{"API-133: no match", "GET", cms + "?watch=1&sendInitialEvents=true", "", nil, 422, options("resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")},
		{"API-133: another match", "GET", cms + "?watch=1&sendInitialEvents=true&resourceVersionMatch=Exact", "", nil, 422, options(`[resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan, resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"]`)},
		{"API-119: no number", "GET", cms + "?watch=1&resourceVersion=x", "", nil, 500, `resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax`},
		{"API-63: YAML has no stream", "GET", cms + "?watch=1", "", accept("application/yaml"), 406, "only the following media types are accepted: application/json;stream=watch,"},
	})
}

// events sums up a stream: the type and name of each event, and what is special about it.
func events(t *testing.T, stream string) string {
	t.Helper()
	var out []string
	for d := json.NewDecoder(strings.NewReader(stream)); d.More(); {
		type object struct {
			Kind, Reason string
			Metadata     struct {
				Name        string
				Annotations map[string]string
			}
		}
		var e struct {
			Type   string
			Object struct {
				object
				ColumnDefinitions []any
				Rows              []struct{ Object object }
			}
		}
		if err := d.Decode(&e); err != nil {
			t.Fatalf("%v in %s", err, stream)
		}
		o, columns := e.Object.object, ""
		if o.Kind == "Table" {
			o, columns = e.Object.Rows[0].Object, fmt.Sprintf(" %d columns", len(e.Object.ColumnDefinitions))
		}
		text := e.Type + " " + o.Metadata.Name + o.Reason
		if o.Metadata.Annotations["k8s.io/initial-events-end"] == "true" {
			text += " end"
		}
		out = append(out, text+columns)
	}
	return strings.Join(out, ", ")
}

// TestABookmarkBeforeTheEnd: API-129. A watch that may have them ends with one, however little happened.
func TestABookmarkBeforeTheEnd(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	now := between(s.Must(t, http.MethodGet, cms, ""), `"resourceVersion":"`, `"`)
	w := s.Do(servertest.Request(ctx, http.MethodGet, cms+"?watch=1&timeoutSeconds=3&allowWatchBookmarks=true&resourceVersion="+now, ""))
	if got := w.Body.String(); !strings.HasPrefix(got, `{"type":"BOOKMARK","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":"`+now+`"}}}`) {
		t.Errorf("it ended with %q", got)
	}
}

func TestNegotiation(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	s.Must(t, http.MethodPost, cms, `{"metadata":{"name":"c"},"data":{"k":"`+strings.Repeat("x", 200<<10)+`"}}`)
	const small = "/api/v1/namespaces/default"
	for _, tt := range []struct {
		name, method, path string
		headers            []string
		code               int
		contentType, want  string
	}{
		{"API-50: JSON", "GET", small, nil, 200, "application/json", `{"kind":"Namespace",`},
		{"API-63: YAML", "GET", small, accept("application/yaml"), 200, "application/yaml", "apiVersion: v1\nkind: Namespace\n"},
		{"API-55: protobuf", "GET", small, accept("application/vnd.kubernetes.protobuf"), 200, "application/vnd.kubernetes.protobuf", "k8s\x00"},
		{"API-51: by preference", "GET", small, accept("application/json;q=0.1, application/yaml"), 200, "application/yaml", "apiVersion: v1\n"},
		{"API-51: none of them", "GET", small, accept("image/png"), 406, "application/json", "{\n  \"kind\": \"Status\","},
		{"API-57: no table in protobuf", "GET", small, accept("application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io"), 406, "application/json", "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf"},
		{"API-61: errors are no tables", "GET", cms + "/none", accept(asTable), 404, "application/json", "{\n  \"kind\": \"Status\","},
		{"API-61: errors beside tables", "GET", cms + "/none", accept(asTable + ",application/json"), 404, "application/json", `{"kind":"Status",`},
		{"API-61: nor is what a delete says", "DELETE", cms + "/c?dryRun=All", accept(asTable), 200, "application/json", `{"kind":"Status",`},
		{"API-51: a group is no table", "GET", "/apis/apps", accept(asTable), 406, "application/json", "only the following media types are accepted"},
		{"API-51: the router knows no wildcard of a type", "GET", "/apis/apps/v1", accept("application/*"), 406, "application/json", "406: Not Acceptable"},
		{"API-51: no router stands before the groups", "GET", "/apis/apps", accept("application/*"), 200, "application/json", `{"kind":"APIGroup",`},
		{"API-15: the version is JSON alone", "GET", "/version", accept("application/yaml"), 406, "application/yaml", "Available representations: application/json\n"},
		{"API-10: what is absent before how it looks", "GET", "/apis/apps/v9", accept("application/*"), 404, "application/json", "the server could not find the requested resource"},
		{"API-90: no object outside its namespace", "GET", "/api/v1/configmaps/c", nil, 404, "application/json", "the server could not find the requested resource"},
		{"API-90: nor what is below it", "POST", "/api/v1/serviceaccounts/default/token", nil, 404, "application/json", "the server could not find the requested resource"},
		{"API-10: no name for a path", "GET", cms + "/..", nil, 400, "application/json", `Name parameter invalid: \"..\": may not be '..'`},
		{"AUTHZ-5: the old prefix leads nowhere", "GET", "/api/v1/proxy/nodes/n", nil, 404, "application/json", "the server could not find the requested resource"},
		{"API-17: no check by that name", "GET", "/healthz/", nil, 404, "text/plain; charset=utf-8", "404 page not found"},
		{"API-17: one check in one word", "GET", "/livez/ping?verbose", nil, 200, "text/plain; charset=utf-8", "ok"},
		{"API-10: options of a group-version", "OPTIONS", "/api/v1", nil, 405, "application/json", "the server does not allow this method on the requested resource"},
		{"API-9: for people", "GET", small, []string{"User-Agent", "curl/8"}, 200, "application/json", "{\n  \"kind\": \"Namespace\","},
		{"API-9: asked for", "GET", small + "?pretty=1", nil, 200, "application/json", "{\n  \"kind\": \"Namespace\","},
		{"API-9: asked not to", "GET", small + "?pretty=0", []string{"User-Agent", "curl/8"}, 200, "application/json", `{"kind":"Namespace",`},
		{"API-10: HEAD of an object", "HEAD", small, nil, 405, "application/json", ""},
		{"API-10: HEAD of health", "HEAD", "/healthz", nil, 200, "text/plain; charset=utf-8", ""},
		{"API-10: HEAD of a document", "HEAD", "/version", nil, 405, "application/json", ""},
		{"API-10: another method", "POST", "/version", nil, 405, "application/json", "the server does not allow this method on the requested resource"},
		{"API-10: a group-version", "PUT", "/apis/apps/v1", nil, 405, "application/json", "the server does not allow this method on the requested resource"},
		{"API-10: health by any method", "POST", "/livez", nil, 200, "text/plain; charset=utf-8", "ok"},
		{"API-10: no group", "GET", "/apis/nope.io/v1/x", nil, 404, "text/plain; charset=utf-8", "404 page not found\n"},
		{"API-10: no version", "GET", "/apis/apps/v2/x", nil, 404, "application/json", "the server could not find the requested resource"},
		{"API-10: no resource", "GET", small + "/nope", nil, 404, "application/json", "the server could not find the requested resource"},
		{"API-10: nothing to list across namespaces", "GET", "/api/v1/bindings", nil, 404, "application/json", "the server could not find the requested resource"},
		{"API-10: nothing by that name", "PATCH", small + "/bindings/x", merge, 404, "application/json", "the server could not find the requested resource"},
		{"AUTHZ-7: no way out of a namespace", "GET", small + "/namespaces/kube-system", nil, 404, "application/json", "the server could not find the requested resource"},
		{"AUTHZ-7: nor to all of them", "GET", small + "/namespaces", nil, 404, "application/json", "the server could not find the requested resource"},
		{"AUTHZ-5: about nothing", "GET", "/api/v1/watch", nil, 500, "text/plain; charset=utf-8", `Internal Server Error: "/api/v1/watch": failed to create RequestInfo: unable to determine kind and namespace from url, /api/v1/watch`},
	} {
		w := s.Call(t, tt.method, tt.path, "", tt.headers...)
		if got := w.Header().Get("Content-Type"); w.Code != tt.code || got != tt.contentType || !strings.Contains(w.Body.String(), tt.want) {
			t.Errorf("%s: %d %s %.300q\nwant %d %s …%q…", tt.name, w.Code, got, w.Body, tt.code, tt.contentType, tt.want)
		}
		if w.Header().Get("Audit-Id") == "" {
			t.Errorf("API-4: %s: no Audit-Id", tt.name)
		}
	}
	big := s.Call(t, http.MethodGet, cms+"/c", "", "Accept-Encoding", "br, gzip")
	z, err := gzip.NewReader(big.Body)
	if err != nil || big.Header().Get("Content-Encoding") != "gzip" {
		t.Fatalf("API-8: %v (%v)", big.Header(), err)
	}
	if b, err := io.ReadAll(z); err != nil || len(b) < 200<<10 {
		t.Errorf("API-8: %d bytes (%v)", len(b), err)
	}
	if h := s.Call(t, http.MethodGet, small, "", "Accept-Encoding", "gzip").Header(); h.Get("Content-Encoding") != "" {
		t.Errorf("API-8: a small answer came as %v", h)
	}
	if h := s.Call(t, http.MethodGet, small, "", "Audit-ID", "mine").Header(); h.Get("Audit-Id") != "mine" {
		t.Errorf("API-4: %v", h)
	}
}
