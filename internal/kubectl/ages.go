package kubectl

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Most ages in kubectl's output come from the server. `describe` and `events`
// compute theirs from this computer's clock instead, and after a `clock advance`
// they would print "<invalid>" for what the cluster's clock puts in the future.
// For these two commands the times that become ages are moved back by the
// distance between the two clocks; times that are printed as they are stay.

// shiftAges wraps the transport if the command line asks for such an output.
func shiftAges(args []string, next http.RoundTripper) http.RoundTripper {
	verb := ""
	for _, arg := range args {
		if !strings.HasPrefix(arg, "-") {
			verb = arg
			break
		}
	}
	shown := verb == "describe" || verb == "events"
	raw := slices.ContainsFunc(args, func(arg string) bool {
		return strings.HasPrefix(arg, "-o") || strings.HasPrefix(arg, "--output")
	})
	if !shown || raw {
		return next
	}
	return &ageShifter{next: next}
}

type ageShifter struct {
	next   http.RoundTripper
	once   sync.Once
	offset time.Duration
}

func (s *ageShifter) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Method != http.MethodGet {
		return s.next.RoundTrip(request)
	}
	s.once.Do(func() { s.offset = s.ahead(request) })
	if s.offset == 0 {
		return s.next.RoundTrip(request)
	}
	request = request.Clone(request.Context())
	request.Header.Set("Accept", "application/json") // the one encoding rewritten here
	response, err := s.next.RoundTrip(request)
	if err != nil || response.StatusCode != http.StatusOK ||
		!strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") {
		return response, err
	}
	if !strings.HasPrefix(request.URL.Path, "/api/") && !strings.HasPrefix(request.URL.Path, "/apis/") {
		return response, nil
	}
	if request.URL.Query().Get("watch") != "" {
		response.Body = s.watched(response.Body)
		return response, nil
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil {
		return nil, err
	}
	body = s.rewrite(body, request.URL)
	response.Body = io.NopCloser(bytes.NewReader(body))
	response.ContentLength = int64(len(body))
	response.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return response, nil
}

// ahead asks the cluster how far its clock is ahead of this computer's. A server
// that does not know the question (a real one) is not ahead.
func (s *ageShifter) ahead(like *http.Request) time.Duration {
	where := url.URL{Scheme: like.URL.Scheme, Host: like.URL.Host, Path: "/kubemint/v1/clock"}
	request, err := http.NewRequestWithContext(like.Context(), http.MethodGet, where.String(), nil)
	if err != nil {
		return 0
	}
	response, err := s.next.RoundTrip(request)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	var state struct {
		Now time.Time `json:"now"`
	}
	if response.StatusCode != http.StatusOK || json.NewDecoder(response.Body).Decode(&state) != nil {
		return 0
	}
	offset := state.Now.Sub(time.Now()) // wall time on purpose: it is what kubectl compares with
	if offset.Abs() < time.Second {
		return 0
	}
	return offset
}

func (s *ageShifter) rewrite(body []byte, where *url.URL) []byte {
	object, ok := decode(body)
	if !ok {
		return body
	}
	// `describe node` lists the node's pods with the age of each.
	podsOfNode := strings.HasSuffix(where.Path, "/pods") && strings.Contains(where.Query().Get("fieldSelector"), "spec.nodeName=")
	items, list := object["items"].([]any)
	if !list {
		s.shift(object, false)
	}
	for _, item := range items {
		if item, ok := item.(map[string]any); ok {
			s.shift(item, podsOfNode)
		}
	}
	return encode(object, body)
}

// watched rewrites a stream of watch events, one JSON document after another.
func (s *ageShifter) watched(stream io.ReadCloser) io.ReadCloser {
	reader, writer := io.Pipe()
	go func() {
		documents := json.NewDecoder(stream)
		for {
			var raw json.RawMessage
			if err := documents.Decode(&raw); err != nil {
				writer.CloseWithError(err)
				return
			}
			if event, ok := decode(raw); ok {
				if object, ok := event["object"].(map[string]any); ok {
					s.shift(object, false)
				}
				raw = encode(event, raw)
			}
			if _, err := writer.Write(append(raw, '\n')); err != nil {
				return // the reader left; closing the stream is its part
			}
		}
	}()
	return &pipedBody{PipeReader: reader, stream: stream}
}

type pipedBody struct {
	*io.PipeReader
	stream io.Closer
}

func (b *pipedBody) Close() error {
	b.PipeReader.Close()
	return b.stream.Close()
}

// shift moves the times of one object that are printed as ages.
func (s *ageShifter) shift(object map[string]any, created bool) {
	if metadata, ok := object["metadata"].(map[string]any); ok {
		s.move(metadata, "deletionTimestamp")
		if created {
			s.move(metadata, "creationTimestamp")
		}
	}
	s.move(object, "firstTimestamp")
	s.move(object, "lastTimestamp")
	s.move(object, "eventTime")
	if series, ok := object["series"].(map[string]any); ok {
		s.move(series, "lastObservedTime")
	}
}

func (s *ageShifter) move(object map[string]any, field string) {
	text, ok := object[field].(string)
	if !ok {
		return
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return
	}
	layout := time.RFC3339
	if strings.Contains(text, ".") {
		layout = "2006-01-02T15:04:05.000000Z07:00"
	}
	object[field] = at.Add(-s.offset).UTC().Format(layout)
}

func decode(body []byte) (map[string]any, bool) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var object map[string]any
	err := decoder.Decode(&object)
	return object, err == nil && object != nil
}

func encode(object map[string]any, otherwise []byte) []byte {
	body, err := json.Marshal(object)
	if err != nil {
		return otherwise
	}
	return body
}
