package authn

import (
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubemint/kubemint/apiserver/token"
)

func TestInspect(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.secrets["kube-system/bootstrap-token-abcdef"] = &corev1.Secret{Type: bootstrapType, Data: map[string][]byte{
		"token-id": []byte("abcdef"), "token-secret": []byte("0123456789abcdef"), "usage-bootstrap-authentication": []byte("true"),
	}}
	for _, tt := range []struct {
		input    string
		form     token.Form
		user     string
		line     int
		accepted bool
	}{
		{"Bearer " + s.account(t) + "\r\n", token.FormBound, "system:serviceaccount:ci:robot", 0, true},
		{"bobs-token\n", token.FormStatic, "bob", 1, true},
		{"nodots", token.FormStatic, "nina", 2, true},
		{"abcdef.0123456789abcdef", token.FormBootstrap, "system:bootstrap:abcdef", 0, true},
		{"abcdef.0123456789abcdee", token.FormBootstrap, "system:bootstrap:abcdef", 0, false},
		{"something else", token.FormOpaque, "", 0, false},
	} {
		r := s.Inspect(t.Context(), []byte(tt.input), nil)
		if r.Form != tt.form || r.User != tt.user || r.Line != tt.line || r.Accepted != tt.accepted || !r.Accepted && r.Code == "" {
			t.Errorf("%s: %+v", tt.form, r)
		}
	}
	if r := s.Inspect(t.Context(), []byte("bobs-token"), []string{"vault"}); r.Accepted || r.Form != token.FormStatic {
		t.Errorf("a static token for vault: %+v", r)
	}
	s.Tokens = nil
	if r := s.Inspect(t.Context(), []byte("bobs-token"), nil); !r.Accepted || r.Line != 1 {
		t.Errorf("without a verifier: %+v", r)
	}
}
