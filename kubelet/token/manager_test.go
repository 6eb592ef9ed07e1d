package token

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// issuer answers token requests at a time of its own and can be told to fail.
type issuer struct {
	now   time.Time
	fail  error
	calls int
}

func (i *issuer) request(_ context.Context, _, _ string, tr *authenticationv1.TokenRequest) (*authenticationv1.TokenRequest, error) {
	i.calls++
	if i.fail != nil {
		return nil, i.fail
	}
	out := tr.DeepCopy()
	out.Status.Token = fmt.Sprintf("secret-%d", i.calls)
	out.Status.ExpirationTimestamp = metav1.NewTime(i.now.Add(time.Duration(*tr.Spec.ExpirationSeconds) * time.Second))
	return out, nil
}

func ask(seconds int64, uid types.UID, audiences ...string) *authenticationv1.TokenRequest {
	return &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{
		Audiences: audiences, ExpirationSeconds: &seconds,
		BoundObjectRef: &authenticationv1.BoundObjectReference{APIVersion: "v1", Kind: "Pod", Name: "app", UID: uid},
	}}
}

func TestManagerKeepsRenewsAndHoldsOn(t *testing.T) {
	t.Parallel()
	i := &issuer{now: start}
	m := New(i.request, func() time.Time { return i.now })
	get := func() (Result, error) {
		return m.Get(t.Context(), "default", "robot", ask(600, "u1"), 0)
	}

	first, err := get()
	if err != nil || !first.Requested {
		t.Fatalf("first Get = %v, %v", first, err)
	}
	i.now = start.Add(479 * time.Second)
	if r, err := get(); err != nil || r.Requested || r.Token.Text != first.Token.Text {
		t.Fatalf("before the threshold Get asked again or changed the token: %v, %v", r.Token, err)
	}

	i.now = start.Add(481 * time.Second)
	i.fail = errors.New("the server is away")
	r, err := get()
	if err != nil || r.Token.Text != first.Token.Text || !errors.Is(r.Refused, i.fail) {
		t.Fatalf("a failing refresh must hand out the old token and the reason (KUB-5): %v, refused %v, %v", r.Token, r.Refused, err)
	}
	i.now = start.Add(600 * time.Second)
	if _, err := get(); err != nil {
		t.Fatalf("at its very end the token still counts: %v", err)
	}
	i.now = start.Add(600*time.Second + 1)
	if _, err := get(); err == nil || !strings.HasSuffix(err.Error(), "expired and refresh failed: the server is away") || strings.Contains(err.Error(), "secret") {
		t.Fatalf("after its end: %v", err)
	}

	i.fail = nil
	r, err = get()
	if err != nil || !r.Requested || r.Token.Text == first.Token.Text {
		t.Fatalf("with the server back there must be a new token: %v, %v", r.Token, err)
	}
}

func TestManagerWithoutEntryFails(t *testing.T) {
	t.Parallel()
	i := &issuer{now: start, fail: errors.New(`serviceaccounts "robot" not found`)}
	m := New(i.request, func() time.Time { return i.now })
	_, err := m.Get(t.Context(), "default", "robot", ask(600, "u1"), 0)
	if err == nil || err.Error() != `failed to fetch token: serviceaccounts "robot" not found` {
		t.Errorf("got %v", err)
	}
}

func TestKeysTellTokensApartKUB1(t *testing.T) {
	t.Parallel()
	base := KeyOf("default", "robot", ask(600, "u1"))
	if same := KeyOf("default", "robot", ask(600, "u1")); same != base {
		t.Errorf("two volumes of one pod with the same wish must share a token")
	}
	withUID := ask(600, "u1")
	withUID.UID = "account-uid"
	for name, other := range map[string]Key{
		"another pod":              KeyOf("default", "robot", ask(600, "u2")),
		"another life":             KeyOf("default", "robot", ask(601, "u1")),
		"another audience":         KeyOf("default", "robot", ask(600, "u1", "vault")),
		"two audiences":            KeyOf("default", "robot", ask(600, "u1", "a", "b")),
		"one audience that joins":  KeyOf("default", "robot", ask(600, "u1", "a,b")),
		"another account":          KeyOf("default", "robo", ask(600, "u1")),
		"another namespace":        KeyOf("shop", "robot", ask(600, "u1")),
		"a precondition on an uid": KeyOf("default", "robot", withUID),
	} {
		if other == base {
			t.Errorf("%s has the same key", name)
		}
	}
}

func TestDropPodAndPruneKUB6(t *testing.T) {
	t.Parallel()
	i := &issuer{now: start}
	m := New(i.request, func() time.Time { return i.now })
	for _, a := range []*authenticationv1.TokenRequest{ask(600, "u1"), ask(7200, "u1", "vault"), ask(600, "u2")} {
		if _, err := m.Get(t.Context(), "default", "robot", a, 0); err != nil {
			t.Fatal(err)
		}
	}
	i.now = start.Add(601 * time.Second)
	m.Prune()
	if m.Len() != 1 {
		t.Errorf("after the end of two there are %d tokens, want 1", m.Len())
	}
	if _, ok := m.Peek(KeyOf("default", "robot", ask(7200, "u1", "vault"))); !ok {
		t.Errorf("the living token was dropped")
	}
	m.DropPod("u1")
	if m.Len() != 0 {
		t.Errorf("after teardown there are %d tokens", m.Len())
	}
}

func TestTokenTextStaysOutOfLogs(t *testing.T) {
	t.Parallel()
	tok := Token{Text: "secret-1", Life: lifeOf(600)}
	for _, s := range []string{fmt.Sprint(tok), fmt.Sprintf("%v %+v %#v %s", tok, tok, tok, tok), tok.LogValue().String()} {
		if strings.Contains(s, "secret") {
			t.Errorf("%q shows the token", s)
		}
	}
}
