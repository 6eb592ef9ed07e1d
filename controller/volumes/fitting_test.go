package volumes

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func modes(short string) (all []corev1.PersistentVolumeAccessMode) {
	long := map[string]corev1.PersistentVolumeAccessMode{"RWO": corev1.ReadWriteOnce, "ROX": corev1.ReadOnlyMany, "RWX": corev1.ReadWriteMany}
	for m := range strings.SplitSeq(short, "+") {
		all = append(all, long[m])
	}
	return all
}

func storageOf(size string) corev1.ResourceList {
	return corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(size)}
}

// A claim gets what it asks for, with as little beyond it as there is: access modes count before the size.
func TestAClaimFindsTheVolumeThatFitsBest(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, volumes, claim string // NAME:SIZE:MODES each
		want                 string
	}{
		{"the smallest", "a:9Gi:RWO b:5Gi:RWO c:1Gi:RWO", "2Gi:RWO", "b"},
		{"the first of equals", "b:5Gi:RWO a:5Gi:RWO", "2Gi:RWO", "a"},
		{"one that allows less", "a:9Gi:RWO", "2Gi:RWX", ""},
		{"one that allows more", "a:9Gi:RWO+RWX", "2Gi:RWX", "a"},
		{"no more than is asked for, though it is larger", "a:2Gi:RWO+ROX+RWX b:3Gi:RWO+RWX c:9Gi:RWO", "2Gi:RWO", "c"},
		{"more, if what allows no more is too small", "a:2Gi:RWO+ROX+RWX b:3Gi:RWO+RWX c:1Gi:RWO", "2Gi:RWO", "b"},
		{"all of those asked for", "a:2Gi:RWO b:2Gi:RWX c:3Gi:ROX+RWX d:4Gi:RWO+RWX", "2Gi:RWO+RWX", "d"},
		{"nothing there", "", "2Gi:RWO", ""},
	} {
		var all []*corev1.PersistentVolume
		for _, v := range strings.Fields(tt.volumes) {
			f := strings.Split(v, ":")
			all = append(all, &corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: f[0]}, Status: corev1.PersistentVolumeStatus{Phase: corev1.VolumeAvailable},
				Spec: corev1.PersistentVolumeSpec{Capacity: storageOf(f[1]), AccessModes: modes(f[2])}})
		}
		f := strings.Split(tt.claim, ":")
		got, err := fitting(&corev1.PersistentVolumeClaim{Spec: corev1.PersistentVolumeClaimSpec{
			Resources: corev1.VolumeResourceRequirements{Requests: storageOf(f[0])}, AccessModes: modes(f[1])}}, all, false)
		if err != nil {
			t.Fatal(err)
		}
		name := ""
		if got != nil {
			name = got.Name
		}
		if name != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, name, tt.want)
		}
	}
}
