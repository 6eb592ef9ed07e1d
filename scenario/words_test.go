package scenario

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWords(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		line string
		want []string
	}{
		"plain":            {"get pods -n shop", []string{"get", "pods", "-n", "shop"}},
		"single quotes":    {"get -o 'jsonpath={.a b}'", []string{"get", "-o", "jsonpath={.a b}"}},
		"quotes in a word": {`a"b c"d`, []string{"ab cd"}},
		"empty word":       {`a '' b`, []string{"a", "", "b"}},
		"several spaces":   {"  a \n b ", []string{"a", "b"}},
	}
	for name, test := range tests {
		got, err := words(test.line)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if _, err := words("get 'pods"); err == nil {
		t.Error("an open quote was accepted")
	}
}

func TestRedactCutsTokensShort(t *testing.T) {
	t.Parallel()
	token := "eyJhbGciOiJFUzI1NiIsImtpZCI6IngifQ.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
	if got, want := redact("a "+token+" b"), "a eyJhbGciOiJF... b"; got != want {
		t.Errorf("redact() = %q, want %q", got, want)
	}
}
