package kubelet

import (
	"context"
	"encoding/json"
	"maps"
	"runtime"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Periods of a node's words about itself (NODE-2), in cluster time, and of its tries to be heard, in
// wall time.
const (
	statusPeriod  = 5 * time.Minute
	registerPause = 20 * time.Millisecond
	maxRegister   = 2 * time.Second
)

// nodeStatus is the node's own object.
type nodeStatus struct {
	kubelet  *Kubelet
	uid      types.UID
	reported time.Time
	sent     *corev1.NodeStatus
	failed   bool // the last report, which was said
}

// register creates the Node, or takes over the one that is there, trying until ctx ends. It reports
// whether it succeeded.
func (n *nodeStatus) register(ctx context.Context) bool {
	pause := registerPause
	for {
		err := n.tryRegister(ctx)
		if err == nil {
			n.event(corev1.EventTypeNormal, "Starting", "Starting kubelet.")
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		n.kubelet.log.Info("cannot register the node yet", "err", err)
		select {
		case <-ctx.Done():
			return false
		case <-time.After(pause): // wall time: the server is busy, not late
			pause = min(2*pause, maxRegister)
		}
	}
}

func (n *nodeStatus) tryRegister(ctx context.Context) error {
	k := n.kubelet
	api := k.client.CoreV1().Nodes()
	wanted := n.object(k.now())
	node, err := api.Create(ctx, wanted, metav1.CreateOptions{})
	if err == nil {
		n.uid, n.sent, n.reported = node.UID, &wanted.Status, k.now()
		return nil
	}
	if !apierrors.IsAlreadyExists(err) {
		return err
	}
	node, err = api.Get(ctx, k.cfg.NodeName, metav1.GetOptions{})
	if err != nil {
		return err
	}
	n.uid = node.UID
	if err := n.relabel(ctx, node, wanted.Labels); err != nil {
		return err
	}
	n.sent = &node.Status
	return n.report(ctx)
}

// relabel gives a Node found at the start the labels it should have.
func (n *nodeStatus) relabel(ctx context.Context, node *corev1.Node, labels map[string]string) error {
	missing := map[string]string{}
	for key, value := range labels {
		if have, ok := node.Labels[key]; !ok || have != value {
			missing[key] = value
		}
	}
	if len(missing) == 0 {
		return nil
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"labels": missing}})
	if err != nil {
		return err
	}
	_, err = n.kubelet.client.CoreV1().Nodes().Patch(ctx, node.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{})
	return err
}

// refresh posts the status if its period has passed, or if what stands on the server is not what this node says of
// itself: after a leap of the clock others may have written that nothing is known of it any more (NODE-2, NODE-3).
func (n *nodeStatus) refresh(ctx context.Context) {
	// Asked also when a report is due: what others have written decides whether it tells of a transition.
	if !n.contradicted(ctx) && n.kubelet.now().Sub(n.reported) < statusPeriod {
		return
	}
	err := n.report(ctx)
	if err != nil && ctx.Err() == nil && !n.failed { // said once, however long it lasts
		n.kubelet.log.Error("cannot post the node's status", "err", err)
	}
	n.failed = err != nil
}

// contradicted says whether the server has another status than this node's for one of its conditions.
func (n *nodeStatus) contradicted(ctx context.Context) bool {
	node, err := n.kubelet.client.CoreV1().Nodes().Get(ctx, n.kubelet.cfg.NodeName, metav1.GetOptions{})
	if err != nil {
		return false // the next beat asks again
	}
	for _, is := range n.status(n.kubelet.now()).Conditions {
		for _, have := range node.Status.Conditions {
			if have.Type == is.Type && have.Status != is.Status {
				n.sent = &node.Status // so that the report tells of a transition
				return true
			}
		}
	}
	return false
}

func (n *nodeStatus) report(ctx context.Context) error {
	k := n.kubelet
	now := k.now()
	status := n.status(now)
	for i := range status.Conditions {
		for _, old := range n.sent.Conditions {
			if c := &status.Conditions[i]; old.Type == c.Type && old.Status == c.Status {
				c.LastTransitionTime = old.LastTransitionTime
			}
		}
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"uid": n.uid}, "status": status})
	if err != nil {
		return err
	}
	if _, err := k.client.CoreV1().Nodes().Patch(ctx, k.cfg.NodeName, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status"); err != nil {
		return err
	}
	n.sent, n.reported = &status, now
	return nil
}

// object is the Node as this kubelet creates it.
func (n *nodeStatus) object(now time.Time) *corev1.Node {
	k := n.kubelet
	labels := map[string]string{
		corev1.LabelHostname: k.cfg.NodeName, corev1.LabelOSStable: "linux", corev1.LabelArchStable: runtime.GOARCH,
		"beta.kubernetes.io/os": "linux", "beta.kubernetes.io/arch": runtime.GOARCH,
	}
	maps.Copy(labels, k.cfg.Labels)
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{
			Name: k.cfg.NodeName, Labels: labels,
			Annotations: map[string]string{"volumes.kubernetes.io/controller-managed-attach-detach": "true"},
		},
		Spec:   corev1.NodeSpec{PodCIDR: k.cfg.PodCIDR.String(), PodCIDRs: []string{k.cfg.PodCIDR.String()}},
		Status: n.status(now),
	}
}

// status is what the node says of itself (NODE-2).
func (n *nodeStatus) status(now time.Time) corev1.NodeStatus {
	k := n.kubelet
	at := second(now)
	condition := func(kind corev1.NodeConditionType, status corev1.ConditionStatus, reason, message string) corev1.NodeCondition {
		return corev1.NodeCondition{Type: kind, Status: status, Reason: reason, Message: message, LastHeartbeatTime: at, LastTransitionTime: at}
	}
	return corev1.NodeStatus{
		Capacity: k.cfg.Capacity, Allocatable: k.cfg.Capacity,
		Conditions: []corev1.NodeCondition{
			condition(corev1.NodeMemoryPressure, corev1.ConditionFalse, "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
			condition(corev1.NodeDiskPressure, corev1.ConditionFalse, "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
			condition(corev1.NodePIDPressure, corev1.ConditionFalse, "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
			condition(corev1.NodeReady, corev1.ConditionTrue, "KubeletReady", "kubelet is posting ready status"),
		},
		Addresses: []corev1.NodeAddress{
			{Type: corev1.NodeInternalIP, Address: k.cfg.Address.String()},
			{Type: corev1.NodeHostName, Address: k.cfg.NodeName},
		},
		DaemonEndpoints: corev1.NodeDaemonEndpoints{KubeletEndpoint: corev1.DaemonEndpoint{Port: 10250}},
		NodeInfo: corev1.NodeSystemInfo{
			KubeletVersion: k.cfg.Version, OperatingSystem: "linux", Architecture: runtime.GOARCH,
			ContainerRuntimeVersion: "kubemint://" + k.cfg.Era.String(), OSImage: "kubemint (simulated)", KernelVersion: "simulated",
		},
	}
}

// event reports on the node. Real kubelets give the node's name for its uid, and describe asks for both.
func (n *nodeStatus) event(kind, reason, message string) {
	k := n.kubelet
	k.events.Event(&corev1.ObjectReference{Kind: "Node", APIVersion: "v1", Name: k.cfg.NodeName, UID: types.UID(k.cfg.NodeName)}, kind, reason, message)
}
