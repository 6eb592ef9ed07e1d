package validate

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Bounds of a token's life in seconds (ADM-30).
const (
	leastTokenSeconds = 600
	mostTokenSeconds  = 1 << 32
)

// projected checks the sources of a projected volume (ADM-30 to ADM-37). Errors about a token's path name the volume and not the
// source, and tokens take no part in the search for equal paths: both as the real server does.
func (c *podCheck) projected(p *field.Path, v *corev1.ProjectedVolumeSource) {
	taken := map[string]bool{}
	take := func(path string, who string) {
		if path == "" {
			return
		}
		if taken[path] {
			c.invalid(p, who, "conflicting duplicate paths")
		}
		taken[path] = true
	}
	keyed := func(at *field.Path, name string, items []corev1.KeyToPath) {
		if name == "" {
			c.required(at.Child("name"), "")
		}
		for i := range items {
			c.item(at.Child("items").Index(i), &items[i])
			take(items[i].Path, name)
		}
	}
	for i := range v.Sources {
		s, at, n := &v.Sources[i], p.Child("sources").Index(i), 0
		if s.Secret != nil {
			n++
			keyed(at.Child("secret"), s.Secret.Name, s.Secret.Items)
		}
		if s.ConfigMap != nil {
			n++
			keyed(at.Child("configMap"), s.ConfigMap.Name, s.ConfigMap.Items)
		}
		if s.DownwardAPI != nil {
			n++
			for j := range s.DownwardAPI.Items {
				c.downwardFile(at.Child("downwardAPI"), &s.DownwardAPI.Items[j])
				take(s.DownwardAPI.Items[j].Path, s.DownwardAPI.Items[j].Path)
			}
		}
		if s.ServiceAccountToken != nil {
			n++
			c.tokenSource(p, at.Child("serviceAccountToken"), s.ServiceAccountToken)
		}
		if s.ClusterTrustBundle != nil {
			n++
			c.trustBundle(at.Child("clusterTrustBundle"), s.ClusterTrustBundle)
			take(s.ClusterTrustBundle.Path, s.ClusterTrustBundle.Path)
		}
		if s.PodCertificate != nil {
			n++
			c.signer(at.Child("podCertificate", "signerName"), s.PodCertificate.SignerName)
			for _, path := range []string{s.PodCertificate.CredentialBundlePath, s.PodCertificate.KeyPath, s.PodCertificate.CertificateChainPath} {
				take(path, path)
			}
		}
		if n > 1 {
			c.forbidden(at, "may not specify more than 1 volume type per source")
		}
	}
}

func (c *podCheck) tokenSource(volume, p *field.Path, t *corev1.ServiceAccountTokenProjection) {
	if s := t.ExpirationSeconds; s != nil {
		if *s < leastTokenSeconds {
			c.invalid(p.Child("expirationSeconds"), *s, "may not specify a duration less than 10 minutes")
		}
		if *s > mostTokenSeconds {
			c.invalid(p.Child("expirationSeconds"), *s, "may not specify a duration larger than 2^32 seconds")
		}
	}
	if t.Path == "" {
		c.required(volume.Child("path"), "")
		return
	}
	c.fileName(volume.Child("path"), t.Path) // ADM-31
}

func (c *podCheck) trustBundle(p *field.Path, b *corev1.ClusterTrustBundleProjection) {
	switch {
	case b.Name != nil && b.SignerName != nil:
		c.invalid(p, b, "only one of name and signerName may be used")
	case b.Name != nil && *b.Name == "":
		c.required(p.Child("name"), "must be a valid object name")
	case b.SignerName != nil && *b.SignerName == "":
		c.required(p.Child("signerName"), "must be a valid signer name")
	case b.SignerName != nil:
		c.signer(p.Child("signerName"), *b.SignerName)
		c.selector(p.Child("labelSelector"), b.LabelSelector)
	case b.Name == nil:
		c.required(p, "either name or signerName must be specified")
	}
	if b.Path == "" {
		c.required(p.Child("path"), "")
	}
	c.fileName(p.Child("path"), b.Path)
}
