package schema

import "testing"

func TestNegotiate(t *testing.T) {
	t.Parallel()
	const (
		table     = "application/json;as=Table;v=v1;g=meta.k8s.io"
		tables    = table + ",application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"
		typed     = "application/vnd.kubernetes.protobuf,application/json"
		aggregate = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
		router    = "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf"
		handler   = "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf"
		streams   = "application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch"
	)
	tests := []struct {
		name, accept string
		endpoint     Endpoint
		want         Accepted
		refused      string
	}{
		{name: "nothing said", want: Accepted{}},
		{name: "anything", accept: "*/*"},
		{name: "a browser", accept: "text/html,application/xhtml+xml,*/*;q=0.8"},
		{name: "a typed client (API-52)", accept: typed},
		{name: "protobuf alone", accept: MediaTypeProtobuf, want: Accepted{Format: Protobuf}},
		{name: "YAML", accept: "application/yaml", want: Accepted{Format: YAML}},
		{name: "by q", accept: "application/json;q=0.5, application/yaml", want: Accepted{Format: YAML}},
		{name: "kubectl get (API-57)", accept: tables, endpoint: Collection, want: Accepted{As: AsTable, Version: "v1"}},
		{name: "a table in the older version", accept: "application/json;as=Table;v=v1beta1;g=meta.k8s.io", want: Accepted{As: AsTable, Version: "v1beta1"}},
		{name: "a table in YAML", accept: "application/yaml;as=Table;v=v1;g=meta.k8s.io", want: Accepted{Format: YAML, As: AsTable, Version: "v1"}},
		{name: "a table in protobuf", accept: "application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io", refused: handler},
		{name: "metadata (API-60)", accept: "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io", want: Accepted{As: AsPartialObjectMetadata, Version: "v1"}},
		{name: "a list of metadata", accept: "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", endpoint: Collection, want: Accepted{As: AsPartialObjectMetadataList, Version: "v1"}},
		{name: "an unknown transformation falls back", accept: "application/json;as=Graph;v=v1;g=meta.k8s.io,application/json"},
		{name: "an unknown transformation alone", accept: "application/json;as=Graph;v=v1;g=meta.k8s.io", refused: handler},
		{name: "another version of Table", accept: "application/json;as=Table;v=v2;g=meta.k8s.io", refused: handler},
		{name: "unknown parameters", accept: "application/json;charset=utf-8"},
		{name: "indented", accept: "application/json;pretty=1", want: Accepted{Pretty: true}},
		{name: "XML", accept: "application/xml", refused: router},
		{name: "XML of a list", accept: "application/xml", endpoint: Collection, refused: router + ", " + streams},
		{name: "a watch", accept: "application/json;stream=watch", endpoint: Stream},
		{name: "a stream of one object", accept: "application/json;stream=watch"},
		{name: "a stream in YAML", accept: "application/yaml;stream=watch", refused: handler},
		{name: "another stream", accept: "application/json;stream=tail", refused: handler},
		{name: "a wildcard of one type", accept: "application/*", refused: router},
		{name: "a watch of nothing known", accept: "application/json;as=Table", endpoint: Stream, refused: handler},
		{name: "a review is no table", accept: table, endpoint: Answer, refused: handler},
		{name: "a review reduced to its metadata", accept: "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io", endpoint: Answer, want: Accepted{As: AsPartialObjectMetadata, Version: "v1"}},
		{name: "a list of discovery is no table", accept: table, endpoint: Plain, refused: handler},
		{name: "a list of discovery beside a table", accept: tables, endpoint: Plain},
		{name: "a watch in YAML (API-63)", accept: "application/yaml", endpoint: Stream, refused: "only the following media types are accepted: " + streams},
		{name: "a watch in protobuf", accept: MediaTypeProtobuf, endpoint: Stream, refused: "only the following media types are accepted: " + streams},
		{name: "what client-go sends for protobuf", accept: MediaTypeProtobuf + ", */*", endpoint: Stream},
		{name: "a watch of tables", accept: tables, endpoint: Stream, want: Accepted{As: AsTable, Version: "v1"}},
		{name: "aggregated discovery (API-24)", accept: aggregate + ",application/json", endpoint: Discovery, want: Accepted{As: AsGroupDiscovery, Version: "v2"}},
		{name: "aggregated discovery of old (API-25)", accept: "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json", endpoint: Discovery},
		{name: "aggregated discovery elsewhere", accept: aggregate, refused: handler},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := Negotiate(test.accept, test.endpoint)
			if test.refused != "" {
				if err == nil {
					t.Fatalf("accepted as %+v", got)
				}
				if status := StatusOf(err); status.Code != 406 || status.Message != test.refused || status.Reason != "NotAcceptable" {
					t.Errorf("got %d %s: %q\nwant %q", status.Code, status.Reason, status.Message, test.refused)
				}
				return
			}
			if err != nil || got != test.want {
				t.Errorf("got %+v, %v; want %+v", got, err, test.want)
			}
		})
	}
}

func TestPretty(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		query, agent string
		want         bool
	}{
		{"", "kubectl/v1.36.0", false}, {"", "curl/8.5.0", true}, {"", "Wget/1.2", true}, {"", "Mozilla/5.0 (X11)", true},
		{"true", "kubectl", true}, {"1", "kubectl", true}, {"false", "curl/8", false}, {"x", "curl/8", false},
	} {
		if got := Pretty(test.query, test.agent); got != test.want {
			t.Errorf("Pretty(%q, %q) = %v", test.query, test.agent, got)
		}
	}
}

func FuzzNegotiate(f *testing.F) {
	f.Add("application/json;as=Table;v=v1;g=meta.k8s.io,*/*;q=0.1", uint8(0))
	f.Add(";;;=,,;q=", uint8(1))
	f.Fuzz(func(t *testing.T, accept string, endpoint uint8) {
		got, err := Negotiate(accept, Endpoint(endpoint%4))
		if err != nil && StatusOf(err).Code != 406 {
			t.Fatal(err)
		}
		if err == nil && got.Format == Protobuf && got.As == AsTable {
			t.Fatal("a table in protobuf")
		}
	})
}
