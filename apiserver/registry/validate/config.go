package validate

import (
	"encoding/json"
	"maps"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// mostData is how many bytes a Secret or ConfigMap holds.
const mostData = corev1.MaxSecretSize

// lockedMessage is said of an object that was made immutable (API-213).
const lockedMessage = "field is immutable when `immutable` is set"

// secret: API-210 to API-212. Contents never appear in an error.
func secret(r *report, s *corev1.Secret) {
	r.meta(&s.ObjectMeta, true, subdomainName)
	data, size := field.NewPath("data"), 0
	for _, k := range sorted(s.Data) {
		r.invalids(data.Key(k), k, validation.IsConfigMapKey(k))
		size += len(s.Data[k])
	}
	if size > mostData {
		r.tooLong(data, mostData)
	}
	has := func(key string) bool { _, ok := s.Data[key]; return ok }
	document := func(key string) {
		if !has(key) {
			r.required(data.Key(key), "")
		} else if err := json.Unmarshal(s.Data[key], &map[string]any{}); err != nil {
			r.invalid(data.Key(key), "<secret contents redacted>", err.Error())
		}
	}
	switch s.Type {
	case corev1.SecretTypeServiceAccountToken:
		if s.Annotations[corev1.ServiceAccountNameKey] == "" {
			r.required(metadata.Child("annotations").Key(corev1.ServiceAccountNameKey), "")
		}
	case corev1.SecretTypeDockercfg:
		document(corev1.DockerConfigKey)
	case corev1.SecretTypeDockerConfigJson:
		document(corev1.DockerConfigJsonKey)
	case corev1.SecretTypeBasicAuth:
		if !has(corev1.BasicAuthUsernameKey) && !has(corev1.BasicAuthPasswordKey) {
			r.required(data.Key(corev1.BasicAuthUsernameKey), "")
			r.required(data.Key(corev1.BasicAuthPasswordKey), "")
		}
	case corev1.SecretTypeSSHAuth:
		if len(s.Data[corev1.SSHAuthPrivateKey]) == 0 {
			r.required(data.Key(corev1.SSHAuthPrivateKey), "")
		}
	case corev1.SecretTypeTLS:
		for _, k := range []string{corev1.TLSCertKey, corev1.TLSPrivateKeyKey} {
			if !has(k) {
				r.required(data.Key(k), "")
			}
		}
	}
}

func updateSecret(r *report, s, old *corev1.Secret) {
	r.metaUpdate(&s.ObjectMeta, &old.ObjectMeta)
	r.immutable(field.NewPath("type"), s.Type, old.Type)
	locked(r, s.Immutable, old.Immutable, func() {
		if !sameBytes(s.Data, old.Data) {
			r.forbidden(field.NewPath("data"), lockedMessage)
		}
	})
	secret(r, s)
}

// configMap: API-214.
func configMap(r *report, c *corev1.ConfigMap) {
	r.meta(&c.ObjectMeta, true, subdomainName)
	size := 0
	for _, k := range sorted(c.Data) {
		at := field.NewPath("data").Key(k)
		r.invalids(at, k, validation.IsConfigMapKey(k))
		if _, twice := c.BinaryData[k]; twice {
			r.invalid(at, k, "duplicate of key present in binaryData")
		}
		size += len(c.Data[k])
	}
	for _, k := range sorted(c.BinaryData) {
		r.invalids(field.NewPath("binaryData").Key(k), k, validation.IsConfigMapKey(k))
		size += len(c.BinaryData[k])
	}
	if size > mostData {
		r.tooLong(field.NewPath(""), mostData)
	}
}

func updateConfigMap(r *report, c, old *corev1.ConfigMap) {
	r.metaUpdate(&c.ObjectMeta, &old.ObjectMeta)
	locked(r, c.Immutable, old.Immutable, func() {
		if !maps.Equal(c.Data, old.Data) {
			r.forbidden(field.NewPath("data"), lockedMessage)
		}
		if !sameBytes(c.BinaryData, old.BinaryData) {
			r.forbidden(field.NewPath("binaryData"), lockedMessage)
		}
	})
	configMap(r, c)
}

// locked runs the checks of an object that was made immutable; the mark itself stays too.
func locked(r *report, now, was *bool, checks func()) {
	if was == nil || !*was {
		return
	}
	if now == nil || !*now {
		r.forbidden(field.NewPath("immutable"), lockedMessage)
	}
	checks()
}

func sameBytes(a, b map[string][]byte) bool {
	return maps.EqualFunc(a, b, func(x, y []byte) bool { return string(x) == string(y) })
}
