package kubemint_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/kubernetes"

	"github.com/kubemint/kubemint"
)

// TestTheCallsOfABrowser are those of k9s: what is there, what may I, tables and informers of it, and no metrics. A reader who may see
// one namespace sees that one.
func TestTheCallsOfABrowser(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{})
	ctx := t.Context()
	r.configMap("seen", "1")
	r.account("reader")
	r.allow("reader", rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"configmaps", "pods", "pods/log"}, Verbs: []string{"get", "list", "watch"}})
	reader := r.with(r.mint("reader", authenticationv1.TokenRequestSpec{}))
	client, err := kubernetes.NewForConfig(reader)
	if err != nil {
		t.Fatal(err)
	}

	// Anybody learns what is served. There are no metrics, and no custom resources.
	groups, lists, err := client.Discovery().ServerGroupsAndResources()
	if err != nil || len(lists) < 15 {
		t.Fatalf("%d lists of resources, %v", len(lists), err)
	}
	for _, g := range groups {
		if g.Name == "metrics.k8s.io" || g.Name == "apiextensions.k8s.io" {
			t.Errorf("%s is offered", g.Name)
		}
	}
	for path, want := range map[string]int{
		"/apis/metrics.k8s.io/v1beta1/nodes": http.StatusNotFound, "/apis/metrics.k8s.io": http.StatusNotFound, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions": http.StatusNotFound,
	} {
		if code, body := r.call("", http.MethodGet, path, ""); code != want {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}

	// What may the reader do? Reviews and rules agree with what then happens.
	for _, ask := range []struct {
		authorizationv1.ResourceAttributes
		allowed bool
	}{
		{authorizationv1.ResourceAttributes{Verb: "list", Resource: "configmaps", Namespace: "default"}, true},
		{authorizationv1.ResourceAttributes{Verb: "watch", Resource: "pods", Namespace: "default"}, true},
		{authorizationv1.ResourceAttributes{Verb: "get", Resource: "pods", Subresource: "log", Namespace: "default"}, true},
		{authorizationv1.ResourceAttributes{Verb: "delete", Resource: "pods", Namespace: "default"}, false},
		{authorizationv1.ResourceAttributes{Verb: "create", Resource: "pods", Subresource: "exec", Namespace: "default"}, false},
		{authorizationv1.ResourceAttributes{Verb: "list", Resource: "configmaps"}, false}, // everywhere
		{authorizationv1.ResourceAttributes{Verb: "list", Resource: "namespaces"}, false},
		{authorizationv1.ResourceAttributes{Verb: "list", Group: "apps", Resource: "deployments", Namespace: "default"}, false},
	} {
		review, err := client.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, &authorizationv1.SelfSubjectAccessReview{
			Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &ask.ResourceAttributes}}, metav1.CreateOptions{})
		if err != nil || review.Status.Allowed != ask.allowed {
			t.Errorf("may it %+v: %v, %v", ask.ResourceAttributes, review.Status.Allowed, err)
		}
	}
	rules, err := client.AuthorizationV1().SelfSubjectRulesReviews().Create(ctx, &authorizationv1.SelfSubjectRulesReview{
		Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: "default"}}, metav1.CreateOptions{})
	if err != nil || rules.Status.Incomplete || !slices.ContainsFunc(rules.Status.ResourceRules, func(rule authorizationv1.ResourceRule) bool {
		return slices.Contains(rule.Resources, "configmaps") && slices.Equal(rule.Verbs, []string{"get", "list", "watch"})
	}) {
		t.Errorf("its rules: %+v, %v", rules.Status, err)
	}
	if _, err := client.CoreV1().Namespaces().List(ctx, metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("it lists namespaces: %v", err)
	}

	// Tables with the objects in them, in both versions of the format.
	for _, version := range []string{"v1", "v1beta1"} {
		code, body := r.call(reader.BearerToken, http.MethodGet, "/api/v1/namespaces/default/configmaps?includeObject=Object", "",
			"Accept", "application/json;as=Table;v="+version+";g=meta.k8s.io, application/json")
		var table metav1.Table
		if err := json.Unmarshal([]byte(body), &table); err != nil || code != http.StatusOK || table.APIVersion != "meta.k8s.io/"+version || len(table.Rows) != 2 {
			t.Fatalf("the table: %d %s, %v", code, body, err)
		}
		var cm corev1.ConfigMap
		if err := json.Unmarshal(table.Rows[1].Object.Raw, &cm); err != nil || cm.Name != "seen" || cm.Data["k"] != "1" || table.ColumnDefinitions[0].Name != "Name" {
			t.Errorf("in the table: %s, %v", table.Rows[1].Object.Raw, err)
		}
	}

	// Informers of whatever kind, in the namespace that may be seen.
	anything, err := dynamic.NewForConfig(reader)
	if err != nil {
		t.Fatal(err)
	}
	factory := dynamicinformer.NewFilteredDynamicSharedInformerFactory(anything, 0, "default", nil)
	maps := factory.ForResource(corev1.SchemeGroupVersion.WithResource("configmaps"))
	pods := factory.ForResource(corev1.SchemeGroupVersion.WithResource("pods"))
	maps.Informer()
	pods.Informer()
	stop := make(chan struct{})
	factory.Start(stop)
	defer factory.Shutdown()
	defer close(stop)
	for kind, synced := range factory.WaitForCacheSync(stop) {
		if !synced {
			t.Errorf("%v do not come", kind)
		}
	}
	names := func() (out []string) {
		found, err := maps.Lister().List(labels.Everything())
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range found {
			out = append(out, o.(metav1.Object).GetName())
		}
		slices.Sort(out)
		return out
	}
	r.configMap("new", "1")
	eventually(t, "the informer knows the new one", func() bool { return slices.Equal(names(), []string{"kube-root-ca.crt", "new", "seen"}) })
	r.deleteConfigMap("seen")
	eventually(t, "the informer has forgotten the old one", func() bool { return slices.Equal(names(), []string{"kube-root-ca.crt", "new"}) })

	// The events of an object, as describe asks for them.
	made, err := r.Admin.CoreV1().Events("default").Create(ctx, &corev1.Event{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "new."}, InvolvedObject: corev1.ObjectReference{APIVersion: "v1", Kind: "ConfigMap", Namespace: "default", Name: "new", UID: "u"},
		Reason: "Seen", Message: "by somebody", Type: "Warning", FirstTimestamp: metav1.NewTime(time.Now()), LastTimestamp: metav1.NewTime(time.Now()), Count: 1,
	}, metav1.CreateOptions{})
	if err != nil || !strings.HasPrefix(made.Name, "new.") {
		t.Fatalf("an event: %+v, %v", made, err)
	}
	ref := &corev1.ObjectReference{Kind: "ConfigMap", Namespace: "default", Name: "new", UID: "u"}
	selector := r.Admin.CoreV1().Events("default").GetFieldSelector(&ref.Name, &ref.Namespace, &ref.Kind, nil)
	if found, err := r.Admin.CoreV1().Events("default").List(ctx, metav1.ListOptions{FieldSelector: selector.String() + ",type=Warning"}); err != nil || len(found.Items) != 1 || found.Items[0].Message != "by somebody" {
		t.Errorf("its events: %+v, %v", found, err)
	}
}
