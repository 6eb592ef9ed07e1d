package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/kubelet/container"
)

// pods lists the node's pods.
func (s *Server) pods(w http.ResponseWriter, _ *http.Request) {
	list := corev1.PodList{TypeMeta: metav1.TypeMeta{Kind: "PodList", APIVersion: "v1"}, Items: []corev1.Pod{}}
	for _, p := range s.cfg.Node.Pods() {
		list.Items = append(list.Items, *p)
	}
	sendJSON(w, list)
}

// runningPods lists what runs, as far as a container runtime knows it.
func (s *Server) runningPods(w http.ResponseWriter, _ *http.Request) {
	list := corev1.PodList{TypeMeta: metav1.TypeMeta{Kind: "PodList", APIVersion: "v1"}, Items: []corev1.Pod{}}
	for _, p := range s.cfg.Node.Pods() {
		out := corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: p.Name, Namespace: p.Namespace, UID: p.UID}}
		for _, c := range p.Status.ContainerStatuses {
			if c.State.Running != nil {
				out.Spec.Containers = append(out.Spec.Containers, corev1.Container{Name: c.Name, Image: c.ImageID})
			}
		}
		if len(out.Spec.Containers) > 0 {
			list.Items = append(list.Items, out)
		}
	}
	sendJSON(w, list)
}

func sendJSON(w http.ResponseWriter, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		plain(w, http.StatusInternalServerError, err.Error())
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(b) // a caller that has gone needs none
}

// metrics are the few of a kubelet's that mean something here.
func (s *Server) metrics(w http.ResponseWriter, _ *http.Request) {
	pods, containers := 0, map[string]int{"created": 0, "exited": 0, "running": 0}
	for _, p := range s.cfg.Node.Pods() {
		running := false
		for _, c := range p.Status.ContainerStatuses {
			switch {
			case c.State.Running != nil:
				containers["running"]++
				running = true
			case c.State.Terminated != nil:
				containers["exited"]++
			}
		}
		if running {
			pods++
		}
	}
	var b bytes.Buffer
	gauge := func(name, help string) {
		fmt.Fprintf(&b, "# HELP %s [ALPHA] %s\n# TYPE %s gauge\n", name, help, name)
	}
	gauge("kubelet_node_name", "The node's name. The count is always 1.")
	fmt.Fprintf(&b, "kubelet_node_name{node=%q} 1\n", s.cfg.Node.Name())
	gauge("kubelet_running_containers", "Number of containers currently running")
	for _, state := range []string{"created", "exited", "running"} {
		fmt.Fprintf(&b, "kubelet_running_containers{container_state=%q} %d\n", state, containers[state])
	}
	gauge("kubelet_running_pods", "Number of pods that have a running pod sandbox")
	fmt.Fprintf(&b, "kubelet_running_pods %d\n", pods)
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write(b.Bytes())
}

// configuration says how the node guards what it serves and how often it does what it does: the part of a
// kubelet's configuration that holds here.
func (s *Server) configuration(w http.ResponseWriter, _ *http.Request) {
	type object = map[string]any
	sendJSON(w, object{"kubeletconfig": object{
		"enableServer": true, "port": 10250, "readOnlyPort": 0,
		"authentication": object{"x509": object{"clientCAFile": "/etc/kubernetes/pki/ca.crt"}, "webhook": object{"enabled": true, "cacheTTL": "0s"}, "anonymous": object{"enabled": false}},
		"authorization":  object{"mode": "Webhook", "webhook": object{"cacheAuthorizedTTL": "0s", "cacheUnauthorizedTTL": "0s"}},
		"clusterDomain":  "cluster.local", "clusterDNS": []string{"10.96.0.10"},
		"syncFrequency": "1m0s", "nodeLeaseDurationSeconds": 40, "containerLogMaxSize": "10Mi", "containerLogMaxFiles": 2,
	}})
}

// run runs a command and answers with what it printed.
func (s *Server) run(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("container")
	f, ok := s.cfg.Node.Find(r.PathValue("namespace"), r.PathValue("pod"), name)
	if !ok {
		plain(w, http.StatusNotFound, "pod does not exist")
		return
	}
	x, can := f.Handle.(container.Execer)
	if _, over := endedOf(f); over || !can {
		plain(w, http.StatusInternalServerError, fmt.Sprintf("container %q not found in pod %q", name, f.Pod.Name))
		return
	}
	cmd := r.URL.Query().Get("cmd")
	said := &container.Bounded{Max: maxRun}
	code, err := x.Exec(r.Context(), container.Exec{Command: strings.Split(cmd, " "), Streams: container.Streams{Stdout: said, Stderr: said}})
	switch {
	case err != nil:
		plain(w, http.StatusInternalServerError, err.Error())
	case code != 0:
		plain(w, http.StatusInternalServerError, fmt.Sprintf("command '%s' exited with %d: %s", cmd, code, said.String()))
	default:
		plain(w, http.StatusOK, said.String())
	}
}

// maxRun is how much of a command's output is kept for the answer, in bytes.
const maxRun = 1 << 20
