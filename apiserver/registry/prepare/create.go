package prepare

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubemint/kubemint/apiserver/request"
)

// Context is what preparing needs beside the objects.
type Context struct {
	// Now is the cluster's time.
	Now time.Time
	// User is who sent the request; nil for the server itself.
	User *request.User
}

// Create prepares a new object. Its name (API-74) and uid are already set: a job puts them on its pods.
func Create(c Context, obj runtime.Object) {
	gatePods(obj)
	switch o := obj.(type) {
	case *corev1.Pod:
		createPod(c, o)
	case *corev1.Namespace:
		o.Status = corev1.NamespaceStatus{Phase: corev1.NamespaceActive}
		if !slices.Contains(o.Spec.Finalizers, corev1.FinalizerKubernetes) { // API-183
			o.Spec.Finalizers = append(o.Spec.Finalizers, corev1.FinalizerKubernetes)
		}
		labelNamespace(o)
	case *corev1.Node:
		o.Spec.ConfigSource = nil // the feature is gone; a real server keeps only what it has
	case *corev1.ServiceAccount:
		namesOnly(o)
	case *corev1.Service:
		o.Status = corev1.ServiceStatus{}
	case *corev1.PersistentVolume:
		now := metav1.NewTime(c.Now)
		o.Status = corev1.PersistentVolumeStatus{Phase: corev1.VolumePending, LastPhaseTransitionTime: &now}
	case *corev1.PersistentVolumeClaim:
		o.Status = corev1.PersistentVolumeClaimStatus{Phase: corev1.ClaimPending}
		dataSources(&o.Spec, &corev1.PersistentVolumeClaimSpec{})
	case *corev1.ResourceQuota:
		o.Status = corev1.ResourceQuotaStatus{}
	case *corev1.LimitRange:
		if o.Name == "" {
			o.Name = uuid.NewString()
		}
	case *corev1.ReplicationController:
		o.Status, o.Generation = corev1.ReplicationControllerStatus{}, 1
	case *appsv1.Deployment:
		o.Status, o.Generation = appsv1.DeploymentStatus{}, 1
	case *appsv1.ReplicaSet:
		o.Status, o.Generation = appsv1.ReplicaSetStatus{}, 1
	case *appsv1.StatefulSet:
		o.Status, o.Generation = appsv1.StatefulSetStatus{}, 1
		gateStatefulSet(&o.Spec, nil)
	case *appsv1.DaemonSet:
		o.Status, o.Generation = appsv1.DaemonSetStatus{}, 1
		setTemplateGeneration(o, max(templateGeneration(o), 1))
	case *batchv1.Job:
		o.Status, o.Generation = batchv1.JobStatus{}, 1
		jobLabels(o)
	case *batchv1.CronJob:
		o.Status, o.Generation = batchv1.CronJobStatus{}, 1
	case *autoscalingv1.HorizontalPodAutoscaler:
		o.Status = autoscalingv1.HorizontalPodAutoscalerStatus{}
	case *autoscalingv2.HorizontalPodAutoscaler:
		o.Status = autoscalingv2.HorizontalPodAutoscalerStatus{}
	case *certificatesv1.CertificateSigningRequest:
		createCSR(c, o)
	case *discoveryv1.EndpointSlice:
		o.Generation = 1
		dropTopology(o, nil)
	case *networkingv1.Ingress:
		o.Status, o.Generation = networkingv1.IngressStatus{}, 1
	case *networkingv1.NetworkPolicy:
		o.Generation = 1
	case *networkingv1.IngressClass:
		o.Generation = 1
	case *corev1.PodTemplate:
		o.Generation = 1
	case *policyv1.PodDisruptionBudget:
		o.Status, o.Generation = policyv1.PodDisruptionBudgetStatus{}, 1
	case *coordinationv1.Lease:
		gateLease(&o.Spec, nil)
	case *schedulingv1.PriorityClass:
		o.Generation = 1
	}
}

// labelNamespace puts the name on a namespace, which defaulting could not do for a generated one.
func labelNamespace(n *corev1.Namespace) {
	if n.Labels == nil {
		n.Labels = map[string]string{}
	}
	n.Labels[corev1.LabelMetadataName] = n.Name
}

// namesOnly strips the references of an account to names (SA-3).
func namesOnly(a *corev1.ServiceAccount) {
	for i, s := range a.Secrets {
		a.Secrets[i] = corev1.ObjectReference{Name: s.Name}
	}
}

// createCSR writes down who asks, whatever the request says (CSR-1), and lets nobody approve in advance.
func createCSR(c Context, o *certificatesv1.CertificateSigningRequest) {
	o.Spec.Username, o.Spec.UID, o.Spec.Groups, o.Spec.Extra = "", "", nil, nil
	if c.User != nil {
		o.Spec.Username, o.Spec.UID = c.User.Name, c.User.UID
		o.Spec.Groups = slices.Clone(c.User.Groups)
		if len(c.User.Extra) > 0 {
			o.Spec.Extra = make(map[string]certificatesv1.ExtraValue, len(c.User.Extra))
			for k, v := range c.User.Extra {
				o.Spec.Extra[k] = slices.Clone(v)
			}
		}
	}
	o.Status = certificatesv1.CertificateSigningRequestStatus{}
}

// templateGenerationAnnotation counts the templates a DaemonSet has had; older clients read it.
const templateGenerationAnnotation = appsv1.DeprecatedTemplateGeneration

func templateGeneration(d *appsv1.DaemonSet) int64 {
	n, err := strconv.ParseInt(d.Annotations[templateGenerationAnnotation], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func setTemplateGeneration(d *appsv1.DaemonSet, n int64) {
	if d.Annotations == nil {
		d.Annotations = map[string]string{}
	}
	d.Annotations[templateGenerationAnnotation] = strconv.FormatInt(n, 10)
}

// jobLabels selects a job's pods by its uid, unless the job brings a selector of its own (API-220). Labels already there stay: if they
// differ, validation says so.
func jobLabels(j *batchv1.Job) {
	if j.Spec.ManualSelector != nil && *j.Spec.ManualSelector {
		return
	}
	// By default a job has the labels of its pods, and so those below too. Labels of its own that happen to be equal are its own.
	shared := len(j.Labels) == 0 || same(j.Labels, j.Spec.Template.Labels)
	if j.Spec.Template.Labels == nil {
		j.Spec.Template.Labels = map[string]string{}
	}
	for k, v := range map[string]string{
		"job-name": j.Name, batchv1.JobNameLabel: j.Name,
		"controller-uid": string(j.UID), batchv1.ControllerUidLabel: string(j.UID),
	} {
		if _, ok := j.Spec.Template.Labels[k]; !ok {
			j.Spec.Template.Labels[k] = v
		}
	}
	if shared {
		j.Labels = maps.Clone(j.Spec.Template.Labels)
	}
	if j.Spec.Selector == nil {
		j.Spec.Selector = &metav1.LabelSelector{}
	}
	if j.Spec.Selector.MatchLabels == nil {
		j.Spec.Selector.MatchLabels = map[string]string{}
	}
	if _, ok := j.Spec.Selector.MatchLabels[batchv1.ControllerUidLabel]; !ok {
		j.Spec.Selector.MatchLabels[batchv1.ControllerUidLabel] = string(j.UID)
	}
}

// same says whether two maps are one.
func same(a, b map[string]string) bool {
	return reflect.ValueOf(a).Pointer() == reflect.ValueOf(b).Pointer()
}

// gateLease drops what a coordinated election of leaders wants, whose gate is off by default in 1.36, unless it is in use already.
func gateLease(s, old *coordinationv1.LeaseSpec) {
	if old == nil || old.Strategy == nil {
		s.Strategy = nil
	}
	if old == nil || old.PreferredHolder == nil {
		s.PreferredHolder = nil
	}
}

// gateStatefulSet drops maxUnavailable, whose gate is off by default in 1.36, unless it is in use already.
func gateStatefulSet(s, old *appsv1.StatefulSetSpec) {
	u := s.UpdateStrategy.RollingUpdate
	if u == nil || (old != nil && old.UpdateStrategy.RollingUpdate != nil && old.UpdateStrategy.RollingUpdate.MaxUnavailable != nil) {
		return
	}
	u.MaxUnavailable = nil
}

// dataSources lets the two fields that name where a claim's content comes from say the same. What an old claim has is not dropped.
func dataSources(s, old *corev1.PersistentVolumeClaimSpec) {
	if d := s.DataSourceRef; d != nil && d.Namespace != nil && *d.Namespace != "" && old.DataSourceRef == nil {
		s.DataSourceRef = nil // sources of another namespace are behind a gate that is shut
	}
	if d := s.DataSource; d != nil && s.DataSourceRef == nil && old.DataSource == nil && old.DataSourceRef == nil {
		group := ""
		if d.APIGroup != nil {
			group = *d.APIGroup
		}
		if (d.Kind != "PersistentVolumeClaim" || group != "") && (d.Kind != "VolumeSnapshot" || group != "snapshot.storage.k8s.io") {
			s.DataSource = nil // the old field takes these two only and drops all else silently
		}
	}
	switch {
	case s.DataSource != nil && s.DataSourceRef == nil:
		s.DataSourceRef = &corev1.TypedObjectReference{APIGroup: s.DataSource.APIGroup, Kind: s.DataSource.Kind, Name: s.DataSource.Name}
	case s.DataSource == nil && s.DataSourceRef != nil && (s.DataSourceRef.Namespace == nil || *s.DataSourceRef.Namespace == ""):
		s.DataSource = &corev1.TypedLocalObjectReference{APIGroup: s.DataSourceRef.APIGroup, Kind: s.DataSourceRef.Kind, Name: s.DataSourceRef.Name}
	}
}
