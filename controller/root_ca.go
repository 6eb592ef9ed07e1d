package controller

import (
	"context"
	"maps"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/client-go/informers"
	listers "k8s.io/client-go/listers/core/v1"

	"github.com/kubemint/kubemint/controller/work"
)

// Names of SA-12 and SA-13. The description is part of the wire format: tools compare it.
const (
	rootCAName        = "kube-root-ca.crt"
	rootCAKey         = "ca.crt"
	descriptionKey    = "kubernetes.io/description"
	rootCADescription = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. " +
		"No other usage is guaranteed across distributions of Kubernetes clusters."
)

// newRootCA keeps the ConfigMap kube-root-ca.crt in every active namespace (SA-12, SA-13). Keys are namespaces. Its
// informer sees the ConfigMaps of that name alone: a cluster may hold many others.
func newRootCA(e work.Env, ca []byte, reader informers.SharedInformerFactory) *work.Loop {
	l := e.Loop("root CA")
	want := map[string]string{rootCAKey: string(ca)}
	namespaces := e.Factory.Core().V1().Namespaces().Lister()
	configMaps := e.Informers.Get("configmaps named "+rootCAName, reader.Core().V1().ConfigMaps().Informer)
	lister := listers.NewConfigMapLister(configMaps.GetIndexer())
	l.WatchKeys(e.Namespaces())
	l.Watch(configMaps, func(old, new metav1.Object) {
		if old != nil && old.GetName() == rootCAName {
			l.Queue.Add(old.GetNamespace())
		}
	})
	l.Sync = func(ctx context.Context, key string) error {
		ns, err := namespaces.Get(key)
		if err != nil || !active(ns) {
			return work.Gone(err)
		}
		have, err := lister.ConfigMaps(key).Get(rootCAName)
		if apierrors.IsNotFound(err) {
			_, err = e.Client.CoreV1().ConfigMaps(key).Create(ctx, &corev1.ConfigMap{
				ObjectMeta: metav1.ObjectMeta{Namespace: key, Name: rootCAName, Annotations: map[string]string{descriptionKey: rootCADescription}},
				Data:       want,
			}, metav1.CreateOptions{})
			return unlessMoot(err)
		}
		if err != nil || maps.Equal(have.Data, want) && have.Annotations[descriptionKey] != "" {
			return err
		}
		fixed := have.DeepCopy()
		fixed.Data = want
		if fixed.Annotations[descriptionKey] == "" {
			metav1.SetMetaDataAnnotation(&fixed.ObjectMeta, descriptionKey, rootCADescription)
		}
		_, err = e.Client.CoreV1().ConfigMaps(key).Update(ctx, fixed, metav1.UpdateOptions{})
		return unlessMoot(err)
	}
	return l
}

// named narrows an informer to the objects of one name.
func named(name string) informers.SharedInformerOption {
	return informers.WithTweakListOptions(func(o *metav1.ListOptions) {
		o.FieldSelector = fields.OneTermEqualSelector(metav1.ObjectNameField, name).String()
	})
}
