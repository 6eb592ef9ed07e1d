package kubelet

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubemint/kubemint/kubelet/container"
	"github.com/kubemint/kubemint/kubelet/volume"
)

// copySubPaths makes what a container mounts by subPath. Of projected files it is a copy taken as the
// container starts: later swaps of ..data do not reach it, as they do not reach a real bind mount of
// the old file (KUB-23). Of an emptyDir it is a directory of the volume itself.
func (k *Kubelet) copySubPaths(p *pod, object *corev1.Pod, c *corev1.Container, env []container.Variable) error {
	for i := range c.VolumeMounts {
		m := &c.VolumeMounts[i]
		if m.SubPathExpr != "" {
			return fmt.Errorf("subPathExpr is not simulated: volumeMount %q of container %q", m.Name, c.Name)
		}
		sub := subPath(m)
		v := volumeNamed(object, m.Name)
		if sub == "" || v == nil {
			continue
		}
		plugin, err := volume.Plugin(v)
		if err != nil {
			return err
		}
		if err := k.copySubPath(p, object, c, i, path.Join(volumesDir, plugin, v.Name), sub, volume.Projects(v)); err != nil {
			return fmt.Errorf("failed to prepare subPath for volumeMount %q of container %q: %w", m.Name, c.Name, err)
		}
	}
	return nil
}

func (k *Kubelet) copySubPath(p *pod, object *corev1.Pod, c *corev1.Container, i int, dir, sub string, projected bool) error {
	root, err := k.root.OpenRoot(podDir(p.uid))
	if err != nil {
		return err
	}
	defer root.Close()
	from, err := root.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer from.Close()
	if !projected {
		return from.MkdirAll(sub, 0o755)
	}
	to, err := mountDir(object, c, i)
	if err != nil {
		return err
	}
	if err := root.RemoveAll(to); err != nil {
		return err
	}
	if err := root.MkdirAll(path.Dir(to), 0o750); err != nil {
		return err
	}
	return copyInto(from, sub, root, to)
}

// copyInto copies a file or a tree, following links as far as they stay inside of from. What does
// not exist becomes an empty directory, as it does on a real node.
func copyInto(from *os.Root, src string, to *os.Root, dst string) error {
	info, err := from.Stat(src)
	if errors.Is(err, fs.ErrNotExist) {
		return to.Mkdir(dst, 0o755)
	}
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return copyFile(from, src, to, dst, info.Mode())
	}
	if err := to.Mkdir(dst, 0o755); err != nil {
		return err
	}
	entries, err := fs.ReadDir(from.FS(), src)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := copyInto(from, path.Join(src, e.Name()), to, path.Join(dst, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(from *os.Root, src string, to *os.Root, dst string, mode fs.FileMode) error {
	in, err := from.Open(src)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := to.OpenFile(dst, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode.Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err == nil {
		err = out.Chmod(mode.Perm())
	}
	return errors.Join(err, out.Close())
}
