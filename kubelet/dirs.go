package kubelet

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubemint/kubemint/kubelet/container"
	"github.com/kubemint/kubemint/kubelet/volume"
)

// Names below a node's directory (KUB-20).
const (
	podsDir    = "pods"
	byNameDir  = "pods/by-name"
	volumesDir = "volumes"
	pluginsDir = "plugins"
)

// podDir is the pod's directory, slash-separated below the node's.
func podDir(uid types.UID) string { return path.Join(podsDir, string(uid)) }

// Dir is the pod's directory on the host.
func (k *Kubelet) hostDir(uid types.UID) string {
	return filepath.Join(k.cfg.Dir, k.cfg.NodeName, filepath.FromSlash(podDir(uid)))
}

// byName is the name of the pod's second way in, for people.
func (p *pod) byName() string { return path.Join(byNameDir, p.namespace+"_"+p.name) }

// openPod opens the pod's directory, making it if need be with all that a kubelet puts there.
func (k *Kubelet) openPod(p *pod) (*os.Root, error) {
	if !filepath.IsLocal(string(p.uid)) || strings.ContainsAny(string(p.uid), `/\`) {
		return nil, fmt.Errorf("pod uid %q cannot name a directory", p.uid)
	}
	dir := podDir(p.uid)
	root, err := k.root.OpenRoot(dir)
	if !errors.Is(err, fs.ErrNotExist) {
		return root, err
	}
	for _, d := range []string{dir, path.Join(dir, volumesDir), path.Join(dir, pluginsDir)} {
		if err := k.root.MkdirAll(d, 0o750); err != nil {
			return nil, err
		}
	}
	return k.root.OpenRoot(dir)
}

// nameDir makes the pod's directory reachable by its name.
func (k *Kubelet) nameDir(p *pod) error {
	if !k.links {
		return nil
	}
	name, target := p.byName(), path.Join("..", string(p.uid))
	if have, err := k.root.Readlink(name); err == nil && have == target {
		return nil
	}
	if err := k.root.MkdirAll(byNameDir, 0o750); err != nil {
		return err
	}
	// The name may still belong to an earlier pod that is on its way out.
	if err := k.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return k.root.Symlink(target, name)
}

// removeDir removes everything of the pod from the disk, the name last seen pointing to it included.
func (k *Kubelet) removeDir(p *pod) error {
	if have, err := k.root.Readlink(p.byName()); err == nil && have == path.Join("..", string(p.uid)) {
		if err := k.root.Remove(p.byName()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return k.root.RemoveAll(podDir(p.uid))
}

// sweepDirs removes what is on disk of pods that the API server knows no more, as a kubelet does
// after a restart.
func (k *Kubelet) sweepDirs(here map[types.UID]bool) {
	entries, err := fs.ReadDir(k.root.FS(), podsDir)
	if err != nil {
		k.log.Error("cannot list the pods on disk", "err", err)
		return
	}
	for _, e := range entries {
		uid := types.UID(e.Name())
		if !e.IsDir() || e.Name() == path.Base(byNameDir) || here[uid] || k.knows(uid) {
			continue
		}
		if err := k.root.RemoveAll(podDir(uid)); err != nil {
			k.log.Error("cannot remove the directory of a pod that is gone", "uid", uid, "err", err)
		}
	}
	names, _ := fs.ReadDir(k.root.FS(), byNameDir) // none yet on a new node
	for _, e := range names {
		name := path.Join(byNameDir, e.Name())
		if _, err := k.root.Stat(name); errors.Is(err, fs.ErrNotExist) {
			_ = k.root.Remove(name) // a link to nothing harms nobody; the next start tries again
		}
	}
}

func (k *Kubelet) knows(uid types.UID) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.pods[uid] != nil
}

// place makes the view from inside of each container: its root with a link at every mount point.
func (k *Kubelet) place(p *pod, object *corev1.Pod, root *os.Root) error {
	for _, list := range [][]corev1.Container{object.Spec.InitContainers, object.Spec.Containers} {
		for i := range list {
			if err := k.placeContainer(object, root, &list[i]); err != nil {
				return fmt.Errorf("container %s: %w", list[i].Name, err)
			}
		}
	}
	return nil
}

// placeContainer makes the view from inside of one container. A mount by subPathExpr is placed as the container starts (copySubPaths), when
// its environment is known.
func (k *Kubelet) placeContainer(object *corev1.Pod, root *os.Root, c *corev1.Container) error {
	rootfs := path.Join("containers", c.Name, "rootfs")
	if len(c.VolumeMounts) == 0 || !k.links {
		return root.MkdirAll(rootfs, 0o755)
	}
	for i := range c.VolumeMounts {
		m := &c.VolumeMounts[i]
		if m.SubPathExpr != "" {
			continue
		}
		target, err := mountDir(object, c, i, subPath(m.SubPath))
		if err != nil {
			return err
		}
		if err := placeMount(root, c, i, target); err != nil {
			return err
		}
	}
	return nil
}

// placeMount makes the i-th mount of a container a link to what it shows, below the pod's directory.
func placeMount(root *os.Root, c *corev1.Container, i int, target string) error {
	m := &c.VolumeMounts[i]
	inside := strings.TrimPrefix(path.Clean("/"+m.MountPath), "/")
	if inside == "" || below(c.VolumeMounts, m) {
		return nil // the mount table of the container's Spec knows it; a link cannot show it
	}
	link := path.Join("containers", c.Name, "rootfs", inside)
	up := strings.Repeat("../", strings.Count(link, "/"))
	if have, err := root.Readlink(link); err == nil && have == up+target {
		return nil
	}
	if err := root.MkdirAll(path.Dir(link), 0o755); err != nil {
		return err
	}
	if err := root.RemoveAll(link); err != nil {
		return err
	}
	return root.Symlink(up+target, link)
}

// below says whether a mount lies inside of another one of the container.
func below(mounts []corev1.VolumeMount, m *corev1.VolumeMount) bool {
	inside := path.Clean("/" + m.MountPath)
	for i := range mounts {
		outer := path.Clean("/" + mounts[i].MountPath)
		if &mounts[i] != m && strings.HasPrefix(inside, strings.TrimSuffix(outer, "/")+"/") {
			return true
		}
	}
	return false
}

// mountDir is what the i-th mount of a container shows, below the pod's directory: the volume, or
// for a part of projected files a copy that does not change any more (KUB-23).
func mountDir(object *corev1.Pod, c *corev1.Container, i int, sub string) (string, error) {
	m := &c.VolumeMounts[i]
	v := volumeNamed(object, m.Name)
	if v == nil {
		return "", fmt.Errorf("no volume is named %q", m.Name)
	}
	plugin, err := volume.Plugin(v)
	if err != nil {
		return "", err
	}
	dir := path.Join(volumesDir, plugin, v.Name)
	switch {
	case sub == "":
		return dir, nil
	case volume.Projects(v):
		return path.Join("volume-subpaths", v.Name, c.Name, fmt.Sprint(i)), nil
	}
	return path.Join(dir, sub), nil
}

// subPath is a part of a volume without ways around; empty: all of it.
func subPath(given string) string {
	if s := path.Clean("/" + given); s != "/" {
		return s[1:]
	}
	return ""
}

// mountsOf is the mount table of a container, with directories of the host. subs are the parts of the volumes that it mounts.
func (k *Kubelet) mountsOf(p *pod, object *corev1.Pod, c *corev1.Container, subs []string) ([]container.Mount, error) {
	mounts := make([]container.Mount, 0, len(c.VolumeMounts))
	for i := range c.VolumeMounts {
		m := &c.VolumeMounts[i]
		if v := volumeNamed(object, m.Name); v != nil && volume.Claims(v) {
			mount, err := k.mountOfDisk(p, v, m, subs[i])
			if err != nil {
				return nil, err
			}
			mount.Group = volume.Group(object)
			mounts = append(mounts, mount)
			continue
		}
		dir, err := mountDir(object, c, i, subs[i])
		if err != nil {
			return nil, err
		}
		v := volumeNamed(object, m.Name)
		mount := container.Mount{
			Path: path.Clean("/" + m.MountPath), Volume: m.Name,
			Dir:      filepath.Join(k.hostDir(object.UID), filepath.FromSlash(dir)),
			ReadOnly: m.ReadOnly || volume.Projects(v), Projected: volume.Projects(v),
			Memory: volume.InMemory(v), Group: volume.Group(object),
		}
		if subs[i] != "" && !mount.Projected {
			whole, err := mountDir(object, c, i, "")
			if err != nil {
				return nil, err
			}
			mount.Within = filepath.Join(k.hostDir(object.UID), filepath.FromSlash(whole))
		}
		mount.User, mount.Owned = volume.Owned(object, v, subPath(subs[i]))
		mounts = append(mounts, mount)
	}
	return mounts, nil
}

func volumeNamed(object *corev1.Pod, name string) *corev1.Volume {
	for i := range object.Spec.Volumes {
		if object.Spec.Volumes[i].Name == name {
			return &object.Spec.Volumes[i]
		}
	}
	return nil
}
