package validate

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// volumePlugins warns of volumes that nothing provides any more.
func (w *caution) volumePlugins(p *field.Path, volumes []corev1.Volume) {
	const since111, since116, since122, since125, since128 = "deprecated in v1.11, non-functional in v1.16+", "deprecated in v1.16, non-functional in v1.22+",
		"deprecated in v1.22, non-functional in v1.25+", "deprecated in v1.25, non-functional in v1.26+", "deprecated in v1.28, non-functional in v1.31+"
	for i, v := range volumes {
		at := p.Index(i)
		for _, k := range []struct {
			used          bool
			name, message string
		}{
			{v.PhotonPersistentDisk != nil, "photonPersistentDisk", since111},
			{v.GitRepo != nil, "gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"},
			{v.ScaleIO != nil, "scaleIO", since116},
			{v.Flocker != nil, "flocker", since122},
			{v.StorageOS != nil, "storageOS", since122},
			{v.Quobyte != nil, "quobyte", since122},
			{v.Glusterfs != nil, "glusterfs", since125},
		} {
			if k.used {
				w.say(at.Child(k.name), k.message)
			}
		}
		if v.Ephemeral != nil && v.Ephemeral.VolumeClaimTemplate != nil {
			w.claim(at.Child("ephemeral", "volumeClaimTemplate", "spec"), &v.Ephemeral.VolumeClaimTemplate.Spec)
		}
		if v.CephFS != nil {
			w.say(at.Child("cephfs"), since128)
		}
		if v.RBD != nil {
			w.say(at.Child("rbd"), since128)
		}
	}
}

// file is a path inside a volume and what is put there.
type file struct{ path, from string }

func (f file) String() string {
	if f.from == "" {
		return fmt.Sprintf("%q", f.path)
	}
	return fmt.Sprintf("%q (%s)", f.path, f.from)
}

func keyFiles(items []corev1.KeyToPath, from string) (out []file) {
	for _, i := range items {
		out = append(out, file{i.Path, from})
	}
	return out
}

func downwardFiles(items []corev1.DownwardAPIVolumeFile, from string) (out []file) {
	for _, i := range items {
		out = append(out, file{i.Path, from})
	}
	return out
}

// overlaps warns of two files of a volume of which one is, or lies under, the other: the later one wins or cannot be written.
func (w *caution) overlaps(volumes []corev1.Volume) {
	for _, v := range volumes {
		switch {
		case v.ConfigMap != nil:
			w.volumeOverlaps(v.Name, fmt.Sprintf("ConfigMap %q", v.ConfigMap.Name), keyFiles(v.ConfigMap.Items, ""))
		case v.Secret != nil:
			w.volumeOverlaps(v.Name, fmt.Sprintf("Secret %q", v.Secret.SecretName), keyFiles(v.Secret.Items, ""))
		case v.DownwardAPI != nil:
			w.volumeOverlaps(v.Name, "DownwardAPI", downwardFiles(v.DownwardAPI.Items, ""))
		case v.Projected != nil:
			var files []file
			for _, s := range v.Projected.Sources {
				if s == (corev1.VolumeProjection{}) {
					w.sayf("volume %q (Projected) has no sources provided", v.Name)
					continue
				}
				files = append(files, projectedFiles(s)...)
			}
			w.volumeOverlaps(v.Name, "Projected", files)
		}
	}
}

func projectedFiles(s corev1.VolumeProjection) []file {
	switch {
	case s.ConfigMap != nil:
		return keyFiles(s.ConfigMap.Items, fmt.Sprintf("ConfigMap %q", s.ConfigMap.Name))
	case s.Secret != nil:
		return keyFiles(s.Secret.Items, fmt.Sprintf("Secret %q", s.Secret.Name))
	case s.DownwardAPI != nil:
		return downwardFiles(s.DownwardAPI.Items, "DownwardAPI")
	case s.ServiceAccountToken != nil:
		return []file{{s.ServiceAccountToken.Path, "ServiceAccountToken"}}
	case s.ClusterTrustBundle != nil:
		b, name := s.ClusterTrustBundle, ""
		switch {
		case b.Name != nil:
			name = *b.Name
		case b.SignerName != nil:
			name = *b.SignerName
		}
		return []file{{b.Path, fmt.Sprintf("ClusterTrustBundle %q", name)}}
	case s.PodCertificate != nil:
		var files []file
		for _, f := range []file{
			{s.PodCertificate.CertificateChainPath, "PodCertificate chain"},
			{s.PodCertificate.KeyPath, "PodCertificate key"},
			{s.PodCertificate.CredentialBundlePath, "PodCertificate credential bundle"},
		} {
			if f.path != "" {
				files = append(files, f)
			}
		}
		return files
	}
	return nil
}

func (w *caution) volumeOverlaps(volume, kind string, files []file) {
	for i := range files {
		files[i].path = strings.TrimRight(files[i].path, "/")
		for _, earlier := range files[:i] {
			a, b := files[i].path, earlier.path
			if a == "" || b == "" {
				continue
			}
			if strings.HasPrefix(b+"/", a+"/") || strings.HasPrefix(a+"/", b+"/") {
				w.sayf("volume %q (%s): overlapping paths: %s with %s", volume, kind, files[i], earlier)
			}
		}
	}
}

// claim warns of a size that is not a whole number of bytes.
func (w *caution) claim(p *field.Path, s *corev1.PersistentVolumeClaimSpec) {
	w.whole(p.Child("resources", "requests").Key("storage"), s.Resources.Requests[corev1.ResourceStorage])
	w.whole(p.Child("resources", "limits").Key("storage"), s.Resources.Limits[corev1.ResourceStorage])
}

func (w *caution) volume(v *corev1.PersistentVolume) {
	for _, d := range [][2]string{
		{corev1.BetaStorageClassAnnotation, `deprecated since v1.8; use "storageClassName" attribute instead`},
		{corev1.MountOptionAnnotation, `deprecated since v1.31; use "mountOptions" attribute instead`},
	} {
		if _, ok := v.Annotations[d[0]]; ok {
			w.say(metadata.Child("annotations").Key(d[0]), d[1])
		}
	}
	p := field.NewPath("spec")
	if v.Spec.PersistentVolumeReclaimPolicy == corev1.PersistentVolumeReclaimRecycle {
		w.say(p.Child("persistentVolumeReclaimPolicy"), "The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.")
	}
	if a := v.Spec.NodeAffinity; a != nil && a.Required != nil {
		for i, t := range a.Required.NodeSelectorTerms {
			w.nodeTerm(p.Child("nodeAffinity", "required", "nodeSelectorTerms").Index(i), t, false)
		}
	}
	if v.Spec.CephFS != nil {
		w.say(p.Child("cephfs"), "deprecated in v1.28, non-functional in v1.31+")
	}
	if v.Spec.RBD != nil {
		w.say(p.Child("rbd"), "deprecated in v1.28, non-functional in v1.31+")
	}
}
