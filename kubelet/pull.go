package kubelet

import (
	"fmt"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubemint/kubemint/kubelet/image"
)

// Back-off of an image that cannot be pulled, and how long it shows why before it shows that it waits.
const (
	pullBackoff    = 10 * time.Second
	maxPullBackoff = 5 * time.Minute
	pullShows      = 2 * time.Second
)

// images are those that the node has.
type images struct {
	mu   sync.Mutex
	here map[string]struct{} // by full name
	idle map[string]int      // how many containers that idle have been reported, by image
}

// idleEvents bounds how many containers of one image that idles are reported: who runs hundreds of them on a node
// has read it by then.
const idleEvents = 10

// reportIdle says whether one more container that idles is to be reported.
func (i *images) reportIdle(name string) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.idle == nil {
		i.idle = map[string]int{}
	}
	i.idle[name]++
	return i.idle[name] <= idleEvents
}

// keep notes that an image is there, and reports whether it was.
func (i *images) keep(name string) (was bool) {
	full, _ := image.Resolve(name)
	i.mu.Lock()
	defer i.mu.Unlock()
	if _, was = i.here[full]; !was {
		if i.here == nil {
			i.here = map[string]struct{}{}
		}
		i.here[full] = struct{}{}
	}
	return was
}

// pulling is what is known of a container's image.
type pulling struct {
	backoff time.Duration
	retry   time.Time // not before this is it pulled again
	err     error     // of the last pull
	waits   bool      // it is said that it waits
}

// pullPolicy is a container's, as the API server defaults it.
func pullPolicy(c *corev1.Container) corev1.PullPolicy {
	if c.ImagePullPolicy != "" {
		return c.ImagePullPolicy
	}
	return corev1.PullIfNotPresent
}

// pull has a container's image be there, with the events of a real kubelet (KUB-52). Nothing is fetched: an image
// is there or cannot be had by its name alone. It returns when to look again if the container cannot start yet.
func (k *Kubelet) pull(object *corev1.Pod, c *corev1.Container, r *run, now time.Time) (again time.Time) {
	if err := image.Parse(c.Image); err != nil {
		err = fmt.Errorf("Failed to apply default image tag %q: %w", c.Image, err) //nolint:staticcheck // the text of a real kubelet
		k.imageTrouble(object, c, r, "InvalidImageName", err, "InspectFailed")
		return now.Add(syncRetry)
	}
	refused := image.PullError(c.Image)
	switch pullPolicy(c) {
	case corev1.PullNever:
		if refused != nil {
			err := fmt.Errorf("Container image %q is not present with pull policy of Never", c.Image) //nolint:staticcheck // the text of a real kubelet
			k.imageTrouble(object, c, r, "ErrImageNeverPull", err, "ErrImageNeverPull")
			return now.Add(syncRetry)
		}
		k.images.keep(c.Image) // whoever builds images brings them to the nodes: they are believed
		k.alreadyThere(object, c, r)
		return time.Time{}
	case corev1.PullIfNotPresent:
		if refused == nil && k.images.keep(c.Image) {
			k.alreadyThere(object, c, r)
			return time.Time{}
		}
	}
	if r.pulling != nil && now.Before(r.pulling.retry) {
		return k.waitForImage(object, c, r, now)
	}
	if r.said == "" || refused != nil { // a container that could not be created for another reason has its image
		k.containerEvent(object, c, corev1.EventTypeNormal, "Pulling", fmt.Sprintf("Pulling image %q", c.Image))
	}
	if refused == nil {
		k.images.keep(c.Image)
		if r.said == "" {
			k.containerEvent(object, c, corev1.EventTypeNormal, "Pulled", fmt.Sprintf(
				"Successfully pulled image %q in 0s (0s including waiting). Image size: %d bytes.", c.Image, image.Size(c.Image)))
		}
		return time.Time{}
	}
	p := r.pulling
	if p == nil {
		p = &pulling{}
		r.pulling = p
	}
	p.backoff = min(max(2*p.backoff, pullBackoff), maxPullBackoff)
	p.retry, p.err, p.waits = now.Add(p.backoff), refused, false
	k.containerEvent(object, c, corev1.EventTypeWarning, "Failed", fmt.Sprintf("Failed to pull image %q: %v", c.Image, refused))
	k.containerEvent(object, c, corev1.EventTypeWarning, "Failed", "Error: ErrImagePull")
	r.waiting = &corev1.ContainerStateWaiting{Reason: "ErrImagePull", Message: refused.Error()}
	return now.Add(pullShows)
}

// waitForImage reports that a container waits for the next pull of its image.
func (k *Kubelet) waitForImage(object *corev1.Pod, c *corev1.Container, r *run, now time.Time) time.Time {
	p := r.pulling
	if shown := p.retry.Add(pullShows - p.backoff); now.Before(shown) {
		return shown
	}
	if !p.waits {
		p.waits = true
		back := fmt.Sprintf("Back-off pulling image %q", c.Image)
		k.containerEvent(object, c, corev1.EventTypeNormal, "BackOff", back)
		k.containerEvent(object, c, corev1.EventTypeWarning, "Failed", "Error: ImagePullBackOff")
		r.waiting = &corev1.ContainerStateWaiting{Reason: "ImagePullBackOff", Message: fmt.Sprintf("%s: ErrImagePull: %v", back, p.err)}
	}
	return p.retry
}

func (k *Kubelet) alreadyThere(object *corev1.Pod, c *corev1.Container, r *run) {
	if r.said == "" {
		k.containerEvent(object, c, corev1.EventTypeNormal, "Pulled", fmt.Sprintf("Container image %q already present on machine", c.Image))
	}
}

// imageTrouble reports why an image is of no use, once for each cause.
func (k *Kubelet) imageTrouble(object *corev1.Pod, c *corev1.Container, r *run, reason string, err error, event string) {
	r.waiting = &corev1.ContainerStateWaiting{Reason: reason, Message: err.Error()}
	if r.said != err.Error() {
		r.said = err.Error()
		k.containerEvent(object, c, corev1.EventTypeWarning, event, err.Error())
		k.containerEvent(object, c, corev1.EventTypeWarning, "Failed", "Error: "+reason)
	}
}

// idleText says why a container does nothing.
func idleText(c *corev1.Container) string {
	what := fmt.Sprintf("image %q", c.Image)
	if words := slices.Concat(c.Command, c.Args); len(words) > 0 {
		what = fmt.Sprintf("command %q", words[0])
	}
	return fmt.Sprintf("Container %s idles: kubemint pulls no images and does not know what %s would do. See \"kubemint images\" for what it knows.", c.Name, what)
}
