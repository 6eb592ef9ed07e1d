package authn

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/kubemint/kubemint/internal/clock"
	"github.com/kubemint/kubemint/internal/era"
)

// FuzzSubprotocol: whatever a browser says, only the token makes somebody of it, and is not passed on (API-135).
func FuzzSubprotocol(f *testing.F) {
	people, err := ParseStaticTokens(strings.NewReader("bobs-token,bob,1\n"))
	if err != nil {
		f.Fatal(err)
	}
	a := New(Config{Clock: clock.New(clock.Config{}), Era: era.Default, Static: people})
	good := base64.RawURLEncoding.EncodeToString([]byte("bobs-token"))
	for _, s := range []string{
		subprotocol + good + ", base64.binary.k8s.io", subprotocol + good, subprotocol, "a,, b ," + subprotocol + good, subprotocol + good + "," + subprotocol + good, "a, " + subprotocol + "***", subprotocol + "gIA, x", "",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		r := httptest.NewRequest(http.MethodGet, "/api/v1/pods?watch=1", nil)
		r.Header.Set("Connection", "Upgrade")
		r.Header.Set("Upgrade", "websocket")
		r.Header.Set("Sec-WebSocket-Protocol", header)
		result, err := a.Authenticate(r)
		if err != nil || result.User.Name != "bob" {
			return
		}
		if !strings.Contains(header, subprotocol+good) {
			t.Errorf("%q made it %s", header, result.User.Name)
		}
		if left := r.Header.Get("Sec-WebSocket-Protocol"); strings.Contains(left, subprotocol) {
			t.Errorf("%q left %q", header, left)
		}
	})
}

// FuzzStaticTokens: of a token file that is read, each line's token is that of its user; what is wrong with one never shows a token.
func FuzzStaticTokens(f *testing.F) {
	for _, s := range []string{
		"a,b,c\n", "secret-token,bob,2,\"x,y\"\n", "secret-token,bob\n", "\"secret-token,bob,2\n", ",b,c\n", "a,,c\n", "a,b,c\na,d,e\n", "\xef\xbb\xbfa,b,c", "a\x00,b,c\r\n\r\n#x",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		s, err := ParseStaticTokens(strings.NewReader(string(file)))
		if err != nil {
			if strings.Contains(err.Error(), "secret-token") {
				t.Errorf("the error shows a token: %v", err)
			}
			return
		}
		for _, u := range s.users {
			if u.user.Name == "" || !u.user.In("system:authenticated") {
				t.Errorf("a user came out as %+v", u.user)
			}
		}
		for _, w := range s.Warnings() {
			if strings.Contains(w, "secret-token") {
				t.Errorf("a warning shows a token: %s", w)
			}
		}
	})
}
