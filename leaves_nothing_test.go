package kubemint_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint"
)

// TestPodsComeAndGo: after many pods there is no goroutine, no open file, no process, no directory, no deadline left of them.
func TestPodsComeAndGo(t *testing.T) {
	// Not parallel: it counts what the whole process has.
	const many = 100
	r := start(t, kubemint.Config{Nodes: 2})
	before := r.comeAndGo("first", 10) // connections, pools and the like
	after := r.comeAndGo("many", many)
	if after.deadlines > before.deadlines {
		t.Errorf("deadlines: %d before, %d after: %v", before.deadlines, after.deadlines, r.Clock().Upcoming(10))
	}
	if after.processes > before.processes {
		t.Errorf("processes: %d before, %d after", before.processes, after.processes)
	}
	if after.goroutines > before.goroutines+10 || after.files > before.files+5 {
		stacks := make([]byte, 1<<20)
		t.Errorf("after %d pods: %+v, before %+v\n%s", many, after, before, stacks[:runtime.Stack(stacks, true)])
	}
}

// left is what a process has.
type left struct{ goroutines, files, deadlines, processes int }

// comeAndGo runs that many pods, deletes them and returns what is left once the numbers rest.
func (r *running) comeAndGo(name string, count int) left {
	r.t.Helper()
	pods := r.Admin.CoreV1().Pods("default")
	for i := range count {
		p := pod(fmt.Sprintf("%s-%d", name, i), "")
		if i%5 == 0 { // one with a process of its own
			p.Spec.Containers[0].Image, p.Spec.Containers[0].Command = "busybox", []string{"sh", "-c", "while true; do date > /tmp/date; sleep 10; done"}
		}
		if _, err := pods.Create(r.t.Context(), p, metav1.CreateOptions{}); err != nil {
			r.t.Fatal(err)
		}
	}
	inMinutes := func(what string, ok func(list []corev1.Pod) bool) {
		r.t.Helper()
		for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
			list, err := pods.List(r.t.Context(), metav1.ListOptions{})
			if err != nil {
				r.t.Fatal(err)
			}
			if ok(list.Items) {
				return
			}
			if time.Now().After(end) {
				r.t.Fatalf("%s: %d pods are there", what, len(list.Items))
			}
		}
	}
	inMinutes("they run", func(list []corev1.Pod) bool {
		n := 0
		for i := range list {
			if list[i].Status.Phase == corev1.PodRunning {
				n++
			}
		}
		return n == count
	})
	if err := pods.DeleteCollection(r.t.Context(), *metav1.NewDeleteOptions(0), metav1.ListOptions{}); err != nil {
		r.t.Fatal(err)
	}
	inMinutes("they are gone", func(list []corev1.Pod) bool { return len(list) == 0 })
	for _, pattern := range []string{"*-*-*-*-*", filepath.Join("by-name", "*")} {
		eventually(r.t, "nothing on disk matches "+pattern, func() bool {
			found, err := filepath.Glob(filepath.Join(r.DataDir(), "nodes", "*", "pods", pattern))
			return err == nil && len(found) == 0
		})
	}
	r.clock(`{"do":"advance","duration":"2m"}`) // caches are swept once a minute
	var is left
	resting := 0
	eventually(r.t, "the numbers rest", func() bool {
		now := left{runtime.NumGoroutine(), openFiles(), len(r.Clock().Upcoming(0)), processes()}
		if now != is {
			is, resting = now, 0
		}
		resting++
		return resting > 60
	})
	return is
}

// openFiles is how many files this process has open, where the system tells.
func openFiles() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}

// processes is how many children this process has, where the system tells.
func processes() int {
	tasks, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		return 0
	}
	n := 0
	for _, t := range tasks {
		if b, err := os.ReadFile(t); err == nil {
			n += len(strings.Fields(string(b)))
		}
	}
	return n
}
