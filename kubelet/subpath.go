package kubelet

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubemint/kubemint/kubelet/container"
	"github.com/kubemint/kubemint/kubelet/volume"
)

// partsOf are the parts of volumes that a container mounts, one for each mount: as subPath says, or as subPathExpr does in the container's
// environment. The errors are in the words of a real kubelet.
func partsOf(c *corev1.Container, env []container.Variable) ([]string, error) {
	subs := make([]string, len(c.VolumeMounts))
	for i := range c.VolumeMounts {
		m := &c.VolumeMounts[i]
		given := m.SubPath
		if m.SubPathExpr != "" {
			var missing []string
			given = expandWith(m.SubPathExpr, func(name string) (string, bool) {
				at := slices.IndexFunc(env, func(v container.Variable) bool { return v.Name == name })
				if at < 0 || env[at].Value == "" {
					missing = append(missing, name)
					return "", true
				}
				return env[at].Value, true
			})
			if len(missing) > 0 {
				slices.Sort(missing)
				return nil, fmt.Errorf("missing value for %s", strings.Join(slices.Compact(missing), ", "))
			}
		}
		switch {
		case given == "":
			continue
		case path.IsAbs(given):
			return nil, fmt.Errorf("error SubPath `%s` must not be an absolute path", given)
		case slices.Contains(strings.Split(given, "/"), ".."):
			return nil, fmt.Errorf("unable to provision SubPath `%s`: must not contain '..'", given)
		}
		subs[i] = subPath(given)
	}
	return subs, nil
}

// copySubPaths makes what a container mounts of a part of a volume. Of projected files it is a copy taken as the
// container starts: later swaps of ..data do not reach it, as they do not reach a real bind mount of
// the old file (KUB-23). Of an emptyDir it is a directory of the volume itself.
func (k *Kubelet) copySubPaths(p *pod, object *corev1.Pod, c *corev1.Container, subs []string) error {
	for i := range c.VolumeMounts {
		m := &c.VolumeMounts[i]
		v := volumeNamed(object, m.Name)
		if subs[i] == "" && m.SubPathExpr == "" || v == nil {
			continue
		}
		if err := k.copySubPath(p, object, c, i, v, subs[i]); err != nil {
			return fmt.Errorf("failed to prepare subPath for volumeMount %q of container %q: %w", m.Name, c.Name, err)
		}
	}
	return nil
}

func (k *Kubelet) copySubPath(p *pod, object *corev1.Pod, c *corev1.Container, i int, v *corev1.Volume, sub string) error {
	to, err := mountDir(object, c, i, sub)
	if err != nil {
		return err
	}
	root, err := k.root.OpenRoot(podDir(p.uid))
	if err != nil {
		return err
	}
	defer root.Close()
	if c.VolumeMounts[i].SubPathExpr != "" && k.links {
		if err := placeMount(root, c, i, to); err != nil {
			return err
		}
	}
	if sub == "" {
		return nil
	}
	dir, err := mountDir(object, c, i, "")
	if err != nil {
		return err
	}
	if volume.Claims(v) {
		return k.makePart(p, v, sub)
	}
	from, err := root.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer from.Close()
	if !volume.Projects(v) {
		return from.MkdirAll(sub, 0o755)
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
