package validate

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// containerReports are what a node tells of containers beyond their states: devices that are not well, and whom they run as.
func containerReports(r *report, p *field.Path, pod *corev1.Pod) {
	s := &pod.Status
	deviceReports(r, p.Child("containerStatuses"), s.ContainerStatuses, pod.Spec.Containers)
	deviceReports(r, p.Child("initContainerStatuses"), s.InitContainerStatuses, pod.Spec.InitContainers)
	for i, c := range s.EphemeralContainerStatuses {
		if len(c.AllocatedResourcesStatus) > 0 {
			r.forbidden(p.Child("ephemeralContainerStatuses").Index(i).Child("allocatedResourcesStatus"), "must not be specified in container status")
		}
	}
	for _, l := range []struct {
		name string
		list []corev1.ContainerStatus
	}{{"containerStatuses", s.ContainerStatuses}, {"initContainerStatuses", s.InitContainerStatuses}, {"ephemeralContainerStatuses", s.EphemeralContainerStatuses}} {
		for i, c := range l.list {
			if c.User != nil && c.User.Linux != nil {
				ranAs(r, p.Child(l.name).Index(i).Child("user", "linux"), c.User.Linux, pod.Spec.OS)
			}
		}
	}
}

func ranAs(r *report, p *field.Path, u *corev1.LinuxContainerUser, os *corev1.PodOS) {
	if os != nil && os.Name == corev1.Windows {
		r.forbidden(p, "cannot be set for a windows pod")
		return
	}
	r.invalids(p.Child("uid"), u.UID, validation.IsValidUserID(u.UID))
	r.invalids(p.Child("gid"), u.GID, validation.IsValidGroupID(u.GID))
	for i, g := range u.SupplementalGroups {
		r.invalids(p.Child("supplementalGroups").Index(i), g, validation.IsValidGroupID(g))
	}
}

// mostHealthMessage is the length of what may be said of a device.
const mostHealthMessage = 1024

// deviceReports: each is of something that the container asked for. Of containers that are not in the pod nobody asks.
func deviceReports(r *report, p *field.Path, statuses []corev1.ContainerStatus, containers []corev1.Container) {
	for i, status := range statuses {
		n := slices.IndexFunc(containers, func(c corev1.Container) bool { return c.Name == status.Name })
		for j, told := range status.AllocatedResourcesStatus {
			at := p.Index(i).Child("allocatedResourcesStatus").Index(j)
			if n >= 0 {
				askedFor(r, at.Child("name"), told.Name, &containers[n].Resources)
			}
			seen := map[corev1.ResourceID]bool{}
			for k, device := range told.Resources {
				at := at.Child("resources").Index(k)
				oneOf(r, at.Child("health"), device.Health, corev1.ResourceHealthStatusHealthy, corev1.ResourceHealthStatusUnhealthy, corev1.ResourceHealthStatusUnknown)
				if m := device.Message; m != nil && *m == "" {
					r.required(at.Child("message"), "must be non-empty if specified")
				} else if m != nil && len(*m) > mostHealthMessage {
					r.tooLong(at.Child("message"), mostHealthMessage)
				}
				if seen[device.ResourceID] {
					r.duplicate(at.Child("resourceID"), device.ResourceID)
				}
				seen[device.ResourceID] = true
			}
		}
	}
}

func askedFor(r *report, p *field.Path, name corev1.ResourceName, asked *corev1.ResourceRequirements) {
	if !strings.HasPrefix(string(name), "claim:") {
		if _, ok := asked.Requests[name]; !ok {
			r.invalid(p, name, "must match one of the container's resource requests")
		}
		return
	}
	for _, c := range asked.Claims {
		claim := "claim:" + c.Name
		if c.Request != "" {
			claim += "/" + c.Request
		}
		if claim == string(name) {
			return
		}
	}
	r.invalid(p, name, "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty")
}
