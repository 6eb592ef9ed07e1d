package volume

import (
	"fmt"
	"io/fs"
	"path"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
)

// defaultMode is what the API server fills in for a volume that says nothing.
const defaultMode fs.FileMode = 0o644

// Sources is what a volume's content comes from. The objects are shared: Collect does not change
// them, and the Payload's bytes may be theirs.
type Sources struct {
	ConfigMap func(name string) (*corev1.ConfigMap, error)
	Secret    func(name string) (*corev1.Secret, error)
	Token     func(*corev1.ServiceAccountTokenProjection) (string, error)
	Facts     Facts
}

// Collect gathers what the volume is to hold. Sources are read in their order and a later one wins
// a path; if any fails, nothing is handed out (KUB-28), and the error names all that failed.
func Collect(pod *corev1.Pod, v *corev1.Volume, s Sources) (Payload, error) {
	c := collector{pod: pod, sources: s, out: Payload{}}
	switch {
	case v.Projected != nil:
		c.mode = modeOf(v.Projected.DefaultMode, defaultMode)
		for i := range v.Projected.Sources {
			c.note(c.projection(&v.Projected.Sources[i]))
		}
	case v.ConfigMap != nil:
		c.mode = modeOf(v.ConfigMap.DefaultMode, defaultMode)
		c.note(c.configMap(v.ConfigMap.Name, v.ConfigMap.Items, v.ConfigMap.Optional))
	case v.Secret != nil:
		c.mode = modeOf(v.Secret.DefaultMode, defaultMode)
		c.note(c.secret(v.Secret.SecretName, v.Secret.Items, v.Secret.Optional))
	case v.DownwardAPI != nil:
		c.mode = modeOf(v.DownwardAPI.DefaultMode, defaultMode)
		c.note(c.downward(v.DownwardAPI.Items))
	}
	if err := utilerrors.NewAggregate(c.errs); err != nil {
		return nil, err
	}
	return c.out, nil
}

type collector struct {
	pod     *corev1.Pod
	sources Sources
	mode    fs.FileMode
	out     Payload
	errs    []error
}

func (c *collector) note(err error) {
	if err != nil {
		c.errs = append(c.errs, err)
	}
}

func (c *collector) projection(p *corev1.VolumeProjection) error {
	switch {
	case p.ServiceAccountToken != nil:
		return c.token(p.ServiceAccountToken)
	case p.ConfigMap != nil:
		return c.configMap(p.ConfigMap.Name, p.ConfigMap.Items, p.ConfigMap.Optional)
	case p.Secret != nil:
		return c.secret(p.Secret.Name, p.Secret.Items, p.Secret.Optional)
	case p.DownwardAPI != nil:
		return c.downward(p.DownwardAPI.Items)
	case p.ClusterTrustBundle != nil:
		return fmt.Errorf("clusterTrustBundle projections are not simulated: path %q is not written", p.ClusterTrustBundle.Path)
	case p.PodCertificate != nil:
		return fmt.Errorf("podCertificate projections are not simulated")
	}
	return nil
}

func (c *collector) token(t *corev1.ServiceAccountTokenProjection) error {
	text, err := c.sources.Token(t)
	if err != nil {
		return err
	}
	c.put(t.Path, File{
		Data: []byte(text), Mode: TokenMode(c.pod, c.mode), User: CommonUser(c.pod),
		From: "serviceAccountToken", Name: t.Audience,
	})
	return nil
}

func (c *collector) configMap(name string, items []corev1.KeyToPath, optional *bool) error {
	cm, err := c.sources.ConfigMap(name)
	if err != nil {
		if is(optional) && apierrors.IsNotFound(err) {
			return nil
		}
		return err
	}
	data := make(map[string][]byte, len(cm.Data)+len(cm.BinaryData))
	for k, v := range cm.Data {
		data[k] = []byte(v)
	}
	for k, v := range cm.BinaryData {
		data[k] = v
	}
	return c.keys(data, items, optional, "configMap", name, "configmap references non-existent config key: %s")
}

func (c *collector) secret(name string, items []corev1.KeyToPath, optional *bool) error {
	secret, err := c.sources.Secret(name)
	if err != nil {
		if is(optional) && apierrors.IsNotFound(err) {
			return nil
		}
		return err
	}
	return c.keys(secret.Data, items, optional, "secret", name, "references non-existent secret key: %s")
}

// keys projects every key, or with items those alone (KUB-29).
func (c *collector) keys(data map[string][]byte, items []corev1.KeyToPath, optional *bool, from, name, missing string) error {
	if len(items) == 0 {
		for k, v := range data {
			c.put(k, File{Data: v, Mode: c.mode, From: from, Name: name})
		}
		return nil
	}
	picked := make(Payload, len(items))
	for _, item := range items {
		content, ok := data[item.Key]
		if !ok {
			if is(optional) {
				continue
			}
			return fmt.Errorf(missing, item.Key)
		}
		picked[item.Path] = File{Data: content, Mode: modeOf(item.Mode, c.mode), From: from, Name: name}
	}
	for p, f := range picked {
		c.put(p, f)
	}
	return nil
}

func (c *collector) downward(items []corev1.DownwardAPIVolumeFile) error {
	var errs []error
	for i := range items {
		item := &items[i]
		var text string
		var err error
		switch {
		case item.FieldRef != nil:
			text, err = Field(c.pod, item.FieldRef.FieldPath, c.sources.Facts)
		case item.ResourceFieldRef != nil:
			text, err = Resource(c.pod, item.ResourceFieldRef, c.sources.Facts)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		c.put(item.Path, File{Data: []byte(text), Mode: modeOf(item.Mode, c.mode), From: "downwardAPI"})
	}
	return utilerrors.NewAggregate(errs)
}

func (c *collector) put(p string, f File) {
	if CheckPath(p) == nil {
		p = path.Clean(p) // so that a later source wins; a bad path is refused by the writer
	}
	c.out[p] = f
}

func modeOf(m *int32, otherwise fs.FileMode) fs.FileMode {
	if m == nil {
		return otherwise
	}
	return fs.FileMode(*m) & fs.ModePerm
}

func is(b *bool) bool { return b != nil && *b }
