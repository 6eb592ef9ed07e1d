package controller_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

func newJob(name string, change func(*batchv1.JobSpec)) *batchv1.Job {
	t := podTemplate(nil, "busybox")
	t.Spec.RestartPolicy = corev1.RestartPolicyNever
	j := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}, Spec: batchv1.JobSpec{Template: t}}
	if change != nil {
		change(&j.Spec)
	}
	return j
}

func (c cluster) makeJob(t *testing.T, j *batchv1.Job) {
	t.Helper()
	if _, err := c.BatchV1().Jobs("default").Create(t.Context(), j, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

func (c cluster) job(t *testing.T, name string) *batchv1.Job {
	t.Helper()
	j, err := c.BatchV1().Jobs("default").Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func (c cluster) podsOf(t *testing.T, job string) []corev1.Pod {
	t.Helper()
	l, err := c.CoreV1().Pods("default").List(t.Context(), metav1.ListOptions{LabelSelector: "batch.kubernetes.io/job-name=" + job})
	if err != nil {
		t.Fatal(err)
	}
	return l.Items
}

// end ends a pod as its kubelet would: these clusters have no nodes.
func (c cluster) end(t *testing.T, pod string, phase corev1.PodPhase, exit int32) {
	t.Helper()
	at := metav1.NewTime(c.Clock().Now()).UTC().Format(time.RFC3339)
	patch := fmt.Sprintf(`{"status":{"phase":%q,"containerStatuses":[{"name":"web","image":"busybox","imageID":"","ready":false,"restartCount":0,
		"state":{"terminated":{"exitCode":%d,"startedAt":%q,"finishedAt":%q}}}]}}`, phase, exit, at, at)
	if _, err := c.CoreV1().Pods("default").Patch(t.Context(), pod, types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{}, "status"); err != nil {
		t.Fatal(err)
	}
}

// running waits until n pods of a Job run, and names them.
func (c cluster) running(t *testing.T, job string, n int) []string {
	t.Helper()
	var names []string
	eventually(t, fmt.Sprintf("%d pods of %s", n, job), func() bool {
		names = nil
		for _, p := range c.podsOf(t, job) {
			if p.Status.Phase == corev1.PodPending && p.DeletionTimestamp == nil {
				names = append(names, p.Name)
			}
		}
		return len(names) == n
	})
	return names
}

func conditions(j *batchv1.Job) []string {
	var all []string
	for _, c := range j.Status.Conditions {
		all = append(all, fmt.Sprintf("%s=%s %s", c.Type, c.Status, c.Reason))
	}
	return all
}

// advance moves the cluster's clock through the API, as `clock advance` does, and returns what is left pending.
func (c cluster) advance(t *testing.T, d time.Duration) []string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"do": "advance", "duration": d.String()})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := c.CoreV1().RESTClient().Post().AbsPath("/kubemint/v1/clock").Body(body).SetHeader("Content-Type", "application/json").DoRaw(t.Context())
	if err != nil {
		t.Fatalf("advance: %v: %s", err, raw)
	}
	var report struct {
		Pending []string `json:"pending"`
	}
	if err := json.Unmarshal(raw, &report); err != nil {
		t.Fatal(err)
	}
	return report.Pending
}

func TestAJobRunsItsPodsToCompletion(t *testing.T) {
	t.Parallel()
	c := start(t, 0)
	c.Clock().Pause() // it moves only when the test says so
	three, two, ttl := int32(3), int32(2), int32(100)
	c.makeJob(t, newJob("sum", func(s *batchv1.JobSpec) { s.Completions, s.Parallelism, s.TTLSecondsAfterFinished = &three, &two, &ttl }))
	for _, p := range c.running(t, "sum", 2) {
		c.end(t, p, corev1.PodSucceeded, 0)
	}
	last := c.running(t, "sum", 1)
	eventually(t, "two counted", func() bool { s := c.job(t, "sum").Status; return s.Succeeded == 2 && s.Active == 1 })
	// A pod that goes before it was counted is counted all the same.
	c.end(t, last[0], corev1.PodSucceeded, 0)
	if err := c.CoreV1().Pods("default").Delete(t.Context(), last[0], metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "complete", func() bool {
		return slices.Equal(conditions(c.job(t, "sum")), []string{"SuccessCriteriaMet=True CompletionsReached", "Complete=True CompletionsReached"})
	})
	if s := c.job(t, "sum").Status; s.Succeeded != 3 || s.Failed != 0 || s.Active != 0 || s.CompletionTime == nil {
		t.Errorf("status %+v", s)
	}
	for _, p := range c.podsOf(t, "sum") {
		if slices.Contains(p.Finalizers, batchv1.JobTrackingFinalizer) {
			t.Errorf("pod %s still bears the finalizer", p.Name)
		}
	}
	if pending := c.advance(t, 99*time.Second); len(pending) > 0 {
		t.Errorf("pending after the advance: %v", pending)
	}
	c.job(t, "sum")
	c.advance(t, 2*time.Second)
	eventually(t, "deleted when its time to live is over", func() bool {
		_, err := c.BatchV1().Jobs("default").Get(t.Context(), "sum", metav1.GetOptions{})
		return apierrors.IsNotFound(err) && len(c.podsOf(t, "sum")) == 0
	})
}

func TestAJobBacksOffAndGivesUp(t *testing.T) {
	t.Parallel()
	c := start(t, 0)
	c.Clock().Pause() // it moves only when the test says so
	two := int32(2)
	c.makeJob(t, newJob("bad", func(s *batchv1.JobSpec) { s.BackoffLimit = &two }))
	for i, pause := range []time.Duration{10 * time.Second, 20 * time.Second, 0} {
		c.end(t, c.running(t, "bad", 1)[0], corev1.PodFailed, 1)
		eventually(t, "failure counted", func() bool { return c.job(t, "bad").Status.Failed == int32(i+1) })
		if pause > 0 {
			c.advance(t, pause-3*time.Second)
			if n := len(c.running(t, "bad", 0)); n != 0 {
				t.Fatalf("a new pod before the back-off was over")
			}
			c.advance(t, 4*time.Second)
		}
	}
	eventually(t, "failed", func() bool {
		return slices.Equal(conditions(c.job(t, "bad")), []string{"FailureTarget=True BackoffLimitExceeded", "Failed=True BackoffLimitExceeded"})
	})
}

func TestAnIndexedJobRunsEachIndexOnce(t *testing.T) {
	t.Parallel()
	c := start(t, 0)
	c.Clock().Pause() // it moves only when the test says so
	three, mode := int32(3), batchv1.IndexedCompletion
	c.makeJob(t, newJob("part", func(s *batchv1.JobSpec) { s.Completions, s.Parallelism, s.CompletionMode = &three, &three, &mode }))
	c.running(t, "part", 3)
	seen := map[string]bool{}
	for _, p := range c.podsOf(t, "part") {
		seen[p.Annotations[batchv1.JobCompletionIndexAnnotation]+" "+p.Spec.Hostname] = true
		c.end(t, p.Name, corev1.PodSucceeded, 0)
	}
	if !seen["0 part-0"] || !seen["1 part-1"] || !seen["2 part-2"] {
		t.Errorf("pods %v", seen)
	}
	eventually(t, "complete", func() bool {
		s := c.job(t, "part").Status
		return s.CompletedIndexes == "0-2" && s.CompletionTime != nil
	})
}

// API-220: a Job that names another controller is that one's affair.
func TestAJobManagedBySomebodyElseIsLeftAlone(t *testing.T) {
	t.Parallel()
	c := start(t, 0)
	other := "example.com/queue"
	c.makeJob(t, newJob("theirs", func(s *batchv1.JobSpec) { s.ManagedBy = &other }))
	c.makeJob(t, newJob("ours", nil))
	eventually(t, "a pod of the other job", func() bool { return len(c.podsOf(t, "ours")) == 1 })
	c.advance(t, time.Second) // until nobody has anything left to do
	if pods := c.podsOf(t, "theirs"); len(pods) != 0 {
		t.Errorf("pods: %v", pods)
	}
	if j := c.job(t, "theirs"); j.Status.StartTime != nil {
		t.Errorf("status: %+v", j.Status)
	}
}

func TestASuspendedJobWaits(t *testing.T) {
	t.Parallel()
	c := start(t, 0)
	c.Clock().Pause() // it moves only when the test says so
	yes, hour := true, int64(3600)
	c.makeJob(t, newJob("later", func(s *batchv1.JobSpec) { s.Suspend, s.ActiveDeadlineSeconds = &yes, &hour }))
	eventually(t, "suspended", func() bool {
		return slices.Equal(conditions(c.job(t, "later")), []string{"Suspended=True JobSuspended"})
	})
	c.advance(t, 2*time.Hour)
	if len(c.podsOf(t, "later")) > 0 {
		t.Fatal("a suspended Job has pods")
	}
	if _, err := c.BatchV1().Jobs("default").Patch(t.Context(), "later", types.MergePatchType, []byte(`{"spec":{"suspend":false}}`), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	c.running(t, "later", 1)
	c.advance(t, time.Hour)
	eventually(t, "past its deadline", func() bool {
		return slices.Contains(conditions(c.job(t, "later")), "Failed=True DeadlineExceeded")
	})
}

func TestACronJobFollowsTheClusterClock(t *testing.T) {
	t.Parallel()
	c := start(t, 0)
	c.Clock().Pause() // it moves only when the test says so
	cj := &batchv1.CronJob{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "rotate"},
		Spec: batchv1.CronJobSpec{Schedule: "0 * * * *", JobTemplate: batchv1.JobTemplateSpec{Spec: newJob("", nil).Spec}}}
	if _, err := c.BatchV1().CronJobs("default").Create(t.Context(), cj, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a moment set", func() bool {
		for _, m := range c.Clock().Upcoming(0) {
			if m.What == "cronjob default/rotate" {
				return m.At.Minute() == 0
			}
		}
		return false
	})
	c.advance(t, 3*time.Hour)
	jobs, err := c.BatchV1().Jobs("default").List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(jobs.Items) != 3 {
		t.Fatalf("%d Jobs in three hours, want 3", len(jobs.Items))
	}
	for _, j := range jobs.Items {
		at, err := time.Parse(time.RFC3339, j.Annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"])
		if err != nil || at.Minute() != 0 || j.Name != fmt.Sprintf("rotate-%d", at.Unix()/60) {
			t.Errorf("%s was made for %v (%v)", j.Name, at, err)
		}
	}
}
