package kubelet

import (
	"fmt"
	"strconv"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubemint/kubemint/kubelet/image"
)

// notRoot refuses a container that must not run as root and would, or might, in the words of a real
// kubelet. An image that is not known here is believed to run as somebody else.
func notRoot(object *corev1.Pod, c *corev1.Container) error {
	var must *bool
	var uid *int64
	if sc := object.Spec.SecurityContext; sc != nil {
		must, uid = sc.RunAsNonRoot, sc.RunAsUser
	}
	if sc := c.SecurityContext; sc != nil {
		if sc.RunAsNonRoot != nil {
			must = sc.RunAsNonRoot
		}
		if sc.RunAsUser != nil {
			uid = sc.RunAsUser
		}
	}
	if !yes(must) {
		return nil
	}
	where := fmt.Sprintf("(pod: %q, container: %s)", fmt.Sprintf("%s_%s(%s)", object.Name, object.Namespace, object.UID), c.Name)
	if uid != nil {
		if *uid == 0 {
			return fmt.Errorf("container's runAsUser breaks non-root policy %s", where)
		}
		return nil
	}
	user, known := image.User(c.Image)
	switch _, err := strconv.ParseUint(user, 10, 32); {
	case !known || err == nil:
		return nil
	case user == "root":
		return fmt.Errorf("container has runAsNonRoot and image will run as root %s", where)
	}
	return fmt.Errorf("container has runAsNonRoot and image has non-numeric user (%s), cannot verify user is non-root %s", user, where)
}
