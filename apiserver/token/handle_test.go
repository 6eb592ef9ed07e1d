package token

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubemint/kubemint/internal/era"
)

func newHandler(s *scene) *Handler {
	return &Handler{Getter: s.world, Issuer: s.issuer, Clock: s.clock, Options: Options{APIAudiences: []string{api}}}
}

func ask(f func(*authenticationv1.TokenRequest)) *authenticationv1.TokenRequest {
	tr := &authenticationv1.TokenRequest{}
	if f != nil {
		f(tr)
	}
	return tr
}

func bind(kind, name, uid string) func(*authenticationv1.TokenRequest) {
	return func(tr *authenticationv1.TokenRequest) {
		tr.Spec.BoundObjectRef = &authenticationv1.BoundObjectReference{Kind: kind, APIVersion: "v1", Name: name, UID: types.UID(uid)}
	}
}

func seconds64(n int64) *int64 { return &n }

func TestHandleDefaults(t *testing.T) { // TOK-2 to TOK-4, Appendix C
	t.Parallel()
	s := newScene(t)
	s.clock.pass(123 * time.Millisecond)
	in := ask(nil)
	a, err := newHandler(s).Handle(t.Context(), "ci", "robot", in)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ask(nil), in); diff != "" {
		t.Errorf("the request was changed:\n%s", diff)
	}
	got := a.Request.DeepCopy()
	if _, err := s.verifier.Verify(t.Context(), got.Status.Token, nil); err != nil {
		t.Error(err)
	}
	got.Status.Token = "JWT"
	data, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"metadata":{"name":"robot","namespace":"ci","uid":"sa-1","creationTimestamp":"2026-11-23T08:31:38Z"},` +
		`"spec":{"audiences":["` + api + `"],"expirationSeconds":3600,"boundObjectRef":null},` +
		`"status":{"token":"JWT","expirationTimestamp":"2026-11-23T09:31:38Z"}}`
	if diff := cmp.Diff(want, string(data)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{AnnotationIssued: "JTI=" + a.Claims.ID}, a.Annotations); diff != "" { // TOK-24
		t.Error(diff)
	}
}

// TestHandleRefusals are the errors of TOK-4 and TOK-10 to TOK-14, word for word.
func TestHandleRefusals(t *testing.T) {
	t.Parallel()
	life := func(n int64) func(*authenticationv1.TokenRequest) {
		return func(tr *authenticationv1.TokenRequest) { tr.Spec.ExpirationSeconds = &n }
	}
	short := func(n string) string {
		return `TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: ` + n + `: may not specify a duration less than 10 minutes`
	}
	for _, tt := range []struct {
		name, account string
		ask           func(*authenticationv1.TokenRequest)
		code          int32
		text          string
	}{
		{"TOK-4 zero", "robot", life(0), 422, short("0")},
		{"TOK-4 599", "robot", life(599), 422, short("599")},
		{"TOK-4 negative", "robot", life(-5), 422, short("-5")},
		{"TOK-4 over 2^32", "robot", life(4294967297), 422, `TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds`},
		{"TOK-10 other name", "robot", func(tr *authenticationv1.TokenRequest) { tr.Name = "x" }, 422, `TokenRequest.authentication.k8s.io "robot" is invalid: metadata.name: Invalid value: "x": must match the service account name if specified`},
		{"TOK-10 other namespace", "robot", func(tr *authenticationv1.TokenRequest) { tr.Namespace = "x" }, 400, "the namespace of the provided object does not match the namespace sent on the request"},
		{"TOK-10 no account", "nobody", nil, 404, `serviceaccounts "nobody" not found`},
		{"TOK-11 other uid", "robot", func(tr *authenticationv1.TokenRequest) { tr.UID = "sa-9" }, 409, `Operation cannot be fulfilled on TokenRequest.authentication.k8s.io "robot": the UID in the token request (sa-9) does not match the UID of the service account (sa-1)`},
		{"TOK-12 other kind", "robot", bind("ConfigMap", "c", ""), 400, "cannot bind token to object of type /v1, Kind=ConfigMap"},
		{"TOK-12 other group", "robot", func(tr *authenticationv1.TokenRequest) {
			bind("Pod", "p1", "")(tr)
			tr.Spec.BoundObjectRef.APIVersion = "apps/v1"
		}, 400, "cannot bind token to object of type apps/v1, Kind=Pod"},
		{"TOK-12 empty reference", "robot", func(tr *authenticationv1.TokenRequest) {
			tr.Spec.BoundObjectRef = &authenticationv1.BoundObjectReference{}
		}, 400, "cannot bind token to object of type /, Kind="},
		{"TOK-13 no pod", "robot", bind("Pod", "none", ""), 404, `pods "none" not found`},
		{"TOK-13 no secret", "robot", bind("Secret", "none", ""), 404, `secrets "none" not found`},
		{"TOK-13 no node", "robot", bind("Node", "none", ""), 404, `nodes "none" not found`},
		{"TOK-13 other uid", "robot", bind("Pod", "p1", "wrong"), 409, `Operation cannot be fulfilled on Pod "p1": the UID in the bound object reference (wrong) does not match the UID in record. The object might have been deleted and then recreated`},
		{"TOK-14 pod of another account", "other", bind("Pod", "p1", ""), 400, `cannot bind token for serviceaccount "other" to pod running with different serviceaccount name.`},
		{"TOK-9 the account comes before the life", "nobody", life(1), 404, `serviceaccounts "nobody" not found`},
		{"TOK-9 the name comes before the account", "nobody", func(tr *authenticationv1.TokenRequest) { tr.Name = "x" }, 422, `TokenRequest.authentication.k8s.io "nobody" is invalid: metadata.name: Invalid value: "x": must match the service account name if specified`},
		{"TOK-9 the life comes before the bound object", "robot", func(tr *authenticationv1.TokenRequest) { life(1)(tr); bind("Pod", "none", "")(tr) }, 422, short("1")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			_, err := newHandler(s).Handle(t.Context(), "ci", tt.account, ask(tt.ask))
			var status apierrors.APIStatus
			if !errors.As(err, &status) || status.Status().Code != tt.code || err.Error() != tt.text {
				t.Errorf("got %v\nwant %d %s", err, tt.code, tt.text)
			}
		})
	}
}

// TestGrants are the lives of tokens (TOK-5 to TOK-8).
func TestGrants(t *testing.T) {
	t.Parallel()
	const day, year = 86400, 31536000
	for _, tt := range []struct {
		name     string
		o        Options
		seconds  int64
		audience string
		pod      bool
		want     Grant
	}{
		{"plain", Options{}, 7200, api, false, Grant{Expiration: 7200, Seconds: 7200}},
		{"TOK-5 cut", Options{MaxSeconds: day}, 2 * day, api, false,
			Grant{Expiration: day, Seconds: day, Warning: "requested expiration of 172800 seconds shortened to 86400 seconds"}},
		{"TOK-6 extended", Options{}, 3607, api, true, Grant{Expiration: 3607, Seconds: year, WarnAfter: 3607}},
		{"TOK-7 the cap does not touch the extension", Options{MaxSeconds: day}, 3607, api, true, Grant{Expiration: 3607, Seconds: year, WarnAfter: 3607}},
		{"TOK-7 but a cap below 3607 does", Options{MaxSeconds: 3600}, 3607, api, true,
			Grant{Expiration: 3600, Seconds: 3600, Warning: "requested expiration of 3607 seconds shortened to 3600 seconds"}},
		{"TOK-8 no pod", Options{}, 3607, api, false, Grant{Expiration: 3607, Seconds: 3607}},
		{"TOK-8 foreign audience", Options{}, 3607, "vault", true, Grant{Expiration: 3607, Seconds: 3607}},
		{"TOK-8 another number", Options{}, 3608, api, true, Grant{Expiration: 3608, Seconds: 3608}},
		{"switched off", Options{KeepMounted: true}, 3607, api, true, Grant{Expiration: 3607, Seconds: 3607}},
	} {
		tt.o.APIAudiences = []string{api}
		spec := authenticationv1.TokenRequestSpec{Audiences: []string{tt.audience}, ExpirationSeconds: &tt.seconds}
		tt.want.Audiences = spec.Audiences
		if diff := cmp.Diff(tt.want, tt.o.Grant(spec, tt.pod)); diff != "" {
			t.Errorf("%s:\n%s", tt.name, diff)
		}
	}
}

func TestHandleBindings(t *testing.T) { // TOK-12, TOK-13, TOK-15, TOK-16
	t.Parallel()
	oddVersion := func(tr *authenticationv1.TokenRequest) {
		bind("Pod", "p3", "pod-3")(tr)
		tr.Spec.BoundObjectRef.APIVersion = "v99"
	}
	for _, tt := range []struct {
		name string
		ask  func(*authenticationv1.TokenRequest)
		want Private
	}{
		{"pod on a node", bind("Pod", "p1", ""), Private{Pod: &Ref{"p1", "pod-1"}, Node: &Ref{"node-1", "node-uid-1"}}},
		{"pod on a node that is gone", bind("Pod", "p2", ""), Private{Pod: &Ref{"p2", "pod-2"}, Node: &Ref{Name: "lost"}}},
		{"pod without a node, odd version", oddVersion, Private{Pod: &Ref{"p3", "pod-3"}}},
		{"secret", bind("Secret", "switch", "secret-1"), Private{Secret: &Ref{"switch", "secret-1"}}},
		{"node", bind("Node", "node-1", ""), Private{Node: &Ref{"node-1", "node-uid-1"}}},
	} {
		s := newScene(t)
		a, err := newHandler(s).Handle(t.Context(), "ci", "robot", ask(tt.ask))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		tt.want.Namespace, tt.want.ServiceAccount = "ci", Ref{"robot", "sa-1"}
		if diff := cmp.Diff(&tt.want, a.Claims.Private); diff != "" {
			t.Errorf("%s:\n%s", tt.name, diff)
		}
	}
}

func TestHandleMountedTokenLivesTwoLives(t *testing.T) { // CONF-1
	t.Parallel()
	s := newScene(t)
	a, err := newHandler(s).Handle(t.Context(), "ci", "robot", ask(func(tr *authenticationv1.TokenRequest) {
		bind("Pod", "p1", "pod-1")(tr)
		tr.Spec.ExpirationSeconds = seconds64(MountedSeconds)
	}))
	if err != nil {
		t.Fatal(err)
	}
	if told := a.Request.Status.ExpirationTimestamp.Sub(start); told != 3607*time.Second || *a.Request.Spec.ExpirationSeconds != 3607 {
		t.Errorf("the kubelet is told %v", told)
	}
	if signed := a.Claims.Expiry.Time().Sub(start); signed != 365*24*time.Hour {
		t.Errorf("signed for %v", signed)
	}
}

func TestHandleInOlderEras(t *testing.T) { // ERA-12, ERA-13
	t.Parallel()
	s := newScene(t)
	s.issuer.Era, _ = era.Parse("1.24")
	h := newHandler(s)
	if _, err := h.Handle(t.Context(), "ci", "robot", ask(bind("Node", "node-1", ""))); err == nil || !strings.Contains(err.Error(), "cannot bind") {
		t.Errorf("1.24 binds to a node: %v", err)
	}
	a, err := h.Handle(t.Context(), "ci", "robot", ask(func(tr *authenticationv1.TokenRequest) { tr.UID = "ignored" }))
	if err != nil || a.Claims.ID != "" || a.Annotations != nil {
		t.Errorf("1.24: %+v, %v", a, err)
	}
}

func TestHandleAsksAdmissionInOrder(t *testing.T) { // TOK-9
	t.Parallel()
	s := newScene(t)
	h := newHandler(s)
	var said []string
	stop := errors.New("stop")
	h.Mutate = func(_ context.Context, tr *authenticationv1.TokenRequest) error {
		if tr.Spec.ExpirationSeconds != nil || tr.Namespace != "ci" {
			t.Errorf("mutating admission sees %+v", tr)
		}
		said = append(said, "mutate")
		return nil
	}
	h.Validate = func(_ context.Context, tr *authenticationv1.TokenRequest) error {
		if tr.Spec.ExpirationSeconds == nil {
			t.Error("validating admission sees a request without defaults")
		}
		said = append(said, "validate")
		return stop
	}
	if _, err := h.Handle(t.Context(), "ci", "robot", ask(bind("Pod", "none", ""))); !errors.Is(err, stop) {
		t.Errorf("error %v: the bound object is looked up after admission", err)
	}
	if diff := cmp.Diff([]string{"mutate", "validate"}, said); diff != "" {
		t.Error(diff)
	}
}
