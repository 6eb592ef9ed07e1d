package cache

import "testing"

// The resource version stands where a real server has it: behind the texts that say who an object is.
func TestAVersionStandsBehindTheIdentity(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		`{"metadata":{}}`:                         `{"metadata":{"resourceVersion":"7"}}`,
		`{"metadata":{"name":"a"}}`:               `{"metadata":{"name":"a","resourceVersion":"7"}}`,
		`{"metadata":{"labels":{"a":"b"}},"x":1}`: `{"metadata":{"resourceVersion":"7","labels":{"a":"b"}},"x":1}`,
		`{"metadata":{"name":"a","generateName":"b","namespace":"c","selfLink":"d","uid":"e","generation":1}}`: `{"metadata":{"name":"a","generateName":"b","namespace":"c","selfLink":"d","uid":"e","resourceVersion":"7","generation":1}}`,
		`{"metadata":{"name":"a\"b,\\","uid":"e","creationTimestamp":null}}`:                                   `{"metadata":{"name":"a\"b,\\","uid":"e","resourceVersion":"7","creationTimestamp":null}}`,
		`{"metadata":{"uid":"e"},"data":{"name":"x"}}`:                                                         `{"metadata":{"uid":"e","resourceVersion":"7"},"data":{"name":"x"}}`,
	} {
		got, err := stamped([]byte(value), 7)
		if err != nil || string(got) != want {
			t.Errorf("%s: %s (%v), want %s", value, got, err, want)
			continue
		}
		if back := (&Object{Revision: 7, Body: got}).Value(); string(back) != value {
			t.Errorf("%s: stored as %s", got, back)
		}
		again, err := restamped(got, 7, 1234)
		if wanted, _ := stamped([]byte(value), 1234); err != nil || string(again) != string(wanted) {
			t.Errorf("restamped: %s (%v), want %s", again, err, wanted)
		}
		if _, err := restamped(got, 8, 9); err == nil {
			t.Errorf("%s was restamped from a revision it does not have", got)
		}
	}
	for _, value := range []string{`{"spec":{}}`, `{"metadata":{"name":"a`, ``} {
		if got, err := stamped([]byte(value), 7); err == nil {
			t.Errorf("%s became %s", value, got)
		}
	}
}
