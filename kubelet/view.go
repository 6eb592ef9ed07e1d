package kubelet

import (
	"cmp"
	"context"
	"path"
	"path/filepath"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubemint/kubemint/kubelet/token"
	"github.com/kubemint/kubemint/kubelet/volume"
)

// PodView is a pod as its node sees it: where its files are, what each comes from, and when its
// tokens are renewed. It holds no file's content.
type PodView struct {
	Node    string       `json:"node"`
	UID     string       `json:"uid"`
	Dir     string       `json:"dir"`
	ByName  string       `json:"byName,omitempty"` // the same directory by the pod's name; empty without links
	Volumes []VolumeView `json:"volumes"`
}

// VolumeView is one volume of a pod.
type VolumeView struct {
	Name    string       `json:"name"`
	Path    string       `json:"path"`            // below the pod's directory
	Kind    string       `json:"kind"`            // as the directory names it: kubernetes.io~projected
	Mounts  []string     `json:"mounts"`          // CONTAINER:PATH
	Mounted bool         `json:"mounted"`         // it is on disk
	Error   string       `json:"error,omitempty"` // why a file of it has no known source
	Sources []SourceView `json:"sources"`         // by path
}

// SourceView is one file of a volume.
type SourceView struct {
	Path      string     `json:"path"`
	From      string     `json:"from"`           // serviceAccountToken, configMap, secret, downwardAPI
	Name      string     `json:"name,omitempty"` // of the ConfigMap or Secret, or the token's audience
	RefreshAt *time.Time `json:"refreshAt,omitempty"`
	ExpiresAt *time.Time `json:"expiresAt,omitempty"`
}

// PodView looks at a pod of this node; ok is false if it has none of that name. It asks the API
// server for nothing and waits for nobody.
func (k *Kubelet) PodView(namespace, name string) (v PodView, ok bool) {
	k.mu.Lock()
	var p *pod
	for _, q := range k.pods {
		if q.namespace == namespace && q.name == name && !q.gone {
			p = q
			break
		}
	}
	if p == nil {
		k.mu.Unlock()
		return PodView{}, false
	}
	object, timers := p.object, slices.Clone(p.timers)
	k.mu.Unlock()
	v = PodView{Node: k.cfg.NodeName, UID: string(p.uid), Dir: k.hostDir(p.uid), Volumes: []VolumeView{}}
	if k.links {
		v.ByName = filepath.Join(k.cfg.Dir, k.cfg.NodeName, filepath.FromSlash(p.byName()))
	}
	for i := range object.Spec.Volumes {
		if mounted(object, object.Spec.Volumes[i].Name) {
			v.Volumes = append(v.Volumes, k.volumeView(p, object, &object.Spec.Volumes[i], timers))
		}
	}
	return v, true
}

// tokenFile names a token's file among the pod's volumes.
func tokenFile(v *corev1.Volume, file string) string { return v.Name + "/" + path.Clean(file) }

func (k *Kubelet) volumeView(p *pod, object *corev1.Pod, vol *corev1.Volume, timers []timer) VolumeView {
	v := VolumeView{Name: vol.Name, Mounts: []string{}, Sources: []SourceView{}}
	for _, c := range slices.Concat(object.Spec.InitContainers, object.Spec.Containers, ephemerals(object)) {
		for _, m := range c.VolumeMounts {
			if m.Name == vol.Name {
				v.Mounts = append(v.Mounts, c.Name+":"+m.MountPath)
			}
		}
	}
	plugin, err := volume.Plugin(vol)
	if err != nil {
		v.Error = err.Error()
		return v
	}
	v.Kind, v.Path = plugin, path.Join(volumesDir, plugin, vol.Name)
	if k.root != nil {
		_, err := k.root.Stat(path.Join(podDir(p.uid), v.Path))
		v.Mounted = err == nil
	}
	lives := map[string]token.Life{} // by path
	now, cancelled := context.WithCancel(context.Background())
	cancelled() // whatever is not known yet is not waited for
	payload, err := volume.Collect(object, vol, volume.Sources{
		ConfigMap: func(name string) (*corev1.ConfigMap, error) { return k.refs.configMap(now, p.namespace, name) },
		Secret:    func(name string) (*corev1.Secret, error) { return k.refs.secret(now, p.namespace, name) },
		Token: func(t *corev1.ServiceAccountTokenProjection) (string, error) {
			if life, ok := k.tokens.Peek(token.KeyOf(p.namespace, account(object), tokenRequest(object, t))); ok {
				lives[path.Clean(t.Path)] = life
			}
			return "", nil
		},
		Facts: k.facts(&pod{}),
	})
	if err != nil {
		v.Error = err.Error()
		return v
	}
	for file, f := range payload {
		s := SourceView{Path: file, From: f.From, Name: f.Name}
		if life, ok := lives[file]; ok && f.From == "serviceAccountToken" {
			s.ExpiresAt = &life.Expires
			for i := range timers {
				if timers[i].token == tokenFile(vol, file) {
					at := timers[i].due()
					s.RefreshAt = &at
				}
			}
		}
		v.Sources = append(v.Sources, s)
	}
	slices.SortFunc(v.Sources, func(a, b SourceView) int { return cmp.Compare(a.Path, b.Path) })
	return v
}
