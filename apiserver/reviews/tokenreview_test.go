package reviews

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubemint/kubemint/apiserver/authn"
	"github.com/kubemint/kubemint/apiserver/request"
)

// known accepts one token and tells which audiences it was asked for.
type known struct{ wanted []string }

func (k *known) Token(_ context.Context, raw string, wanted []string) (*authn.Result, error) {
	k.wanted = wanted
	switch raw {
	case "good":
		return &authn.Result{User: &request.User{
			Name: "system:serviceaccount:ci:robot", UID: "sa-1", Groups: []string{"system:serviceaccounts", "system:authenticated"},
			Extra: map[string][]string{"authentication.kubernetes.io/credential-id": {"JTI=1"}},
		}, Audiences: []string{"api"}}, nil
	case "broken":
		return nil, errors.New("the store is gone")
	}
	return nil, &authn.Unauthorized{Attempts: []authn.Attempt{{Method: authn.AccountToken, Text: "service account token has expired"}}}
}

func review(raw string, audiences ...string) *authenticationv1.TokenReview {
	return &authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: raw, Audiences: audiences}}
}

func TestTokenReview(t *testing.T) { // AUTH-30, Appendix C
	t.Parallel()
	for raw, want := range map[string]string{
		"good": `{"authenticated":true,"user":{"username":"system:serviceaccount:ci:robot","uid":"sa-1",` +
			`"groups":["system:serviceaccounts","system:authenticated"],"extra":{"authentication.kubernetes.io/credential-id":["JTI=1"]}},"audiences":["api"]}`,
		"bad":         `{"user":{},"error":"[invalid bearer token, service account token has expired]"}`,
		"good enough": "", // only the first word counts: see below
		" good":       `{"user":{}}`,
	} {
		in := review(raw)
		got, err := TokenReview(t.Context(), &known{}, in)
		if err != nil {
			t.Fatal(err)
		}
		if got.Spec.Token != raw {
			t.Errorf("%q: the token is not echoed", raw)
		}
		if want == "" {
			if !got.Status.Authenticated {
				t.Errorf("%q: %+v", raw, got.Status)
			}
			continue
		}
		data, err := json.Marshal(got.Status)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(data)); diff != "" {
			t.Errorf("%q:\n%s", raw, diff)
		}
		if diff := cmp.Diff(review(raw), in); diff != "" {
			t.Errorf("%q: the request was changed:\n%s", raw, diff)
		}
	}
}

func TestTokenReviewErrors(t *testing.T) { // AUTH-31
	t.Parallel()
	if _, err := TokenReview(t.Context(), &known{}, review("")); !apierrors.IsBadRequest(err) || err.Error() != "token is required for TokenReview in authentication" {
		t.Errorf("empty token: %v", err)
	}
	if _, err := TokenReview(t.Context(), &known{}, review("broken")); !apierrors.IsInternalError(err) {
		t.Errorf("broken look-up: %v", err)
	}
	k := &known{}
	if _, err := TokenReview(t.Context(), k, review("good", "vault", "api")); err != nil || !cmp.Equal(k.wanted, []string{"vault", "api"}) {
		t.Errorf("asked for %v, %v", k.wanted, err)
	}
}

func TestSelfSubjectReview(t *testing.T) { // AUTH-33
	t.Parallel()
	at := time.Date(2026, 11, 23, 8, 30, 0, 5, time.UTC)
	data, err := json.Marshal(SelfSubjectReview(&request.User{Name: "bob", Groups: []string{"ops"}}, at))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"metadata":{"creationTimestamp":"2026-11-23T08:30:00Z"},"status":{"userInfo":{"username":"bob","groups":["ops"]}}}`
	if diff := cmp.Diff(want, string(data)); diff != "" {
		t.Error(diff)
	}
}
