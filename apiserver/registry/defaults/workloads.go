package defaults

import (
	"math"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// deployment: API-220.
func deployment(d *appsv1.Deployment) {
	setPtr(&d.Spec.Replicas, 1)
	s := &d.Spec.Strategy
	set(&s.Type, appsv1.RollingUpdateDeploymentStrategyType)
	if s.Type == appsv1.RollingUpdateDeploymentStrategyType {
		if s.RollingUpdate == nil {
			s.RollingUpdate = &appsv1.RollingUpdateDeployment{}
		}
		setPtr(&s.RollingUpdate.MaxUnavailable, intstr.FromString("25%"))
		setPtr(&s.RollingUpdate.MaxSurge, intstr.FromString("25%"))
	}
	setPtr(&d.Spec.RevisionHistoryLimit, 10)
	setPtr(&d.Spec.ProgressDeadlineSeconds, 600)
	podSpec(&d.Spec.Template.Spec)
}

func daemonSet(d *appsv1.DaemonSet) {
	s := &d.Spec.UpdateStrategy
	set(&s.Type, appsv1.RollingUpdateDaemonSetStrategyType)
	if s.Type == appsv1.RollingUpdateDaemonSetStrategyType {
		if s.RollingUpdate == nil {
			s.RollingUpdate = &appsv1.RollingUpdateDaemonSet{}
		}
		setPtr(&s.RollingUpdate.MaxUnavailable, intstr.FromInt32(1))
		setPtr(&s.RollingUpdate.MaxSurge, intstr.FromInt32(0))
	}
	setPtr(&d.Spec.RevisionHistoryLimit, 10)
	podSpec(&d.Spec.Template.Spec)
	// A real server always has a number here, so that the managed fields name it. What it is, preparing decides.
	if _, ok := d.Annotations[appsv1.DeprecatedTemplateGeneration]; !ok {
		if d.Annotations == nil {
			d.Annotations = map[string]string{}
		}
		d.Annotations[appsv1.DeprecatedTemplateGeneration] = "0"
	}
}

func statefulSet(d *appsv1.StatefulSet) {
	set(&d.Spec.PodManagementPolicy, appsv1.OrderedReadyPodManagement)
	s := &d.Spec.UpdateStrategy
	if s.Type == "" {
		s.Type = appsv1.RollingUpdateStatefulSetStrategyType
		if s.RollingUpdate == nil {
			s.RollingUpdate = &appsv1.RollingUpdateStatefulSetStrategy{}
		}
	}
	if s.Type == appsv1.RollingUpdateStatefulSetStrategyType && s.RollingUpdate != nil {
		setPtr(&s.RollingUpdate.Partition, 0)
	}
	if d.Spec.PersistentVolumeClaimRetentionPolicy == nil {
		d.Spec.PersistentVolumeClaimRetentionPolicy = &appsv1.StatefulSetPersistentVolumeClaimRetentionPolicy{}
	}
	set(&d.Spec.PersistentVolumeClaimRetentionPolicy.WhenDeleted, appsv1.RetainPersistentVolumeClaimRetentionPolicyType)
	set(&d.Spec.PersistentVolumeClaimRetentionPolicy.WhenScaled, appsv1.RetainPersistentVolumeClaimRetentionPolicyType)
	setPtr(&d.Spec.Replicas, 1)
	setPtr(&d.Spec.RevisionHistoryLimit, 10)
	podSpec(&d.Spec.Template.Spec)
	for i := range d.Spec.VolumeClaimTemplates {
		c := &d.Spec.VolumeClaimTemplates[i]
		c.APIVersion, c.Kind = "v1", "PersistentVolumeClaim" // shown so since 1.17
		set(&c.Status.Phase, corev1.ClaimPending)
		claimSpec(&c.Spec)
	}
}

func job(j *batchv1.Job) {
	s := &j.Spec
	if s.Completions == nil && s.Parallelism == nil {
		setPtr(&s.Completions, 1)
	}
	setPtr(&s.Parallelism, 1)
	if s.BackoffLimitPerIndex != nil {
		setPtr(&s.BackoffLimit, math.MaxInt32)
	}
	setPtr(&s.BackoffLimit, 6)
	if len(j.Labels) == 0 && s.Template.Labels != nil {
		j.Labels = s.Template.Labels // the very same: what its pods get later, it gets too
	}
	setPtr(&s.CompletionMode, batchv1.NonIndexedCompletion)
	setPtr(&s.Suspend, false)
	if s.PodFailurePolicy != nil {
		setPtr(&s.PodReplacementPolicy, batchv1.Failed)
	}
	setPtr(&s.PodReplacementPolicy, batchv1.TerminatingOrFailed)
	setPtr(&s.ManualSelector, false)
	jobTemplate(s)
}

// jobTemplate fills in what jobs and the templates of cron jobs share.
func jobTemplate(s *batchv1.JobSpec) {
	if s.PodFailurePolicy != nil {
		for i := range s.PodFailurePolicy.Rules {
			conditions := s.PodFailurePolicy.Rules[i].OnPodConditions
			for j := range conditions {
				set(&conditions[j].Status, corev1.ConditionTrue)
			}
		}
	}
	podSpec(&s.Template.Spec)
}

func cronJob(c *batchv1.CronJob) {
	set(&c.Spec.ConcurrencyPolicy, batchv1.AllowConcurrent)
	setPtr(&c.Spec.Suspend, false)
	setPtr(&c.Spec.SuccessfulJobsHistoryLimit, 3)
	setPtr(&c.Spec.FailedJobsHistoryLimit, 1)
	jobTemplate(&c.Spec.JobTemplate.Spec)
}
