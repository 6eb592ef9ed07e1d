package kubelet

import (
	"context"
	"path/filepath"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/kubemint/kubemint/kubelet/container"
	"github.com/kubemint/kubemint/kubelet/image"
)

// spec fills in all that a runtime needs to know of a container. It fails in the words that a real
// kubelet reports as CreateContainerConfigError.
func (k *Kubelet) spec(ctx context.Context, p *pod, object *corev1.Pod, c *corev1.Container, r *run, init bool) (container.Spec, error) {
	env, err := k.environment(ctx, p, object, c)
	if err != nil {
		return container.Spec{}, err
	}
	subs, err := partsOf(c, env)
	if err != nil {
		return container.Spec{}, err
	}
	if err := k.copySubPaths(p, object, c, subs); err != nil {
		return container.Spec{}, err
	}
	mounts, err := k.mountsOf(p, object, c, subs)
	if err != nil {
		return container.Spec{}, err
	}
	message, err := k.messageMount(p, c, r.handle != nil)
	if err != nil {
		return container.Spec{}, err
	}
	if err := notRoot(object, c); err != nil {
		return container.Spec{}, err
	}
	attempt := r.restarts
	if r.handle != nil {
		attempt++
	}
	dir := filepath.Join(k.hostDir(p.uid), "containers", c.Name)
	hostname := object.Name
	switch {
	case object.Spec.HostNetwork:
		hostname = k.cfg.NodeName
	case object.Spec.Hostname != "":
		hostname = object.Spec.Hostname
	}
	memory, cpu := limit(object, c, corev1.ResourceMemory), limit(object, c, corev1.ResourceCPU)
	return container.Spec{
		Namespace: p.namespace, Pod: p.name, PodUID: p.uid, Name: c.Name, Init: init && !sidecar(c), Image: c.Image,
		Command: expandAll(c.Command, env), Args: expandAll(c.Args, env), WorkingDir: c.WorkingDir,
		Env: env, Hostname: hostname, Attempt: attempt,
		Rootfs: filepath.Join(dir, "rootfs"), Mounts: append(mounts, message...),
		Output:  &logFile{kubelet: k, dir: podDir(p.uid) + "/containers/" + c.Name + "/logs", attempt: attempt},
		Network: p.end, Memory: memory.Value(), CPU: cpu.MilliValue(),
		User: runsAs(object, c), ReadOnly: c.SecurityContext != nil && yes(c.SecurityContext.ReadOnlyRootFilesystem),
		Stdin: c.Stdin, StdinOnce: c.StdinOnce, TTY: c.TTY,
		Exited: func() { k.wake(p, reasonSync) },
	}, nil
}

// limit is how much of a resource a container may take: its own limit, else that of its whole pod, else zero.
func limit(object *corev1.Pod, c *corev1.Container, of corev1.ResourceName) resource.Quantity {
	if q, ok := c.Resources.Limits[of]; ok {
		return q
	}
	if all := object.Spec.Resources; all != nil {
		return all.Limits[of]
	}
	return resource.Quantity{}
}

// runsAs is who a container's processes are: as it says, else as its pod says, else as its image says. A
// number that is not the image's own has root's group.
func runsAs(object *corev1.Pod, c *corev1.Container) container.User {
	own := image.RunsAs(c.Image)
	u := container.User{UID: own.UID}
	take := func(to *int64, from *int64) {
		if from != nil {
			*to = *from
		}
	}
	var group *int64
	if sc := object.Spec.SecurityContext; sc != nil {
		take(&u.UID, sc.RunAsUser)
		group = sc.RunAsGroup
		u.Groups, u.FSGroup = sc.SupplementalGroups, sc.FSGroup
	}
	if sc := c.SecurityContext; sc != nil {
		take(&u.UID, sc.RunAsUser)
		if sc.RunAsGroup != nil {
			group = sc.RunAsGroup
		}
		u.Privileged = yes(sc.Privileged)
		if sc.Capabilities != nil {
			for _, add := range sc.Capabilities.Add {
				u.Add = append(u.Add, string(add))
			}
			for _, drop := range sc.Capabilities.Drop {
				u.Drop = append(u.Drop, string(drop))
			}
		}
	}
	if u.UID == own.UID {
		u.GID = own.GID
	}
	take(&u.GID, group)
	return u
}
