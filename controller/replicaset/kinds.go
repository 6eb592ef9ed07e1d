package replicaset

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	appslisters "k8s.io/client-go/listers/apps/v1"
	corelisters "k8s.io/client-go/listers/core/v1"

	"github.com/kubemint/kubemint/controller/work"
)

// kind is where a loop's objects come from: ReplicaSets, or the ReplicationControllers that were there before them and are treated alike.
type kind interface {
	gvk() schema.GroupVersionKind
	informer() *work.Informer
	// get returns an object as a ReplicaSet, and as what it is.
	get(ns, name string) (*appsv1.ReplicaSet, runtime.Object, error)
	list(ns string) ([]*appsv1.ReplicaSet, error)
	// fresh asks the server.
	fresh(ctx context.Context, ns, name string) (metav1.Object, error)
	// write stores the status that is in rs.
	write(ctx context.Context, rs *appsv1.ReplicaSet) (metav1.Object, error)
}

type sets struct {
	work.Env
	lister appslisters.ReplicaSetLister
}

func (s sets) gvk() schema.GroupVersionKind { return appsv1.SchemeGroupVersion.WithKind("ReplicaSet") }
func (s sets) informer() *work.Informer     { return s.ReplicaSets() }

func (s sets) get(ns, name string) (*appsv1.ReplicaSet, runtime.Object, error) {
	rs, err := s.lister.ReplicaSets(ns).Get(name)
	return rs, rs, err
}

func (s sets) list(ns string) ([]*appsv1.ReplicaSet, error) {
	return s.lister.ReplicaSets(ns).List(labels.Everything())
}

func (s sets) fresh(ctx context.Context, ns, name string) (metav1.Object, error) {
	return s.Client.AppsV1().ReplicaSets(ns).Get(ctx, name, metav1.GetOptions{})
}

func (s sets) write(ctx context.Context, rs *appsv1.ReplicaSet) (metav1.Object, error) {
	return s.Client.AppsV1().ReplicaSets(rs.Namespace).UpdateStatus(ctx, rs, metav1.UpdateOptions{})
}

type controllers struct {
	work.Env
	lister corelisters.ReplicationControllerLister
}

func (c controllers) gvk() schema.GroupVersionKind {
	return corev1.SchemeGroupVersion.WithKind("ReplicationController")
}
func (c controllers) informer() *work.Informer { return c.ReplicationControllers() }

func (c controllers) get(ns, name string) (*appsv1.ReplicaSet, runtime.Object, error) {
	rc, err := c.lister.ReplicationControllers(ns).Get(name)
	if err != nil {
		return nil, nil, err
	}
	return asSet(rc), rc, nil
}

func (c controllers) list(ns string) ([]*appsv1.ReplicaSet, error) {
	all, err := c.lister.ReplicationControllers(ns).List(labels.Everything())
	out := make([]*appsv1.ReplicaSet, len(all))
	for i, rc := range all {
		out[i] = asSet(rc)
	}
	return out, err
}

func (c controllers) fresh(ctx context.Context, ns, name string) (metav1.Object, error) {
	return c.Client.CoreV1().ReplicationControllers(ns).Get(ctx, name, metav1.GetOptions{})
}

func (c controllers) write(ctx context.Context, rs *appsv1.ReplicaSet) (metav1.Object, error) {
	rc, err := c.lister.ReplicationControllers(rs.Namespace).Get(rs.Name)
	if err != nil {
		return nil, err
	}
	next := rc.DeepCopy()
	next.ResourceVersion = rs.ResourceVersion
	s := rs.Status
	next.Status = corev1.ReplicationControllerStatus{Replicas: s.Replicas, FullyLabeledReplicas: s.FullyLabeledReplicas, ReadyReplicas: s.ReadyReplicas,
		AvailableReplicas: s.AvailableReplicas, ObservedGeneration: s.ObservedGeneration}
	for _, x := range s.Conditions {
		next.Status.Conditions = append(next.Status.Conditions, corev1.ReplicationControllerCondition{Type: corev1.ReplicationControllerConditionType(x.Type),
			Status: x.Status, LastTransitionTime: x.LastTransitionTime, Reason: x.Reason, Message: x.Message})
	}
	return c.Client.CoreV1().ReplicationControllers(rs.Namespace).UpdateStatus(ctx, next, metav1.UpdateOptions{})
}

// asSet is a ReplicationController as a ReplicaSet. It shares what it refers to.
func asSet(rc *corev1.ReplicationController) *appsv1.ReplicaSet {
	rs := &appsv1.ReplicaSet{ObjectMeta: rc.ObjectMeta}
	rs.Spec = appsv1.ReplicaSetSpec{Replicas: rc.Spec.Replicas, MinReadySeconds: rc.Spec.MinReadySeconds, Selector: metav1.SetAsLabelSelector(rc.Spec.Selector)}
	if rc.Spec.Template != nil {
		rs.Spec.Template = *rc.Spec.Template
	}
	s := rc.Status
	rs.Status = appsv1.ReplicaSetStatus{Replicas: s.Replicas, FullyLabeledReplicas: s.FullyLabeledReplicas, ReadyReplicas: s.ReadyReplicas,
		AvailableReplicas: s.AvailableReplicas, ObservedGeneration: s.ObservedGeneration}
	for _, x := range s.Conditions {
		rs.Status.Conditions = append(rs.Status.Conditions, appsv1.ReplicaSetCondition{Type: appsv1.ReplicaSetConditionType(x.Type),
			Status: x.Status, LastTransitionTime: x.LastTransitionTime, Reason: x.Reason, Message: x.Message})
	}
	return rs
}
