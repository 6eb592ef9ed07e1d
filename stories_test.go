package kubemint_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint"
	"github.com/kubemint/kubemint/internal/told"
)

// tokenOf makes an account in default and a token of it.
func (r *running) tokenOf(name string) string {
	r.t.Helper()
	r.account(name)
	return r.mint(name, authenticationv1.TokenRequestSpec{})
}

// own asks one of kubemint's own paths as the administrator.
func own[T any](r *running, method, path, body string) (out T) {
	r.t.Helper()
	code, answer := r.call("", method, "/kubemint/v1/"+path, body)
	if code != http.StatusOK {
		r.t.Fatalf("%s %s: %d %s", method, path, code, answer)
	}
	if err := json.Unmarshal([]byte(answer), &out); err != nil {
		r.t.Fatalf("%s %s: %v", method, path, err)
	}
	return out
}

// Somebody is refused, asks why, applies the fix and may; the story of the refusal stays what it was.
func TestTheFixOfAStoryFixes(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{})
	token := r.tokenOf("bot")
	const path = "/api/v1/namespaces/default/pods"
	if code, body := r.call(token, "GET", path, ""); code != http.StatusForbidden {
		t.Fatalf("before: %d %s", code, body)
	}
	st := own[told.Story](r, "GET", "stories/last", "")
	if st.Code != http.StatusForbidden || st.User != "system:serviceaccount:default:bot" || st.Resource != "pods" || !st.Namespaced {
		t.Fatalf("the last story is %+v", st)
	}
	question := fmt.Sprintf(`{"story":%d}`, st.Number)
	e := own[told.Explanation](r, "POST", "explain", question)
	if e.Allowed || e.Fix == nil {
		t.Fatalf("explained as %+v", e)
	}
	for _, doc := range strings.Split(e.Fix.YAML, "---\n") {
		plural := "roles"
		if strings.Contains(doc, "kind: RoleBinding") {
			plural = "rolebindings"
		}
		code, body := r.call("", "POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/"+plural, doc, "Content-Type", "application/yaml")
		if code != http.StatusCreated {
			t.Fatalf("applying the fix: %d %s", code, body)
		}
	}
	if code, body := r.call(token, "GET", path, ""); code != http.StatusOK {
		t.Fatalf("after the fix: %d %s", code, body)
	}
	// The very policy that the request was decided by still answers for it.
	if e := own[told.Explanation](r, "POST", "explain", question); e.Allowed {
		t.Error("the old refusal is explained by the new policy")
	}
	after := own[told.Story](r, "GET", "stories/last", "")
	now := own[told.Explanation](r, "POST", "explain", fmt.Sprintf(`{"story":%d}`, after.Number))
	if !now.Allowed || len(now.Grants) != 1 || now.Grants[0].Binding.Name != "list-pods" || !slices.Contains(now.Grants[0].Allows.Verbs, "list") {
		t.Errorf("the grant is told as %+v", now.Grants)
	}
}

// D8: a plain denial has no reason on the wire, asked for or not.
func TestExplainingChangesNoByteOfTheAnswer(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{})
	token := r.tokenOf("bot")
	_, before := r.call(token, "GET", "/api/v1/namespaces/default/secrets", "")
	const want = `{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"secrets is forbidden: User \"system:serviceaccount:default:bot\" cannot list resource \"secrets\" in API group \"\" in the namespace \"default\"","reason":"Forbidden","details":{"kind":"secrets"},"code":403}`
	if strings.TrimSpace(before) != want {
		t.Errorf("answer:\n%s\nwant\n%s", before, want)
	}
	own[told.Story](r, "GET", "stories/last", "")
	if _, after := r.call(token, "GET", "/api/v1/namespaces/default/secrets", ""); after != before {
		t.Errorf("the same request is answered with\n%s\nafter\n%s", after, before)
	}
}

// Requests of one run of kubectl belong together, whoever else sends the same session.
func TestRequestsOfOneCommandAreOneStory(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{})
	bot, other := r.tokenOf("bot"), r.tokenOf("other")
	kubectl := []string{"Kubectl-Session", "one", "Kubectl-Command", "kubectl apply"}
	r.call(bot, "GET", "/api/v1", "", kubectl...)
	r.call(bot, "GET", "/api/v1/namespaces/default/configmaps/a", "", kubectl...)
	r.call(other, "GET", "/api/v1/namespaces/default/configmaps/b", "", kubectl...)
	r.call(bot, "GET", "/api/v1/namespaces/default/configmaps/c", "", kubectl...)
	st := own[told.Story](r, "GET", "stories/last", "")
	if st.Name != "a" || st.Command != "kubectl apply" {
		t.Errorf("told is %q of %q, want the first refusal", st.Name, st.Command)
	}
	if len(st.Others) != 1 || st.Others[0].Name != "c" {
		t.Errorf("beside it: %+v, want c alone: neither discovery nor what another sent", st.Others)
	}
}

// A credential that fails is told check by check, and never shown.
func TestARefusedTokenIsToldWithoutIt(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{})
	token := r.tokenOf("bot")
	if err := r.Admin.CoreV1().ServiceAccounts("default").Delete(t.Context(), "bot", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if code, _ := r.call(token, "GET", "/api/v1/namespaces/default/pods", ""); code != http.StatusUnauthorized {
		t.Fatalf("answered %d", code)
	}
	st := own[told.Story](r, "GET", "stories/last", "")
	if len(st.Authentication) != 1 || st.Authentication[0].Code != "token.account.missing" {
		t.Fatalf("attempts: %+v", st.Authentication)
	}
	tok := st.Authentication[0].Token
	if tok == nil || !tok.Proven || tok.Account != "bot" || tok.AskedBy == nil || tok.AskedBy.User != "kubernetes-admin" {
		t.Errorf("the token is told as %+v", tok)
	}
	if code, _ := r.call("", "POST", "/kubemint/v1/explain", fmt.Sprintf(`{"story":%d}`, st.Number)); code != http.StatusBadRequest {
		t.Errorf("a 401 is explained with %d: nobody asked whether it was allowed", code)
	}
}

// What admission made of a pod is told; who tries to hand out rights without holding them is told which.
func TestStoriesOfWrites(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{})
	pod := `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"app"},"spec":{"containers":[{"name":"c","image":"i"}]}}`
	if code, body := r.call("", "POST", "/api/v1/namespaces/default/pods", pod); code != http.StatusCreated {
		t.Fatalf("%d %s", code, body)
	}
	st := own[told.Story](r, "GET", "stories/last", "")
	has := func(path string) bool {
		return slices.ContainsFunc(st.Changes, func(e told.Edit) bool { return strings.HasPrefix(e.Path, path) })
	}
	if !has("spec.serviceAccountName") || !has("spec.volumes") || has("metadata.uid") {
		t.Errorf("changes: %+v", st.Changes)
	}
	var steps []string
	for _, s := range st.Steps {
		steps = append(steps, s.Name)
	}
	if got, want := strings.Join(steps, " "), "authenticate authorize admit validate store answer"; got != want {
		t.Errorf("steps: %s, want %s", got, want)
	}

	token := r.tokenOf("bot")
	r.allow("bot", rbacv1.PolicyRule{Verbs: []string{"create"}, APIGroups: []string{rbacv1.GroupName}, Resources: []string{"roles"}})
	role := `{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"evil"},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["secrets"]}]}`
	if code, body := r.call(token, "POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles", role); code != http.StatusForbidden {
		t.Fatalf("%d %s", code, body)
	}
	st = own[told.Story](r, "GET", "stories/last", "")
	if st.Authorization == nil || !st.Authorization.Allowed || len(st.Missing) != 1 || st.Missing[0].Resources[0] != "secrets" {
		t.Errorf("authorization %+v, missing %+v", st.Authorization, st.Missing)
	}
}

// allow gives an account of default a rule.
func (r *running) allow(account string, rules ...rbacv1.PolicyRule) {
	r.t.Helper()
	m := metav1.ObjectMeta{Name: account + "-may"}
	roles := r.Admin.RbacV1()
	if _, err := roles.Roles("default").Create(r.t.Context(), &rbacv1.Role{ObjectMeta: m, Rules: rules}, metav1.CreateOptions{}); err != nil {
		r.t.Fatal(err)
	}
	b := &rbacv1.RoleBinding{ObjectMeta: m, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: m.Name},
		Subjects: []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: "default", Name: account}}}
	if _, err := roles.RoleBindings("default").Create(r.t.Context(), b, metav1.CreateOptions{}); err != nil {
		r.t.Fatal(err)
	}
}

// Neither a Secret's data nor a token gets into a story or the audit log, be the request good or bad.
func TestSecretsEnterNeitherStoriesNorTheAuditLog(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "audit.log")
	r := start(t, kubemint.Config{AuditLogPath: log})
	token := r.tokenOf("bot")
	const secret = "c2VjcmV0LXBhc3N3b3Jk"
	const path = "/api/v1/namespaces/default/secrets"
	good := `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"password":"` + secret + `"}}`
	for _, c := range []struct{ token, method, path, body string }{
		{"", "POST", path, good},
		{"", "POST", path, good}, // there already
		{"", "POST", path, strings.Replace(good, `"s"`, `"`+secret+`"`, 1)}, // an invalid name, which the answer quotes
		{"", "POST", path, `{"apiVersion":"v1","kind":"Secret","data":"` + secret + `"}`},
		{"", "PUT", path + "/s", strings.Replace(good, secret, secret+"IQ==", 1)},
		{"", "GET", path + "/s", ""},
		{token, "GET", path, ""},
		{token + "x", "GET", path, ""},
		{"", "POST", "/apis/authentication.k8s.io/v1/tokenreviews", `{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","spec":{"token":"` + token + `"}}`},
		{"", "POST", "/api/v1/namespaces/default/serviceaccounts/bot/token", `{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}`},
	} {
		r.call(c.token, c.method, c.path, c.body)
	}
	var all strings.Builder
	for _, brief := range own[[]told.Story](r, "GET", "stories?limit=500&system=true", "") {
		_, whole := r.call("", "GET", fmt.Sprintf("/kubemint/v1/stories/%d", brief.Number), "")
		all.WriteString(whole)
	}
	r.stop()
	audited, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	signature := token[strings.LastIndex(token, ".")+1:]
	for name, text := range map[string]string{"a story": all.String(), "the audit log": string(audited)} {
		if !strings.Contains(text, "secrets") {
			t.Errorf("%s does not tell of these requests at all", name)
		}
		for what, needle := range map[string]string{"a Secret's data": secret, "a token": signature, "any token": "eyJhbGciOi"} {
			if i := strings.Index(text, needle); i >= 0 {
				t.Errorf("%s is in %s: ...%s...", what, name, text[max(0, i-100):min(len(text), i+40)])
			}
		}
	}
}

// API-250, API-251, AUTHZ-27: one line a request, its id that of the answer's Audit-Id, readable for nobody else.
func TestAuditLog(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "audit.log")
	r := start(t, kubemint.Config{AuditLogPath: log})
	token := r.tokenOf("bot")
	r.call(token, "GET", "/api/v1/namespaces/default/pods?limit=500", "", "Audit-Id", "denied-1")
	r.call("", "GET", "/api/v1/namespaces/default/pods", "", "Audit-Id", "allowed-1", "Impersonate-User", "jane", "Impersonate-Group", "system:masters")
	r.call("nonsense", "GET", "/version", "", "Audit-Id", "refused-1")
	r.call("", "GET", "/api/v1/namespaces/default/pods?watch=1&timeoutSeconds=1", "", "Audit-Id", "watch-1")
	r.stop()
	info, err := os.Stat(log)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the log: %v, %v", info.Mode(), err)
	}
	f, err := os.Open(log)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	stages := map[string][]string{}
	events := map[string]map[string]any{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e map[string]any
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatalf("%q: %v", lines.Text(), err)
		}
		id := e["auditID"].(string)
		stages[id], events[id] = append(stages[id], e["stage"].(string)), e
	}
	for id, want := range map[string]string{"denied-1": "[ResponseComplete]", "allowed-1": "[ResponseComplete]", "refused-1": "[ResponseStarted]", "watch-1": "[ResponseStarted ResponseComplete]"} {
		if got := fmt.Sprint(stages[id]); got != want {
			t.Errorf("%s has the stages %s, want %s", id, got, want)
		}
	}
	note := func(id, key string) any {
		notes, _ := events[id]["annotations"].(map[string]any)
		return notes["authorization.k8s.io/"+key]
	}
	if note("denied-1", "decision") != "forbid" || note("denied-1", "reason") != "" || note("allowed-1", "decision") != "allow" || note("refused-1", "decision") != nil {
		t.Errorf("decisions: %v %v %v", note("denied-1", "decision"), note("allowed-1", "decision"), note("refused-1", "decision"))
	}
	as, _ := events["allowed-1"]["impersonatedUser"].(map[string]any)
	if as["username"] != "jane" || events["allowed-1"]["user"].(map[string]any)["username"] != "kubernetes-admin" {
		t.Errorf("impersonation: %v", events["allowed-1"])
	}
	if got := events["denied-1"]["requestURI"]; got != "/api/v1/namespaces/default/pods?limit=500" {
		t.Errorf("requestURI %v", got)
	}
}

// Nobody but administrators may ask for stories and rights, which tell of everybody.
func TestOwnPathsAboutRightsAreForAdministrators(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{})
	token := r.tokenOf("bot")
	for _, path := range []string{"stories", "stories/last", "stories/next", "explain", "who-can?verb=get&resource=pods", "access?user=jane", "access/diff", "rbac/lint"} {
		if code, body := r.call(token, "GET", "/kubemint/v1/"+path, ""); code != http.StatusForbidden {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
}
