package schema

import (
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/duration"
)

func workloadTables() map[runtimeschema.GroupVersionKind]*tableKind {
	apps, batch := appsv1.SchemeGroupVersion, batchv1.SchemeGroupVersion
	return map[runtimeschema.GroupVersionKind]*tableKind{
		apps.WithKind("Deployment"): shown(columns(
			nameColumn(),
			column("Ready", "Number of the pod with ready state"),
			column("Up-to-date", doc(appsv1.DeploymentStatus{}, "updatedReplicas")),
			column("Available", doc(appsv1.DeploymentStatus{}, "availableReplicas")),
			ageColumn(), containersColumn(), imagesColumn(),
			wide(column("Selector", doc(appsv1.DeploymentSpec{}, "selector"))),
		), deploymentCells),
		apps.WithKind("ReplicaSet"): shown(columns(
			nameColumn(),
			integer("Desired", doc(appsv1.ReplicaSetSpec{}, "replicas")),
			integer("Current", doc(appsv1.ReplicaSetStatus{}, "replicas")),
			integer("Ready", doc(appsv1.ReplicaSetStatus{}, "readyReplicas")),
			ageColumn(), containersColumn(), imagesColumn(),
			wide(column("Selector", doc(appsv1.ReplicaSetSpec{}, "selector"))),
		), func(r *appsv1.ReplicaSet, o *TableOptions) []any {
			names, images := containerCells(r.Spec.Template.Spec.Containers)
			return []any{
				r.Name, count(r.Spec.Replicas), int64(r.Status.Replicas), int64(r.Status.ReadyReplicas), o.age(r.CreationTimestamp),
				names, images, metav1.FormatLabelSelector(r.Spec.Selector),
			}
		}),
		corev1.SchemeGroupVersion.WithKind("ReplicationController"): shown(columns(
			nameColumn(),
			integer("Desired", doc(corev1.ReplicationControllerSpec{}, "replicas")),
			integer("Current", doc(corev1.ReplicationControllerStatus{}, "replicas")),
			integer("Ready", doc(corev1.ReplicationControllerStatus{}, "readyReplicas")),
			ageColumn(), containersColumn(), imagesColumn(),
			wide(column("Selector", doc(corev1.ReplicationControllerSpec{}, "selector"))),
		), func(r *corev1.ReplicationController, o *TableOptions) []any {
			var names, images string
			if r.Spec.Template != nil {
				names, images = containerCells(r.Spec.Template.Spec.Containers)
			}
			return []any{
				r.Name, count(r.Spec.Replicas), int64(r.Status.Replicas), int64(r.Status.ReadyReplicas), o.age(r.CreationTimestamp),
				names, images, labels.FormatLabels(r.Spec.Selector),
			}
		}),
		apps.WithKind("StatefulSet"): shown(columns(
			nameColumn(), column("Ready", "Number of the pod with ready state"), ageColumn(), containersColumn(), imagesColumn(),
		), func(s *appsv1.StatefulSet, o *TableOptions) []any {
			names, images := containerCells(s.Spec.Template.Spec.Containers)
			return []any{s.Name, fmt.Sprintf("%d/%d", s.Status.ReadyReplicas, count(s.Spec.Replicas)), o.age(s.CreationTimestamp), names, images}
		}),
		apps.WithKind("DaemonSet"): shown(columns(
			nameColumn(),
			integer("Desired", doc(appsv1.DaemonSetStatus{}, "desiredNumberScheduled")),
			integer("Current", doc(appsv1.DaemonSetStatus{}, "currentNumberScheduled")),
			integer("Ready", doc(appsv1.DaemonSetStatus{}, "numberReady")),
			integer("Up-to-date", doc(appsv1.DaemonSetStatus{}, "updatedNumberScheduled")),
			integer("Available", doc(appsv1.DaemonSetStatus{}, "numberAvailable")),
			column("Node Selector", doc(corev1.PodSpec{}, "nodeSelector")),
			ageColumn(), containersColumn(), imagesColumn(),
			wide(column("Selector", doc(appsv1.DaemonSetSpec{}, "selector"))),
		), func(d *appsv1.DaemonSet, o *TableOptions) []any {
			names, images := containerCells(d.Spec.Template.Spec.Containers)
			return []any{
				d.Name, int64(d.Status.DesiredNumberScheduled), int64(d.Status.CurrentNumberScheduled), int64(d.Status.NumberReady),
				int64(d.Status.UpdatedNumberScheduled), int64(d.Status.NumberAvailable), labels.FormatLabels(d.Spec.Template.Spec.NodeSelector),
				o.age(d.CreationTimestamp), names, images, metav1.FormatLabelSelector(d.Spec.Selector),
			}
		}),
		apps.WithKind("ControllerRevision"): shown(columns(
			nameColumn(), column("Controller", "Controller of the object"), column("Revision", doc(appsv1.ControllerRevision{}, "revision")), ageColumn(),
		), controllerRevisionCells),
		batch.WithKind("Job"): shown(columns(
			nameColumn(),
			column("Status", "Status of the job."),
			column("Completions", doc(batchv1.JobStatus{}, "succeeded")),
			column("Duration", "Time required to complete the job."),
			ageColumn(), containersColumn(), imagesColumn(),
			wide(column("Selector", doc(batchv1.JobSpec{}, "selector"))),
		), jobCells),
		batch.WithKind("CronJob"): shown(columns(
			nameColumn(),
			column("Schedule", doc(batchv1.CronJobSpec{}, "schedule")),
			column("Timezone", doc(batchv1.CronJobSpec{}, "timeZone")),
			ofType("boolean", column("Suspend", doc(batchv1.CronJobSpec{}, "suspend"))),
			integer("Active", doc(batchv1.CronJobStatus{}, "active")),
			column("Last Schedule", doc(batchv1.CronJobStatus{}, "lastScheduleTime")),
			ageColumn(), containersColumn(), imagesColumn(),
			wide(column("Selector", doc(batchv1.JobSpec{}, "selector"))),
		), cronJobCells),
	}
}

// count is a number of replicas, which may be left out of objects nobody filled in.
func count(n *int32) int64 {
	if n == nil {
		return 0
	}
	return int64(*n)
}

// containerCells joins the names and the images of containers.
func containerCells(containers []corev1.Container) (names, images string) {
	var n, i []string
	for c := range containers {
		n, i = append(n, containers[c].Name), append(i, containers[c].Image)
	}
	return strings.Join(n, ","), strings.Join(i, ",")
}

func deploymentCells(d *appsv1.Deployment, o *TableOptions) []any {
	selector := "<invalid>"
	if s, err := metav1.LabelSelectorAsSelector(d.Spec.Selector); err == nil {
		selector = s.String()
	}
	names, images := containerCells(d.Spec.Template.Spec.Containers)
	return []any{
		d.Name, fmt.Sprintf("%d/%d", d.Status.ReadyReplicas, count(d.Spec.Replicas)), int64(d.Status.UpdatedReplicas),
		int64(d.Status.AvailableReplicas), o.age(d.CreationTimestamp), names, images, selector,
	}
}

func controllerRevisionCells(r *appsv1.ControllerRevision, o *TableOptions) []any {
	controller := "<none>"
	if owner := metav1.GetControllerOf(r); owner != nil {
		kind := runtimeschema.FromAPIVersionAndKind(owner.APIVersion, owner.Kind).GroupKind()
		controller = strings.ToLower(kind.String()) + "/" + owner.Name
	}
	return []any{r.Name, controller, r.Revision, o.age(r.CreationTimestamp)}
}

func jobCells(j *batchv1.Job, o *TableOptions) []any {
	var completions string
	switch {
	case j.Spec.Completions != nil:
		completions = fmt.Sprintf("%d/%d", j.Status.Succeeded, *j.Spec.Completions)
	case count(j.Spec.Parallelism) > 1:
		completions = fmt.Sprintf("%d/1 of %d", j.Status.Succeeded, *j.Spec.Parallelism)
	default:
		completions = fmt.Sprintf("%d/1", j.Status.Succeeded)
	}
	took := ""
	if start := j.Status.StartTime; start != nil {
		end := o.Now
		if j.Status.CompletionTime != nil {
			end = j.Status.CompletionTime.Time
		}
		took = duration.HumanDuration(end.Sub(start.Time))
	}
	names, images := containerCells(j.Spec.Template.Spec.Containers)
	return []any{j.Name, jobStatus(j), completions, took, o.age(j.CreationTimestamp), names, images, metav1.FormatLabelSelector(j.Spec.Selector)}
}

// jobStatus is the first of these that holds (API-200).
func jobStatus(j *batchv1.Job) string {
	holds := func(kind batchv1.JobConditionType) bool {
		for _, c := range j.Status.Conditions {
			if c.Type == kind {
				return c.Status == corev1.ConditionTrue
			}
		}
		return false
	}
	switch {
	case holds(batchv1.JobComplete):
		return "Complete"
	case holds(batchv1.JobFailed):
		return "Failed"
	case j.DeletionTimestamp != nil:
		return "Terminating"
	case holds(batchv1.JobSuspended):
		return "Suspended"
	case holds(batchv1.JobFailureTarget):
		return "FailureTarget"
	case holds(batchv1.JobSuccessCriteriaMet):
		return "SuccessCriteriaMet"
	}
	return "Running"
}

func cronJobCells(c *batchv1.CronJob, o *TableOptions) []any {
	last, suspend := "<none>", "<unset>"
	if c.Status.LastScheduleTime != nil {
		last = o.age(*c.Status.LastScheduleTime)
	}
	if c.Spec.Suspend != nil {
		suspend = "False"
		if *c.Spec.Suspend {
			suspend = "True"
		}
	}
	names, images := containerCells(c.Spec.JobTemplate.Spec.Template.Spec.Containers)
	return []any{
		c.Name, c.Spec.Schedule, pointed(c.Spec.TimeZone, "<none>"), suspend, int64(len(c.Status.Active)), last, o.age(c.CreationTimestamp),
		names, images, metav1.FormatLabelSelector(c.Spec.JobTemplate.Spec.Selector),
	}
}
