package authn

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/apiserver/token"
	"github.com/kubemint/kubemint/internal/era"
)

// rights is a tiny authorizer: lines of "user verb resource[.group][/subresource] namespace name", with * for anything.
type rights []string

func describe(u *request.User, w *request.Info) string {
	resource := w.Resource
	if w.Subresource != "" {
		resource += "/" + w.Subresource
	}
	if w.Group != "" {
		resource += "." + w.Group
	}
	dash := func(s string) string {
		if s == "" {
			return "-"
		}
		return s
	}
	return strings.Join([]string{u.Name, w.Verb, dash(resource), dash(w.Namespace), dash(w.Name)}, " ")
}

func refuse(u *request.User, w *request.Info, reason string) error {
	where := "at the cluster scope"
	if w.Namespace != "" {
		where = fmt.Sprintf("in the namespace %q", w.Namespace)
	}
	resource := w.Resource
	if w.Subresource != "" {
		resource += "/" + w.Subresource
	}
	text := fmt.Sprintf("User %q cannot %s resource %q in API group %q %s", u.Name, w.Verb, resource, w.Group, where)
	if reason != "" {
		text += ": " + reason
	}
	return apierrors.NewForbidden(schema.GroupResource{Group: w.Group, Resource: w.Resource}, w.Name, errors.New(text))
}

func (r rights) authorize(_ context.Context, u *request.User, w *request.Info) error {
	if u.In(request.Masters) {
		return nil
	}
	asked := strings.Fields(describe(u, w))
line:
	for _, right := range r {
		for i, word := range strings.Fields(right) {
			if word != "*" && word != asked[i] {
				continue line
			}
		}
		return nil
	}
	return refuse(u, w, "")
}

var (
	createReview = &request.Info{IsResource: true, Verb: "create", Group: "authentication.k8s.io", Version: "v1", Resource: "selfsubjectreviews"}
	listPods     = &request.Info{IsResource: true, Verb: "list", Version: "v1", Resource: "pods", Namespace: "default"}
	admin        = &request.User{Name: "kubernetes-admin", Groups: []string{"system:masters", "system:authenticated"}}
	jane         = &request.User{Name: "jane", Groups: []string{"developers", "system:authenticated"}}
)

func headers(kv ...string) http.Header {
	h := http.Header{}
	for i := 0; i+1 < len(kv); i += 2 {
		h.Add(kv[i], kv[i+1])
	}
	return h
}

// TestImpersonation follows what a real 1.36 was recorded to answer, in that order with one memory, and more.
func TestImpersonation(t *testing.T) {
	t.Parallel()
	i := NewImpersonator(era.Default, rights{"jane impersonate users - carol"}.authorize, refuse)
	robot := "system:serviceaccount:ci:robot"
	for _, tt := range []struct {
		name   string
		caller *request.User
		h      http.Header
		want   *request.User
		err    string
	}{
		{"no headers", jane, headers("Accept", "x"), nil, ""},
		{"a user", admin, headers("Impersonate-User", "jane"), &request.User{Name: "jane", Groups: []string{"system:authenticated"}}, ""},
		{"and a group", admin, headers("Impersonate-User", "jane", "Impersonate-Group", "ops"),
			&request.User{Name: "jane", Groups: []string{"ops", "system:authenticated"}}, ""},
		{"an account gets its groups", admin, headers("Impersonate-User", robot),
			&request.User{Name: robot, Groups: []string{"system:serviceaccounts", "system:serviceaccounts:ci", "system:authenticated"}}, ""},
		{"an account with groups does not", admin, headers("Impersonate-User", robot, "Impersonate-Group", "ops"),
			&request.User{Name: robot, Groups: []string{"ops", "system:authenticated"}}, ""},
		{"a uid", admin, headers("Impersonate-User", "jane", "Impersonate-Uid", "42"),
			&request.User{Name: "jane", UID: "42", Groups: []string{"system:authenticated"}}, ""},
		{"anonymous", admin, headers("Impersonate-User", "system:anonymous"),
			&request.User{Name: "system:anonymous", Groups: []string{"system:unauthenticated"}}, ""},
		{"somebody as unauthenticated", admin, headers("Impersonate-User", "jane", "Impersonate-Group", "system:unauthenticated"),
			&request.User{Name: "jane", Groups: []string{"system:unauthenticated"}}, ""},
		{"masters, in classic mode (IMP-8)", admin, headers("Impersonate-User", "jane", "Impersonate-Group", "system:masters"),
			&request.User{Name: "jane", Groups: []string{"system:masters", "system:authenticated"}}, ""},
		{"a group alone", admin, headers("Impersonate-Group", "ops"), nil,
			`requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"ops"}, Extra:map[string][]string(nil)} without impersonating a user name`},
		{"refused by the first mode", jane, headers("Impersonate-User", "bob"), nil,
			`selfsubjectreviews.authentication.k8s.io is forbidden: User "jane" cannot impersonate-on:user-info:create resource "selfsubjectreviews" in API group "authentication.k8s.io" at the cluster scope`},
		{"an account, refused by the first mode", jane, headers("Impersonate-User", robot), nil,
			`selfsubjectreviews.authentication.k8s.io is forbidden: User "jane" cannot impersonate-on:serviceaccount:create resource "selfsubjectreviews" in API group "authentication.k8s.io" at the cluster scope`},
		{"extra", admin, headers("Impersonate-User", "jane", "Impersonate-Extra-Scopes", "view", "Impersonate-Extra-Acme.org%2Fproject", "p"),
			&request.User{Name: "jane", Groups: []string{"system:authenticated"}, Extra: map[string][]string{"scopes": {"view"}, "acme.org/project": {"p"}}}, ""},
		{"allowed in classic mode", jane, headers("Impersonate-User", "carol"), &request.User{Name: "carol", Groups: []string{"system:authenticated"}}, ""},
		{"USR-24 from then on refused in classic words", jane, headers("Impersonate-User", "dave"), nil,
			`users "dave" is forbidden: User "jane" cannot impersonate resource "users" in API group "" at the cluster scope`},
		{"and the group", jane, headers("Impersonate-User", "carol", "Impersonate-Group", "ops"), nil,
			`groups "ops" is forbidden: User "jane" cannot impersonate resource "groups" in API group "" at the cluster scope`},
		{"and extra (USR-21)", jane, headers("Impersonate-User", "carol", "Impersonate-Extra-foo%2fbar", "v"), nil,
			`userextras.authentication.k8s.io "v" is forbidden: User "jane" cannot impersonate resource "userextras/foo/bar" in API group "authentication.k8s.io" at the cluster scope`},
		{"and the account (IMP-4)", jane, headers("Impersonate-User", robot), nil,
			`serviceaccounts "robot" is forbidden: User "jane" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "ci"`},
	} {
		got, err := i.Impersonate(t.Context(), tt.h, tt.caller, createReview)
		if tt.err != "" {
			if err == nil || err.Error() != tt.err {
				t.Errorf("%s:\ngot  %v\nwant %s", tt.name, err, tt.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if tt.want == nil {
			if got != nil {
				t.Errorf("%s: became %+v", tt.name, got.User)
			}
			continue
		}
		if diff := cmp.Diff(tt.want, got.User); diff != "" {
			t.Errorf("%s:\n%s", tt.name, diff)
		}
		for name := range tt.h {
			t.Errorf("%s: header %s is still there", tt.name, name)
		}
	}
}

// TestConstrainedModes is USR-23 and IMP-9 to IMP-11: both rights are needed, and each mode has its own resources.
func TestConstrainedModes(t *testing.T) {
	t.Parallel()
	agent := &request.User{Name: "system:serviceaccount:ci:agent", Extra: map[string][]string{token.ExtraNodeName: {"n1"}}}
	const group = ".authentication.k8s.io"
	for _, tt := range []struct {
		name       string
		rights     rights
		caller     *request.User
		h          http.Header
		constraint string
		groups     []string
		err        string
	}{
		{"both rights", rights{"jane impersonate-on:user-info:list pods default -", "jane impersonate:user-info users" + group + " - bob"}, jane,
			headers("Impersonate-User", "bob"), "impersonate:user-info", []string{"system:authenticated"}, ""},
		{"only on", rights{"jane impersonate-on:user-info:list pods default -"}, jane, headers("Impersonate-User", "bob"), "", nil,
			`users.authentication.k8s.io "bob" is forbidden: User "jane" cannot impersonate:user-info resource "users" in API group "authentication.k8s.io" at the cluster scope`},
		{"only the identity", rights{"jane impersonate:user-info users" + group + " - bob"}, jane, headers("Impersonate-User", "bob"), "", nil,
			`pods is forbidden: User "jane" cannot impersonate-on:user-info:list resource "pods" in API group "" in the namespace "default"`},
		{"masters never", rights{"jane impersonate-on:user-info:list * * *", "jane impersonate:user-info * * *"}, jane,
			headers("Impersonate-User", "bob", "Impersonate-Group", "system:masters"), "", nil,
			`groups.authentication.k8s.io "system:masters" is forbidden: User "jane" cannot impersonate:user-info resource "groups" in API group "authentication.k8s.io" at the cluster scope: impersonating the system:masters group is not allowed`},
		{"an account", rights{"jane impersonate-on:serviceaccount:list pods default -", "jane impersonate:serviceaccount serviceaccounts" + group + " ci robot"}, jane,
			headers("Impersonate-User", "system:serviceaccount:ci:robot"), "impersonate:serviceaccount",
			[]string{"system:serviceaccounts", "system:serviceaccounts:ci", "system:authenticated"}, ""},
		{"any node", rights{"jane impersonate-on:arbitrary-node:list pods default -", "jane impersonate:arbitrary-node nodes" + group + " - n7"}, jane,
			headers("Impersonate-User", "system:node:n7"), "impersonate:arbitrary-node", []string{"system:nodes", "system:authenticated"}, ""},
		{"the own node", rights{agent.Name + " impersonate-on:associated-node:list pods default -", agent.Name + " impersonate:associated-node nodes" + group + " - *"}, agent,
			headers("Impersonate-User", "system:node:n1"), "impersonate:associated-node", []string{"system:nodes", "system:authenticated"}, ""},
		{"another node is not the own", rights{agent.Name + " impersonate-on:associated-node:list pods default -", agent.Name + " impersonate:associated-node nodes" + group + " - *"}, agent,
			headers("Impersonate-User", "system:node:n2"), "", nil,
			`pods is forbidden: User "system:serviceaccount:ci:agent" cannot impersonate-on:arbitrary-node:list resource "pods" in API group "" in the namespace "default"`},
		{"many groups by one right", rights{"jane impersonate-on:user-info:list * * *", "jane impersonate:user-info users" + group + " - bob", "jane impersonate:user-info groups" + group + " - *"}, jane,
			headers("Impersonate-User", "bob", "Impersonate-Group", "a", "Impersonate-Group", "b", "Impersonate-Group", "c", "Impersonate-Group", "d"),
			"impersonate:user-info", []string{"a", "b", "c", "d", "system:authenticated"}, ""},
	} {
		i := NewImpersonator(era.Default, tt.rights.authorize, refuse)
		got, err := i.Impersonate(t.Context(), tt.h, tt.caller, listPods)
		if tt.err != "" {
			if err == nil || err.Error() != tt.err {
				t.Errorf("%s:\ngot  %v\nwant %s", tt.name, err, tt.err)
			}
			continue
		}
		if err != nil || got.Constraint != tt.constraint || !cmp.Equal(tt.groups, got.User.Groups) {
			t.Errorf("%s: %+v, %v", tt.name, got, err)
		}
	}
}

func TestImpersonationBefore136(t *testing.T) { // IMP-4, IMP-10
	t.Parallel()
	e, err := era.Parse("1.35")
	if err != nil {
		t.Fatal(err)
	}
	i := NewImpersonator(e, rights{"jane impersonate-on:user-info:list * * *", "jane impersonate:user-info * * *"}.authorize, refuse)
	_, err = i.Impersonate(t.Context(), headers("Impersonate-User", "bob"), jane, listPods)
	if err == nil || !strings.HasPrefix(err.Error(), `users "bob" is forbidden: User "jane" cannot impersonate resource "users" in API group ""`) {
		t.Errorf("got %v", err)
	}
	if _, err := i.Impersonate(t.Context(), headers("Impersonate-Uid", "7"), jane, listPods); !apierrors.IsBadRequest(err) || !strings.HasSuffix(err.Error(), "without impersonating a user") {
		t.Errorf("got %v", err)
	}
}
