package kubemint_test

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/go-logr/logr"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"

	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	metrics "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/recorder"

	"github.com/kubemint/kubemint"
)

// copier keeps a Secret with the content of each ConfigMap that is labelled for it.
type copier struct {
	client.Client
	events recorder.EventRecorder
}

func (c copier) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	var cm corev1.ConfigMap
	if err := c.Get(ctx, req.NamespacedName, &cm); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: cm.Namespace, Name: cm.Name + "-copy"}}
	done, err := controllerutil.CreateOrUpdate(ctx, c.Client, secret, func() error {
		secret.Data = map[string][]byte{}
		for k, v := range cm.Data {
			secret.Data[k] = []byte(v)
		}
		return controllerutil.SetControllerReference(&cm, secret, c.Scheme())
	})
	if err != nil || done == controllerutil.OperationResultNone {
		return ctrl.Result{}, err
	}
	c.events.Eventf(&cm, secret, corev1.EventTypeNormal, "Copied", "Copy", "secret %s %s", secret.Name, done)
	before := client.MergeFrom(cm.DeepCopy())
	if cm.Annotations == nil {
		cm.Annotations = map[string]string{}
	}
	cm.Annotations["copied-to"] = secret.Name
	return ctrl.Result{}, c.Patch(ctx, &cm, before)
}

// TestAnOperatorRuns: controller-runtime's manager with its cache, leader election and event recorder, as an account that may do this and
// no more, keeps the world as its reconciler wants it.
func TestAnOperatorRuns(t *testing.T) {
	t.Parallel()
	ctrl.SetLogger(logr.Discard()) // or the library complains after half a minute
	r := start(t, kubemint.Config{})
	r.account("operator")
	r.allow("operator",
		rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"configmaps"}, Verbs: []string{"get", "list", "watch", "patch"}},
		rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"secrets"}, Verbs: []string{"get", "list", "watch", "create", "update"}},
		rbacv1.PolicyRule{APIGroups: []string{"coordination.k8s.io"}, Resources: []string{"leases"}, Verbs: []string{"get", "create", "update"}},
		rbacv1.PolicyRule{APIGroups: []string{"", "events.k8s.io"}, Resources: []string{"events"}, Verbs: []string{"create", "patch"}})

	manager, err := ctrl.NewManager(r.with(r.mint("operator", authenticationv1.TokenRequestSpec{})), ctrl.Options{
		Scheme: scheme.Scheme, Logger: logr.Discard(), Metrics: metrics.Options{BindAddress: "0"}, HealthProbeBindAddress: "0",
		Cache: cache.Options{DefaultNamespaces: map[string]cache.Config{"default": {}}}, Controller: config.Controller{SkipNameValidation: ptr.To(true)},
		LeaderElection: true, LeaderElectionID: "copier.example.com", LeaderElectionNamespace: "default", LeaderElectionReleaseOnCancel: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	labelled, err := predicate.LabelSelectorPredicate(metav1.LabelSelector{MatchLabels: map[string]string{"copy": "yes"}})
	if err != nil {
		t.Fatal(err)
	}
	err = ctrl.NewControllerManagedBy(manager).For(&corev1.ConfigMap{}, builder.WithPredicates(labelled)).Owns(&corev1.Secret{}).
		Complete(copier{manager.GetClient(), manager.GetEventRecorder("copier")})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- manager.Start(ctx) }()

	admin, err := client.New(r.Config, client.Options{Scheme: scheme.Scheme})
	if err != nil {
		t.Fatal(err)
	}
	cm := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "source", Labels: map[string]string{"copy": "yes"}}, Data: map[string]string{"k": "1"}}
	if err := admin.Create(t.Context(), cm); err != nil {
		t.Fatal(err)
	}
	copied := func(want string) func() bool {
		return func() bool {
			var s corev1.Secret
			err := admin.Get(t.Context(), types.NamespacedName{Namespace: "default", Name: "source-copy"}, &s)
			return err == nil && string(s.Data["k"]) == want && metav1.IsControlledBy(&s, cm)
		}
	}
	eventually(t, "the content is copied", copied("1"))
	if err := admin.Patch(t.Context(), &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "source-copy"}},
		client.RawPatch(types.MergePatchType, []byte(`{"data":{"k":"c3BvaWxlZA=="}}`))); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a copy that somebody spoiled is put right", copied("1"))
	if err := admin.Patch(t.Context(), cm, client.RawPatch(types.MergePatchType, []byte(`{"data":{"k":"2"}}`))); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a change is copied", copied("2"))
	eventually(t, "the reconciler has noted it and said so", func() bool {
		var found eventsv1.EventList
		if err := admin.Get(t.Context(), client.ObjectKeyFromObject(cm), cm); err != nil {
			t.Fatal(err)
		}
		if err := admin.List(t.Context(), &found, client.InNamespace("default"), client.MatchingFields{"reason": "Copied"}); err != nil {
			t.Fatal(err)
		}
		return len(found.Items) > 0 && found.Items[0].Regarding.Name == "source" && maps.Equal(cm.Annotations, map[string]string{"copied-to": "source-copy"})
	})
	lease, err := r.Admin.CoordinationV1().Leases("default").Get(t.Context(), "copier.example.com", metav1.GetOptions{})
	if err != nil || *lease.Spec.HolderIdentity == "" {
		t.Errorf("the lease: %+v, %v", lease, err)
	}
	if err := admin.Delete(t.Context(), cm); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the copy goes with what it is a copy of", func() bool {
		return apierrors.IsNotFound(admin.Get(t.Context(), types.NamespacedName{Namespace: "default", Name: "source-copy"}, &corev1.Secret{}))
	})

	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the manager ended with %v", err)
		}
	case <-time.After(patience):
		t.Fatal("the manager does not end")
	}
	eventually(t, "the lease is let go", func() bool {
		lease, err := r.Admin.CoordinationV1().Leases("default").Get(t.Context(), "copier.example.com", metav1.GetOptions{})
		return err == nil && *lease.Spec.HolderIdentity == ""
	})
}
