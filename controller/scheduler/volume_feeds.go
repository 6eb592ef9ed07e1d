package scheduler

import (
	"context"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
)

// storageFeeds watch what the volumes of pods come from.
func (s *Scheduler) storageFeeds() []*feed {
	core, classes := s.cfg.Client.CoreV1(), s.cfg.Client.StorageV1().StorageClasses()
	claims, volumes := core.PersistentVolumeClaims(metav1.NamespaceAll), core.PersistentVolumes()
	w := s.world
	return []*feed{
		s.storageFeed("claims", &corev1.PersistentVolumeClaim{}, &cache.ListWatch{
			ListWithContextFunc:  func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) { return claims.List(ctx, o) },
			WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) { return claims.Watch(ctx, o) },
		}, func(obj any) bool { return w.setClaim(obj.(*corev1.PersistentVolumeClaim)) }, w.dropClaim, func() []string { return keys(w, w.storing.claims) }),
		s.storageFeed("volumes", &corev1.PersistentVolume{}, &cache.ListWatch{
			ListWithContextFunc:  func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) { return volumes.List(ctx, o) },
			WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) { return volumes.Watch(ctx, o) },
		}, func(obj any) bool { return w.setVolume(obj.(*corev1.PersistentVolume)) }, w.dropVolume, func() []string { return keys(w, w.storing.volumes) }),
		s.storageFeed("storage classes", &storagev1.StorageClass{}, &cache.ListWatch{
			ListWithContextFunc:  func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) { return classes.List(ctx, o) },
			WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) { return classes.Watch(ctx, o) },
		}, func(obj any) bool { return w.setClass(obj.(*storagev1.StorageClass)) }, w.dropClass, func() []string { return keys(w, w.storing.classes) }),
	}
}

func keys[T any](w *world, m map[string]T) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Collect(maps.Keys(m))
}

// storageFeed is a feed of objects that set takes in, and that drop and known name by their keys.
func (s *Scheduler) storageFeed(name string, kind runtime.Object, lw *cache.ListWatch, set func(any) bool, drop func(string), known func() []string) *feed {
	f := &feed{name: name, listed: make(chan struct{})}
	f.set = func(obj any) {
		if set(obj) {
			s.line.unpark()
		}
	}
	f.gone = func(obj any) { drop(keyOf(obj)) }
	f.replace = func(objs []any) {
		here := make(map[string]bool, len(objs))
		for _, obj := range objs {
			here[keyOf(obj)] = true
			f.set(obj)
		}
		for _, key := range known() {
			if !here[key] {
				drop(key)
			}
		}
	}
	return s.start(f, kind, lw)
}

func keyOf(obj any) string {
	m, ok := obj.(metav1.Object)
	if !ok {
		return ""
	}
	return cache.MetaObjectToName(m).String()
}
