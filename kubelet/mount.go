package kubelet

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/internal/clock"
	"github.com/kubemint/kubemint/kubelet/volume"
)

// Back-off of a volume that could not be set up (KUB-42).
const (
	mountBackoff    = 500 * time.Millisecond
	maxMountBackoff = 2*time.Minute + 2*time.Second
	mountWait       = 2*time.Minute + 3*time.Second // how long one sync waits for volumes
)

// mountState remembers a volume between syncs.
type mountState struct {
	mounted  bool
	disk     string // of a claim: where its volume lies below the node's directory
	failures int
	retry    time.Time // not before this is it tried again
}

// mount sets up the volumes that the pod's containers mount, each anew: what is right is left alone,
// tokens that are due are renewed. ok means that all are there; wishes are the next refreshes and
// tries.
func (k *Kubelet) mount(ctx context.Context, p *pod, object *corev1.Pod, now time.Time, jitter time.Duration) (ok bool, wishes []wish) {
	root, err := k.openPod(p)
	if err != nil {
		k.log.Error("cannot make a pod's directory", "pod", p.key(), "err", err)
		return false, []wish{{kind: clock.Backoff, at: now.Add(syncRetry)}}
	}
	defer root.Close()
	ok = true
	for i := range object.Spec.Volumes {
		v := &object.Spec.Volumes[i]
		if !mounted(object, v.Name) {
			continue
		}
		state := p.volumes[v.Name]
		if state == nil {
			state = &mountState{}
			p.volumes[v.Name] = state
		}
		if now.Before(state.retry) {
			ok = ok && state.mounted
			wishes = append(wishes, wish{kind: clock.Backoff, at: state.retry})
			continue
		}
		if err := k.setUp(ctx, p, object, root, v, now, jitter, &wishes); err != nil {
			if ctx.Err() != nil {
				return false, nil
			}
			ok = ok && state.mounted
			state.failures++
			state.retry = now.Add(min(mountBackoff<<min(state.failures-1, 10), maxMountBackoff))
			wishes = append(wishes, wish{kind: clock.Backoff, at: state.retry})
			k.events.Eventf(object, corev1.EventTypeWarning, "FailedMount", "MountVolume.SetUp failed for volume %q : %v", v.Name, err)
			continue
		}
		*state = mountState{mounted: true, disk: state.disk}
	}
	if !ok && !p.placed && k.cfg.Era.MountTimeoutEvents() {
		wishes = append(wishes, wish{kind: clock.Other, at: k.mountTimeout(p, object, now)})
	}
	if !ok || p.placed {
		return ok, wishes
	}
	if err := errors.Join(k.nameDir(p), k.place(p, object, root)); err != nil {
		k.log.Error("cannot lay out a pod's directory", "pod", p.key(), "err", err)
		return false, append(wishes, wish{kind: clock.Backoff, at: now.Add(syncRetry)})
	}
	k.address(p, object)
	p.placed = true
	return true, wishes
}

// mountTimeout reports, in the eras that did (KUB-43), volumes that are still missing after a pod's
// sync has waited for them as long as it does, and returns when the present wait ends.
func (k *Kubelet) mountTimeout(p *pod, object *corev1.Pod, now time.Time) time.Time {
	if p.waitsSince.IsZero() {
		p.waitsSince = now
	}
	if end := p.waitsSince.Add(mountWait); now.Before(end) {
		return end
	}
	var all, missing []string
	for i := range object.Spec.Volumes {
		name := object.Spec.Volumes[i].Name
		if !mounted(object, name) {
			continue
		}
		all = append(all, name)
		if state := p.volumes[name]; state == nil || !state.mounted {
			missing = append(missing, name)
		}
	}
	k.events.Eventf(object, corev1.EventTypeWarning, "FailedMount",
		"Unable to attach or mount volumes: unmounted volumes=%v, unattached volumes=%v: timed out waiting for the condition", missing, all)
	p.waitsSince = now
	return now.Add(mountWait)
}

// setUp sets one volume up and adds the moments at which its tokens are looked at again.
func (k *Kubelet) setUp(ctx context.Context, p *pod, object *corev1.Pod, root *os.Root, v *corev1.Volume, now time.Time, jitter time.Duration, wishes *[]wish) error {
	plugin, err := volume.Plugin(v)
	if err != nil {
		return err
	}
	dir := path.Join(volumesDir, plugin, v.Name)
	writer := volume.Writer{Group: volume.Group(object), Chown: os.Geteuid() == 0, Plain: !k.links}
	if k.cfg.Era.LinkOwner() {
		writer.User = volume.CommonUser(object)
	}
	if volume.Claims(v) {
		return k.setUpClaim(ctx, p, object, root, v, dir, writer, now)
	}
	if !volume.Projects(v) {
		return makeEmptyDir(root, dir, writer, now)
	}
	// The content first: if any of it cannot be had, the directory is left as it is (KUB-28).
	payload, err := volume.Collect(object, v, volume.Sources{
		ConfigMap: func(name string) (*corev1.ConfigMap, error) { return k.refs.configMap(ctx, p.namespace, name) },
		Secret:    func(name string) (*corev1.Secret, error) { return k.refs.secret(ctx, p.namespace, name) },
		Token: func(t *corev1.ServiceAccountTokenProjection) (string, error) {
			return k.token(ctx, p, object, v, t, now, jitter, wishes)
		},
		Facts: k.facts(p),
	})
	if err != nil {
		return err
	}
	if err := makeDir(root, dir); err != nil {
		return err
	}
	files, err := root.OpenRoot(dir)
	if err != nil {
		return err
	}
	_, err = writer.Write(files, payload, now)
	return errors.Join(err, files.Close())
}

// makeDir makes a volume's directory, open to every user of the pod (KUB-20).
func makeDir(root *os.Root, dir string) error {
	if err := root.MkdirAll(path.Dir(dir), 0o750); err != nil {
		return err
	}
	if err := root.Mkdir(dir, 0o777); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil
		}
		return err
	}
	return root.Chmod(dir, 0o777)
}

func makeEmptyDir(root *os.Root, dir string, w volume.Writer, now time.Time) error {
	if _, err := root.Stat(dir); err == nil {
		return nil // the pod's own files are in it
	}
	if err := makeDir(root, dir); err != nil {
		return err
	}
	volume.Stamp(root, dir, now)
	return w.Share(root, dir, false)
}

// token gets the token that a source projects: cached, or new if it is due.
func (k *Kubelet) token(ctx context.Context, p *pod, object *corev1.Pod, v *corev1.Volume, t *corev1.ServiceAccountTokenProjection, now time.Time, jitter time.Duration, wishes *[]wish) (string, error) {
	tr := tokenRequest(object, t)
	got, err := k.tokens.Get(ctx, p.namespace, account(object), tr, jitter)
	if err != nil {
		return "", err
	}
	if got.Refused != nil {
		// No event: the pod still has a good token (KUB-5). The next sync tries again.
		k.log.Error("could not refresh a token; the old one stays", "pod", p.key(), "token", got.Token, "err", got.Refused)
		*wishes = append(*wishes, wish{kind: clock.Backoff, at: p.schedule.After(now), planned: true, token: tokenFile(v, t.Path)})
	} else if at, ok := p.schedule.First(now, got.Token.Life); ok {
		*wishes = append(*wishes, wish{kind: clock.Refresh, at: at, planned: true, token: tokenFile(v, t.Path)})
	}
	return got.Token.Text, nil
}

// tokenRequest is what the kubelet asks for (KUB-2).
func tokenRequest(object *corev1.Pod, t *corev1.ServiceAccountTokenProjection) *authenticationv1.TokenRequest {
	tr := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{
		ExpirationSeconds: t.ExpirationSeconds,
		BoundObjectRef: &authenticationv1.BoundObjectReference{
			APIVersion: "v1", Kind: "Pod", Name: object.Name, UID: object.UID,
		},
	}}
	if t.Audience != "" {
		tr.Spec.Audiences = []string{t.Audience}
	}
	return tr
}

func (k *Kubelet) requestToken(ctx context.Context, namespace, account string, tr *authenticationv1.TokenRequest) (*authenticationv1.TokenRequest, error) {
	return k.client.CoreV1().ServiceAccounts(namespace).CreateToken(ctx, account, tr, metav1.CreateOptions{})
}

func account(object *corev1.Pod) string {
	if a := object.Spec.ServiceAccountName; a != "" {
		return a
	}
	return "default"
}

// facts are what the node adds to the downward API.
func (k *Kubelet) facts(p *pod) volume.Facts {
	return volume.Facts{NodeName: k.cfg.NodeName, HostIP: k.cfg.Address.String(), PodIP: p.ip, Allocatable: k.cfg.Capacity}
}

// address gives the pod its IP address: the node's own, or one of the node's range.
func (k *Kubelet) address(p *pod, object *corev1.Pod) {
	switch {
	case p.ip != "":
	case object.Spec.HostNetwork:
		p.ip = k.cfg.Address.String()
	default:
		p.ip = k.addresses.take()
		p.ownIP = p.ip != ""
	}
	k.join(p, object)
}

// mounted says whether any container mounts the volume; one that none does is not set up.
func mounted(object *corev1.Pod, name string) bool {
	for _, list := range [][]corev1.Container{object.Spec.InitContainers, object.Spec.Containers, ephemerals(object)} {
		for i := range list {
			for _, m := range list[i].VolumeMounts {
				if m.Name == name {
					return true
				}
			}
		}
	}
	return false
}

// unmount removes the pod's volumes and forgets its tokens, once nothing of it runs any more. Logs
// stay until the pod's object is gone.
func (k *Kubelet) unmount(p *pod) {
	k.refs.drop(p, p.refs)
	k.tokens.DropPod(p.uid)
	k.freeAddress(p)
	for _, dir := range []string{volumesDir, "volume-subpaths"} {
		if err := k.root.RemoveAll(path.Join(podDir(p.uid), dir)); err != nil {
			k.log.Error("cannot remove a pod's volumes", "pod", p.key(), "err", fmt.Errorf("%s: %w", dir, err))
		}
	}
	p.volumes = nil
	k.plan(p, nil)
}

func (k *Kubelet) freeAddress(p *pod) {
	k.leave(p)
	if p.ownIP { // the status goes on showing it, like that of any finished pod
		k.addresses.free(p.ip)
		p.ownIP = false
	}
}
