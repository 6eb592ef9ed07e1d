package scheduler

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	storage "k8s.io/component-helpers/storage/volume"

	"github.com/kubemint/kubemint/controller/work"
)

// prepare writes down which volumes are a pod's and where those are to be made that are not there yet, and sets the pod aside: it is
// decided on again when its claims are bound, which ties it to the same node. Until then it keeps its room there.
func (s *Scheduler) prepare(ctx context.Context, p *pod, node string, todo plan) {
	s.world.hold(p)
	err := s.carryOut(ctx, node, todo)
	if err != nil && s.world.release(p) {
		s.line.unpark()
	}
	switch {
	case ctx.Err() != nil:
	case err == nil, apierrors.IsConflict(err), apierrors.IsNotFound(err): // somebody was quicker: the watch will say
		s.line.park(p.uid)
	default:
		s.cfg.Log.Error("cannot prepare the volumes of a pod", "pod", p.key(), "node", node, "err", err)
		s.line.retry(p.uid)
	}
}

func (s *Scheduler) carryOut(ctx context.Context, node string, todo plan) error {
	for _, m := range todo.static {
		next, dirty, err := storage.GetBindVolumeToClaim(m.volume, m.claim)
		if err != nil {
			return err
		}
		if dirty {
			if _, err := s.cfg.Client.CoreV1().PersistentVolumes().Update(ctx, next, metav1.UpdateOptions{}); err != nil {
				return err
			}
		}
	}
	for _, claim := range todo.provision {
		next := claim.DeepCopy()
		metav1.SetMetaDataAnnotation(&next.ObjectMeta, storage.AnnSelectedNode, node)
		if _, err := s.cfg.Client.CoreV1().PersistentVolumeClaims(claim.Namespace).Update(ctx, next, metav1.UpdateOptions{}); err != nil {
			return err
		}
	}
	return nil
}

// none says that there is nothing to be done or waited for.
func (p plan) none() bool { return len(p.static) == 0 && len(p.provision) == 0 && !p.waits }

// occupied says whether another pod with a node has a claim that is for one pod alone.
func (w *world) occupied(object *corev1.Pod) bool {
	for i := range object.Spec.Volumes {
		name := work.ClaimOf(object, &object.Spec.Volumes[i])
		claim := w.storing.claims[object.Namespace+"/"+name]
		if name == "" || claim == nil || len(claim.Spec.AccessModes) != 1 || claim.Spec.AccessModes[0] != corev1.ReadWriteOncePod {
			continue
		}
		for _, other := range w.pods {
			if other.uid != object.UID && other.node != "" && other.namespace == object.Namespace && other.claims[name] {
				return true
			}
		}
	}
	return false
}
