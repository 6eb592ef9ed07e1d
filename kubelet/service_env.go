package kubelet

import (
	"context"
	"net"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubemint/kubemint/kubelet/container"
)

// apiService is the name of the Service of the API server: its variables are in every container.
const apiService = "kubernetes"

// serviceWait is the wall time that the start of a container waits for the first list of Services.
const serviceWait = 5 * time.Second

// serviceEnv tells a container where the Services of its namespace are, unless its pod wants none of it, and in any case where the API
// server is. They are those that there are as the container starts.
func (k *Kubelet) serviceEnv(ctx context.Context, object *corev1.Pod) []container.Variable {
	wait, cancel := context.WithTimeout(ctx, serviceWait)
	defer cancel()
	all, err := k.cfg.Network.Services(wait)
	if err != nil && ctx.Err() == nil { // nobody may read them: a pod can do without
		k.log.Warn("a container starts without the variables of services", "pod", object.Namespace+"/"+object.Name, "err", err)
	}
	links := object.Spec.EnableServiceLinks == nil || *object.Spec.EnableServiceLinks
	server := k.apiService()
	var out []container.Variable
	for _, s := range all {
		switch {
		case s.Namespace == metav1.NamespaceDefault && s.Name == apiService:
			server = s
		case s.Namespace == object.Namespace && links && s.Name != apiService:
			out = append(out, variablesOf(s)...)
		}
	}
	return append(variablesOf(server), out...)
}

// apiService is the Service of the API server as far as this node knows of it by itself.
func (k *Kubelet) apiService() *corev1.Service {
	s := &corev1.Service{Spec: corev1.ServiceSpec{ClusterIP: k.cfg.Service.Addr().String()}}
	s.Name, s.Namespace = apiService, metav1.NamespaceDefault
	port := int32(k.cfg.Service.Port())
	s.Spec.Ports = []corev1.ServicePort{{Name: "https", Port: port, Protocol: corev1.ProtocolTCP, TargetPort: intstr.FromInt32(port)}}
	return s
}

// variablesOf are the variables of one Service: the names of Kubernetes', then those of Docker's links.
func variablesOf(s *corev1.Service) []container.Variable {
	prefix := variable(s.Name)
	out := []container.Variable{{Name: prefix + "_SERVICE_HOST", Value: s.Spec.ClusterIP}}
	add := func(name, value string) { out = append(out, container.Variable{Name: prefix + name, Value: value}) }
	for i := range s.Spec.Ports {
		p := &s.Spec.Ports[i]
		if i == 0 {
			add("_SERVICE_PORT", strconv.Itoa(int(p.Port)))
		}
		if p.Name != "" {
			add("_SERVICE_PORT_"+variable(p.Name), strconv.Itoa(int(p.Port)))
		}
	}
	for i := range s.Spec.Ports {
		p := &s.Spec.Ports[i]
		protocol := string(p.Protocol)
		if protocol == "" {
			protocol = string(corev1.ProtocolTCP)
		}
		number := strconv.Itoa(int(p.Port))
		url := strings.ToLower(protocol) + "://" + net.JoinHostPort(s.Spec.ClusterIP, number)
		if i == 0 {
			add("_PORT", url)
		}
		link := "_PORT_" + number + "_" + strings.ToUpper(protocol)
		add(link, url)
		add(link+"_PROTO", strings.ToLower(protocol))
		add(link+"_PORT", number)
		add(link+"_ADDR", s.Spec.ClusterIP)
	}
	return out
}

// variable is a name as part of a variable's.
func variable(name string) string { return strings.ToUpper(strings.ReplaceAll(name, "-", "_")) }
