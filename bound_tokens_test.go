package kubemint_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint"
)

// TestRevocationIsImmediate: no cache outlives an account, a pod, a Secret or a node. Each token is used first, so that what is cached
// of it is warm (issue: no cache may outlive a deleted object; AUTH-14 to AUTH-20).
func TestRevocationIsImmediate(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 1})
	ctx := t.Context()
	now := metav1.DeleteOptions{GracePeriodSeconds: new(int64)}
	core := r.Admin.CoreV1()
	secret := func(name string) {
		if _, err := core.Secrets("default").Create(ctx, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	node := func(name string) {
		if _, err := core.Nodes().Create(ctx, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	unscheduled := func(name string) {
		p := pod(name, "robot")
		p.Spec.SchedulerName = "nobody"
		if _, err := core.Pods("default").Create(ctx, p, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	r.account("robot")
	for _, tt := range []struct {
		what   string
		make   func()
		spec   authenticationv1.TokenRequestSpec
		remove func() error
		gone   string // what a review says then
		other  string // and what it says once another one has the name
	}{
		{"secret", func() { secret("switch") }, bound("Secret", "switch"),
			func() error { return core.Secrets("default").Delete(ctx, "switch", metav1.DeleteOptions{}) },
			"service account token has been invalidated", "does not match service account secret ref claim"},
		{"node", func() { node("box") }, bound("Node", "box"),
			func() error { return core.Nodes().Delete(ctx, "box", metav1.DeleteOptions{}) },
			"service account token has been invalidated", "does not match service account node ref claim"},
		{"pod", func() { unscheduled("app") }, bound("Pod", "app"),
			func() error { return core.Pods("default").Delete(ctx, "app", now) },
			"service account token has been invalidated", "does not match service account pod ref claim"},
		{"account", func() {}, authenticationv1.TokenRequestSpec{},
			func() error { return core.ServiceAccounts("default").Delete(ctx, "robot", metav1.DeleteOptions{}) },
			`serviceaccounts \"robot\" not found`, "does not match claim"},
	} {
		tt.make()
		token := r.mint("robot", tt.spec)
		for range 3 {
			r.accepted(tt.what+" alive", token)
		}
		if err := tt.remove(); err != nil {
			t.Fatal(err)
		}
		r.refused(tt.what+" deleted", token, strings.ReplaceAll(tt.gone, `\"`, `"`))
		if tt.what == "account" {
			r.account("robot")
		} else {
			tt.make()
		}
		r.refused("another "+tt.what+" of that name", token, tt.other)
	}
}

// TestAMountedTokenDiesWithItsPod: a minute past its deletionTimestamp a pod still counts as alive (AUTH-19), which its kubelet brings
// forward to the moment of the deletion when its containers have stopped.
func TestAMountedTokenDiesWithItsPod(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 1})
	p := pod("app", "")
	p.Finalizers = []string{"example.com/hold"} // keeps the object after its deletion
	p = r.runPod(p)
	token := r.read(r.mount(p), "token")
	pods := r.Admin.CoreV1().Pods("default")
	grace := int64(30)
	if err := pods.Delete(t.Context(), "app", metav1.DeleteOptions{GracePeriodSeconds: &grace}); err != nil {
		t.Fatal(err)
	}
	r.accepted("deleted a moment ago", token)
	eventually(t, "the kubelet has stopped the containers", func() bool {
		p, err := pods.Get(t.Context(), "app", metav1.GetOptions{})
		return err == nil && p.DeletionGracePeriodSeconds != nil && *p.DeletionGracePeriodSeconds == 0
	})
	r.clock(`{"do":"advance","duration":"50s"}`)
	r.accepted("50 s later", token)
	r.clock(`{"do":"advance","duration":"20s"}`)
	r.refused("70 s later", token, "service account token has been invalidated")
}

// TestTokenRequestErrors are the answers of TOK-4 and TOK-10 to TOK-14, word for word.
func TestTokenRequestErrors(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{})
	r.account("robot")
	if _, err := r.Admin.CoreV1().Pods("default").Create(t.Context(), pod("other", "default"), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, path, body string
		code             int
		message          string
	}{
		{"TOK-1 an empty body", "robot", `{}`, 201, ""},
		{"TOK-4 too short", "robot", `{"spec":{"expirationSeconds":599}}`, 422, `TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes`},
		{"TOK-4 too long", "robot", `{"spec":{"expirationSeconds":4294967297}}`, 422, `larger than 2^32 seconds`},
		{"TOK-4 136 years are fine", "robot", `{"spec":{"expirationSeconds":4294967296}}`, 201, ""},
		{"TOK-10 nobody", "nobody", `{}`, 404, `serviceaccounts "nobody" not found`},
		{"TOK-10 another name", "robot", `{"metadata":{"name":"x"}}`, 422, `metadata.name: Invalid value: "x": must match the service account name if specified`},
		{"TOK-10 another namespace", "robot", `{"metadata":{"namespace":"kube-system"}}`, 400, `the namespace of the provided object does not match the namespace sent on the request`},
		{"TOK-11 another uid", "robot", `{"metadata":{"uid":"x"}}`, 409, `Operation cannot be fulfilled on TokenRequest.authentication.k8s.io "robot": the UID in the token request (x) does not match the UID of the service account (`},
		{"TOK-12 a kind that does not bind", "robot", `{"spec":{"boundObjectRef":{"apiVersion":"v1","kind":"ConfigMap","name":"c"}}}`, 400, `cannot bind token to object of type /v1, Kind=ConfigMap`},
		{"TOK-13 nothing to bind to", "robot", `{"spec":{"boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"nope"}}}`, 404, `pods "nope" not found`},
		{"TOK-13 another uid", "default", `{"spec":{"boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"other","uid":"x"}}}`, 409, `the UID in the bound object reference (x) does not match the UID in record. The object might have been deleted and then recreated`},
		{"TOK-14 another account's pod", "robot", `{"spec":{"boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"other"}}}`, 400, `cannot bind token for serviceaccount "robot" to pod running with different serviceaccount name.`},
		{"TOK-18 a dry run signs, too", "robot?dryRun=All", `{}`, 201, ""},
	} {
		name, query, _ := strings.Cut(tt.path, "?")
		path := "/api/v1/namespaces/default/serviceaccounts/" + name + "/token?" + query
		code, body := r.call("", "POST", path, tt.body)
		var status struct{ Message string }
		if err := json.Unmarshal([]byte(body), &status); err != nil {
			t.Fatal(err)
		}
		if code != tt.code || !strings.Contains(status.Message, tt.message) {
			t.Errorf("%s: %d %q, want %d %q", tt.name, code, status.Message, tt.code, tt.message)
		}
	}
	if code, _ := r.call("", "GET", "/api/v1/namespaces/default/serviceaccounts/robot/token", ""); code != 405 {
		t.Errorf("TOK-1: GET is answered %d", code)
	}
}

// TestACapOnTokens: --service-account-max-token-expiration shortens and says so (TOK-5), and leaves the standard mount alone (TOK-7).
func TestACapOnTokens(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 1, ServiceAccountMaxTokenExpiration: 2 * 3600e9})
	code, body := r.call("", "POST", "/api/v1/namespaces/default/serviceaccounts/default/token", `{"spec":{"expirationSeconds":86400}}`)
	var tr authenticationv1.TokenRequest
	if err := json.Unmarshal([]byte(body), &tr); err != nil || code != 201 {
		t.Fatal(code, err)
	}
	if *tr.Spec.ExpirationSeconds != 7200 {
		t.Errorf("the answer says %d s", *tr.Spec.ExpirationSeconds)
	}
	p := r.runPod(pod("app", ""))
	var claims struct {
		Exp, Iat int64
	}
	if err := json.Unmarshal([]byte(claimsOf(t, r.read(r.mount(p), "token"))), &claims); err != nil {
		t.Fatal(err)
	}
	if life := claims.Exp - claims.Iat; life != 31536000 {
		t.Errorf("the mounted token lives %d s", life)
	}
}

// TestIssuers: the first signs, all are accepted, and so are their audiences (TOK-3, JWT-23). One that is taken away takes its tokens
// along.
func TestIssuers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	one, two := "https://one.example", "https://two.example"
	r := start(t, kubemint.Config{DataDir: dir, ServiceAccountIssuers: []string{one}})
	first := r.mint("default", authenticationv1.TokenRequestSpec{})
	r.stop()
	r = start(t, kubemint.Config{DataDir: dir, ServiceAccountIssuers: []string{two, one}})
	second := r.mint("default", authenticationv1.TokenRequestSpec{})
	if claims := claimsOf(t, second); !strings.Contains(claims, fmt.Sprintf(`"iss":%q`, two)) || !strings.Contains(claims, fmt.Sprintf(`"aud":[%q,%q]`, two, one)) {
		t.Errorf("the token says %s", claims)
	}
	r.accepted("a token of the issuer before", first)
	r.accepted("a token of the new issuer", second)
	r.stop()
	r = start(t, kubemint.Config{DataDir: dir, ServiceAccountIssuers: []string{two}})
	if code, _ := r.call(first, "GET", "/api", ""); code != 401 {
		t.Errorf("a token of an issuer that was taken away: %d", code)
	}
	r.accepted("a token of the one that is left", second)
}
