package admission

import (
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

const (
	// TokenMountPath is where every container finds its account's token, the cluster's CA and its namespace.
	TokenMountPath = "/var/run/secrets/kubernetes.io/serviceaccount"
	// TokenVolumePrefix begins the name of the injected volume.
	TokenVolumePrefix = "kube-api-access-"
	// TokenSeconds is the life asked for; this exact number marks a token that may be extended to a year (TOK-6).
	TokenSeconds int64 = 3607
	// RootCAConfigMap holds the cluster's CA in every namespace (SA-12).
	RootCAConfigMap = "kube-root-ca.crt"
)

// mountProjected adds the kube-api-access volume and its mounts (ADM-8 to ADM-13).
func (p *serviceAccount) mountProjected(a *Attributes, account *corev1.ServiceAccount, pod *corev1.Pod) {
	name, own := "", false
	for _, v := range pod.Spec.Volumes {
		if strings.HasPrefix(v.Name, TokenVolumePrefix) {
			name, own = v.Name, true // the pod brought its own: that one is mounted, whatever it is (ADM-13)
			break
		}
	}
	if !own {
		name = TokenVolumePrefix + p.Suffix()
	}
	mounts := mountInto(pod, name)
	if mounts == 0 {
		a.note(accountPlugin, NoteTokenPathTaken, "account", account.Name)
		return
	}
	if !own {
		pod.Spec.Volumes = append(pod.Spec.Volumes, corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{Projected: TokenVolume()}})
	}
	a.note(accountPlugin, NoteTokenMounted, "account", account.Name, "volume", name, "containers", strconv.Itoa(mounts))
}

// mountSecret mounts the Secret that holds the account's everlasting token, as up to 1.20 (ERA-27).
func (p *serviceAccount) mountSecret(a *Attributes, account *corev1.ServiceAccount, pod *corev1.Pod) error {
	secret, err := p.tokenSecret(account)
	if err != nil {
		return err
	}
	if secret == "" {
		// Retryable: the controller that makes the Secret has not come to this account yet.
		e := apierrors.NewServerTimeout(schema.GroupResource{Resource: "serviceaccounts"}, "create pod", 1)
		e.ErrStatus.Message = "No API token found for service account " + strconv.Quote(account.Name) +
			", retry after the token is automatically created and added to the service account"
		return e
	}
	name, own := strings.ReplaceAll(secret, ".", "-"), false
	for _, v := range pod.Spec.Volumes {
		if v.Secret != nil && v.Secret.SecretName == secret {
			name, own = v.Name, true
			break
		}
	}
	mounts := mountInto(pod, name)
	if mounts == 0 {
		a.note(accountPlugin, NoteTokenPathTaken, "account", account.Name)
		return nil
	}
	if !own {
		mode := corev1.SecretVolumeSourceDefaultMode
		pod.Spec.Volumes = append(pod.Spec.Volumes, corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{
			Secret: &corev1.SecretVolumeSource{SecretName: secret, DefaultMode: &mode}}})
	}
	a.note(accountPlugin, NoteTokenMounted, "account", account.Name, "volume", name, "containers", strconv.Itoa(mounts))
	return nil
}

// tokenSecret is the first Secret of the account's list that exists and holds this very account's token.
func (p *serviceAccount) tokenSecret(account *corev1.ServiceAccount) (string, error) {
	for _, ref := range account.Secrets {
		s, err := p.Getter.Secret(account.Namespace, ref.Name)
		if apierrors.IsNotFound(err) {
			continue
		}
		if err != nil {
			return "", err
		}
		if s.Type == corev1.SecretTypeServiceAccountToken &&
			s.Annotations[corev1.ServiceAccountNameKey] == account.Name &&
			s.Annotations[corev1.ServiceAccountUIDKey] == string(account.UID) {
			return s.Name, nil
		}
	}
	return "", nil
}

// mountInto appends the mount to every init and regular container whose token path is free, and says to how many. The comparison
// is of plain strings: a trailing slash makes another path (ADM-11).
func mountInto(pod *corev1.Pod, volume string) int {
	n := 0
	for _, list := range [][]corev1.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
	next:
		for i := range list {
			for _, m := range list[i].VolumeMounts {
				if m.MountPath == TokenMountPath {
					continue next
				}
			}
			list[i].VolumeMounts = append(list[i].VolumeMounts, corev1.VolumeMount{Name: volume, ReadOnly: true, MountPath: TokenMountPath})
			n++
		}
	}
	return n
}

// TokenVolume is the source of the injected volume (ADM-8).
func TokenVolume() *corev1.ProjectedVolumeSource {
	mode, seconds := corev1.ProjectedVolumeSourceDefaultMode, TokenSeconds
	return &corev1.ProjectedVolumeSource{
		DefaultMode: &mode,
		Sources: []corev1.VolumeProjection{
			{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{Path: "token", ExpirationSeconds: &seconds}},
			{ConfigMap: &corev1.ConfigMapProjection{
				LocalObjectReference: corev1.LocalObjectReference{Name: RootCAConfigMap},
				Items:                []corev1.KeyToPath{{Key: "ca.crt", Path: "ca.crt"}},
			}},
			{DownwardAPI: &corev1.DownwardAPIProjection{Items: []corev1.DownwardAPIVolumeFile{{
				Path: "namespace", FieldRef: &corev1.ObjectFieldSelector{APIVersion: "v1", FieldPath: "metadata.namespace"},
			}}}},
		},
	}
}
