package kubelet

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/kubelet/container"
	"github.com/kubemint/kubemint/kubelet/shell/rootfs"
	"github.com/kubemint/kubemint/kubelet/volume"
)

// DiskDir is the node's disk, below its directory: what a PersistentVolume calls /mnt/data lies in disk/mnt/data. It outlives the pods,
// and nothing of it is the computer's.
const DiskDir = "disk"

// DiskPath is where a path of the node lies below its directory. Nothing leads out of the disk.
func DiskPath(onNode string) string { return path.Join(DiskDir, path.Clean("/"+onNode)) }

// claimName is the name of the claim behind a volume; empty: there is none.
func claimName(object *corev1.Pod, v *corev1.Volume) string {
	switch {
	case v.PersistentVolumeClaim != nil:
		return v.PersistentVolumeClaim.ClaimName
	case v.Ephemeral != nil:
		return object.Name + "-" + v.Name
	}
	return ""
}

// setUpClaim finds the volume that a claim is bound to and makes its directory on the node's disk. The pod's own directory has a link to
// it, for people; what a container sees is the directory itself.
func (k *Kubelet) setUpClaim(ctx context.Context, p *pod, object *corev1.Pod, root *os.Root, v *corev1.Volume, link string, w volume.Writer, now time.Time) error {
	state := p.volumes[v.Name]
	if state.disk != "" {
		return nil // it stays where it is while the pod lives
	}
	pv, err := k.volumeBehind(ctx, object, v)
	if err != nil {
		return err
	}
	onNode, err := placeOnNode(pv)
	if err != nil {
		return err
	}
	disk := DiskPath(onNode)
	if err := k.makeOnDisk(strings.TrimPrefix(disk, DiskDir+"/"), w, v.PersistentVolumeClaim != nil && v.PersistentVolumeClaim.ReadOnly, now); err != nil {
		return err
	}
	if k.links {
		if err := linkTo(root, link, disk); err != nil {
			return err
		}
	}
	state.disk = disk
	return nil
}

// makeOnDisk makes a directory of the node's disk. The disk is a root of its own: a link that a container left in one volume leads into no
// pod's directory.
func (k *Kubelet) makeOnDisk(dir string, w volume.Writer, readOnly bool, now time.Time) error {
	if err := k.root.MkdirAll(DiskDir, 0o750); err != nil {
		return err
	}
	disk, err := k.root.OpenRoot(DiskDir)
	if err != nil {
		return err
	}
	made, err := makeAll(disk, dir, 0o777, now)
	if len(made) > 0 && err == nil {
		err = errors.Join(disk.Chmod(dir, 0o777), rootfs.Disown(disk, made...)) // whoever the container's user is
	}
	if err == nil && !readOnly {
		err = w.Share(disk, dir, false)
	}
	return errors.Join(err, disk.Close())
}

// makeAll makes a directory, with those above it, if it is not there. What is made, and what it is made in, carries the cluster's time.
func makeAll(root *os.Root, dir string, perm fs.FileMode, now time.Time) (made []string, err error) {
	at := dir
	for ; at != "."; at = path.Dir(at) {
		if _, err := root.Stat(at); err == nil || !errors.Is(err, fs.ErrNotExist) {
			break // what is wrong with it MkdirAll will say
		}
		made = append(made, at)
	}
	if len(made) == 0 {
		_, err := root.Stat(dir)
		return nil, err
	}
	if err := root.MkdirAll(dir, perm); err != nil {
		return nil, err
	}
	for _, name := range append(slices.Clone(made), at) {
		volume.Stamp(root, name, now)
	}
	return made, nil
}

// linkTo makes link, below the pod's directory, lead to a place of the node's disk.
func linkTo(root *os.Root, link, disk string) error {
	target := upFrom(link) + disk
	if have, err := root.Readlink(link); err == nil && have == target {
		return nil
	}
	if err := root.MkdirAll(path.Dir(link), 0o750); err != nil {
		return err
	}
	if err := root.RemoveAll(link); err != nil {
		return err
	}
	return root.Symlink(target, link)
}

// linked is the place of the node's disk that a link of linkTo leads to; empty: there is none. So a pod that goes on keeps its
// volume, whatever has become of the claim.
func (k *Kubelet) linked(root *os.Root, link string) string {
	target, err := root.Readlink(link)
	if err != nil {
		return ""
	}
	disk := strings.TrimPrefix(target, upFrom(link))
	if info, err := k.root.Stat(disk); err != nil || !info.IsDir() || !strings.HasPrefix(path.Clean(disk), DiskDir+"/") {
		return ""
	}
	return path.Clean(disk)
}

// upFrom leads from a link in a pod's directory to the node's.
func upFrom(link string) string {
	return strings.Repeat("../", strings.Count(podDir("uid")+"/"+link, "/"))
}

// volumeBehind reads the claim of a volume and what it is bound to. The errors are in the words of a real kubelet.
func (k *Kubelet) volumeBehind(ctx context.Context, object *corev1.Pod, v *corev1.Volume) (*corev1.PersistentVolume, error) {
	name := claimName(object, v)
	fail := func(format string, args ...any) (*corev1.PersistentVolume, error) {
		return nil, fmt.Errorf("error processing PVC %s/%s: %w", object.Namespace, name, fmt.Errorf(format, args...))
	}
	claim, err := k.client.CoreV1().PersistentVolumeClaims(object.Namespace).Get(ctx, name, metav1.GetOptions{})
	switch {
	case err != nil:
		return fail("failed to fetch PVC from API server: %w", err)
	case v.Ephemeral != nil && !metav1.IsControlledBy(claim, object):
		return nil, fmt.Errorf("PVC %s/%s was not created for pod %s/%s (pod is not owner)", object.Namespace, name, object.Namespace, object.Name)
	case claim.DeletionTimestamp != nil:
		return fail("can't start pod because PVC %s/%s is being deleted", object.Namespace, name)
	case claim.Status.Phase != corev1.ClaimBound || claim.Spec.VolumeName == "":
		return fail("PVC is not bound")
	}
	pv, err := k.client.CoreV1().PersistentVolumes().Get(ctx, claim.Spec.VolumeName, metav1.GetOptions{})
	switch {
	case err != nil:
		return fail("failed to fetch PV %s from API server: %w", claim.Spec.VolumeName, err)
	case pv.Spec.ClaimRef == nil:
		return fail("found PV object %s but it has a nil pv.Spec.ClaimRef indicating it is not yet bound to the claim", pv.Name)
	case pv.Spec.ClaimRef.UID != claim.UID:
		return fail("found PV object %s but its pv.Spec.ClaimRef.UID %s does not point to claim.UID %s", pv.Name, pv.Spec.ClaimRef.UID, claim.UID)
	case pv.Spec.VolumeMode != nil && *pv.Spec.VolumeMode == corev1.PersistentVolumeBlock:
		return nil, fmt.Errorf("volume %s has volumeMode Block, but is specified in volumeMounts", v.Name)
	}
	return pv, nil
}

// placeOnNode is the path that a PersistentVolume names on its node, or an error that says what this kubelet does not simulate.
func placeOnNode(pv *corev1.PersistentVolume) (string, error) {
	onNode := ""
	switch s := pv.Spec.PersistentVolumeSource; {
	case s.Local != nil:
		onNode = s.Local.Path
	case s.HostPath != nil:
		if t := s.HostPath.Type; t != nil && !slices.Contains([]corev1.HostPathType{corev1.HostPathUnset, corev1.HostPathDirectory, corev1.HostPathDirectoryOrCreate}, *t) {
			return "", fmt.Errorf("hostPath type check failed: a simulated node has no %s at %s", *t, s.HostPath.Path)
		}
		onNode = s.HostPath.Path
	default:
		return "", errors.New("a simulated node reaches no storage but its own disk: only PersistentVolumes of hostPath and local are mounted")
	}
	switch first, _, _ := strings.Cut(path.Clean("/" + onNode)[1:], "/"); first {
	case rootfs.DiskLedger:
		return "", fmt.Errorf("a simulated node keeps at /%s who owns what on its disk: give volume %s another directory", first, pv.Name)
	case "":
		return "", fmt.Errorf("the whole disk of a simulated node is not mounted: give volume %s a directory", pv.Name)
	}
	return onNode, nil
}

// mountOfDisk is the mount of a part of a claim's volume. Nothing that a container does in it leads out of the volume.
func (k *Kubelet) mountOfDisk(p *pod, v *corev1.Volume, m *corev1.VolumeMount, sub string) (container.Mount, error) {
	state := p.volumes[v.Name]
	if state == nil || state.disk == "" {
		return container.Mount{}, fmt.Errorf("volume %q is not mounted", v.Name)
	}
	disk, below := filepath.Join(k.cfg.Dir, k.cfg.NodeName, DiskDir), strings.TrimPrefix(state.disk, DiskDir+"/")
	return container.Mount{
		Path: path.Clean("/" + m.MountPath), Volume: m.Name, Disk: disk, Below: below,
		Dir:      filepath.Join(disk, filepath.FromSlash(below), filepath.FromSlash(sub)),
		ReadOnly: m.ReadOnly || v.PersistentVolumeClaim != nil && v.PersistentVolumeClaim.ReadOnly,
	}, nil
}

// makePart makes a directory in a claim's volume, as a mount of a part of it does.
func (k *Kubelet) makePart(p *pod, v *corev1.Volume, sub string) error {
	state := p.volumes[v.Name]
	if state == nil || state.disk == "" {
		return fmt.Errorf("volume %q is not mounted", v.Name)
	}
	disk, err := k.root.OpenRoot(DiskDir)
	if err != nil {
		return err
	}
	below := strings.TrimPrefix(state.disk, DiskDir+"/")
	own, err := disk.OpenRoot(below)
	if err != nil {
		return errors.Join(err, disk.Close())
	}
	made, err := makeAll(own, sub, 0o755, k.now())
	for i, name := range made {
		made[i] = path.Join(below, name)
	}
	if err == nil && len(made) > 0 {
		err = rootfs.Disown(disk, made...)
	}
	return errors.Join(err, own.Close(), disk.Close())
}
