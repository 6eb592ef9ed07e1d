package registry_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubemint/kubemint/apiserver/servertest"
)

const services = "/api/v1/namespaces/default/services"

func service(name, spec string) string {
	return fmt.Sprintf(`{"metadata":{"name":%q},"spec":{"ports":[{"port":80}],%s}}`, name, spec)
}

// TestAddressesThatCannotBeHad: what a service asks for by name is checked before anything is given out.
func TestAddressesThatCannotBeHad(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	s.Must(t, http.MethodPost, services, service("taken", `"type":"NodePort","clusterIP":"10.96.0.77","ports":[{"port":80,"nodePort":30077}]`))
	for _, tt := range []struct{ name, spec, want string }{
		{"two addresses that are not the same", `"clusterIP":"10.96.0.5","clusterIPs":["10.96.0.6"]`,
			"spec.clusterIPs: Invalid value: [\"10.96.0.6\"]: first value must match `clusterIP`"},
		{"the newer field alone", `"clusterIPs":["10.96.0.6"]`, "spec.clusterIPs: Invalid value: [\"10.96.0.6\"]: must be empty when `clusterIP` is not specified"},
		{"an address in use", `"clusterIP":"10.96.0.77"`, `spec.clusterIPs: Invalid value: ["10.96.0.77"]: failed to allocate IP 10.96.0.77: provided IP is already allocated`},
		{"an address of another network", `"clusterIP":"192.168.1.1"`, `spec.clusterIPs: Invalid value: ["192.168.1.1"]: failed to allocate IP 192.168.1.1: the provided network does not match the current range`},
		{"no address", `"clusterIP":"x"`, `spec.clusterIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)`},
		{"an address of another family", `"clusterIP":"fd00::1"`, `spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster`},
		{"another family", `"ipFamilies":["IPv6"]`, `spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster`},
		{"both families", `"ipFamilyPolicy":"RequireDualStack"`, `spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services`},
		{"both families and one of them", `"ipFamilies":["IPv4","IPv6"]`, `spec.ipFamilyPolicy: Invalid value: "SingleStack": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified`},
		{"a port in use", `"type":"NodePort","ports":[{"port":80,"nodePort":30077}]`, `spec.ports[0].nodePort: Invalid value: 30077: provided port is already allocated`},
		{"a port out of range", `"type":"NodePort","ports":[{"port":80,"nodePort":80}]`, `spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for range 2 { // what was refused is not used up
				w := s.Call(t, http.MethodPost, services, service("x", tt.spec))
				var status struct{ Message string }
				if err := json.Unmarshal(w.Body.Bytes(), &status); err != nil {
					t.Fatal(err)
				}
				if want := `Service "x" is invalid: ` + tt.want; w.Code != http.StatusUnprocessableEntity || status.Message != want {
					t.Errorf("%d %s\nwant %s", w.Code, status.Message, want)
				}
			}
		})
	}
}

// TestWhatServicesAreGiven: addresses, node ports and the port for health checks, and all of it free again once nobody has it.
func TestWhatServicesAreGiven(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	write := func(method, path, body string) *corev1.Service {
		t.Helper()
		out := &corev1.Service{}
		if err := json.Unmarshal([]byte(s.Must(t, method, path, body)), out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	local := `"type":"LoadBalancer","externalTrafficPolicy":"Local"`
	got := write(http.MethodPost, services, service("a", local+`,"ports":[{"name":"t","port":53,"protocol":"TCP"},{"name":"u","port":53,"protocol":"UDP"},{"name":"o","port":80}]`)).Spec
	inRange := func(n int32) bool { return n >= 30000 && n <= 32767 }
	if p := got.Ports; !inRange(p[0].NodePort) || p[0].NodePort != p[1].NodePort || !inRange(p[2].NodePort) || p[2].NodePort == p[0].NodePort {
		t.Errorf("node ports are %v", p)
	}
	if h := got.HealthCheckNodePort; !inRange(h) || h == got.Ports[0].NodePort || h == got.Ports[2].NodePort {
		t.Errorf("the port for health checks is %d", h)
	}
	if !strings.HasPrefix(got.ClusterIP, "10.") || len(got.ClusterIPs) != 1 || got.ClusterIPs[0] != got.ClusterIP || len(got.IPFamilies) != 1 || *got.IPFamilyPolicy != corev1.IPFamilyPolicySingleStack {
		t.Errorf("its addresses are %+v", got)
	}
	// The same again, as clients send it that know nothing of what was chosen.
	again := write(http.MethodPut, services+"/a", service("a", local+`,"ports":[{"name":"t","port":53,"protocol":"TCP"},{"name":"u","port":53,"protocol":"UDP"},{"name":"o","port":80}]`)).Spec
	if again.ClusterIP != got.ClusterIP || again.HealthCheckNodePort != got.HealthCheckNodePort || again.Ports[2].NodePort != got.Ports[2].NodePort {
		t.Errorf("after an update it has %+v, before %+v", again, got)
	}
	// Another address is refused for being another, wherever it lies.
	if a := s.Call(t, http.MethodPut, services+"/a", service("a", local+`,"clusterIP":"1.2.3.4"`)); !strings.Contains(a.Body.String(), `[\"1.2.3.4\"]: may not change once set`) {
		t.Errorf("another address: %d %s", a.Code, a.Body)
	}
	if code := s.Call(t, http.MethodPost, services+"?dryRun=All", service("b", `"clusterIP":"10.96.0.9"`)).Code; code != http.StatusCreated {
		t.Errorf("a dry run: %d", code)
	}
	s.Must(t, http.MethodPost, services, service("b", `"clusterIP":"10.96.0.9"`)) // a dry run takes nothing
	s.Must(t, http.MethodDelete, services+"/b", "")
	s.Must(t, http.MethodPost, services, service("c", `"clusterIP":"10.96.0.9"`))
	inner := write(http.MethodPut, services+"/a", service("a", `"type":"ClusterIP"`)).Spec
	if inner.Ports[0].NodePort != 0 || inner.HealthCheckNodePort != 0 || inner.ClusterIP != got.ClusterIP {
		t.Errorf("without a way in it has %+v", inner)
	}
	s.Must(t, http.MethodPost, services, service("d", fmt.Sprintf(`"type":"NodePort","ports":[{"port":80,"nodePort":%d}]`, got.HealthCheckNodePort)))
	none := write(http.MethodPost, services, `{"metadata":{"name":"e"},"spec":{"clusterIP":"None"}}`).Spec
	if len(none.ClusterIPs) != 1 || none.ClusterIPs[0] != "None" || len(none.IPFamilies) != 2 || *none.IPFamilyPolicy != corev1.IPFamilyPolicyRequireDualStack {
		t.Errorf("without an address and a selector it has %+v", none)
	}
}

// TestAnAddressIsGivenOnce, however many ask for it at the same time.
func TestAnAddressIsGivenOnce(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	var wg sync.WaitGroup
	codes := make([]int, 16)
	for i := range codes {
		wg.Go(func() {
			codes[i] = s.Call(t, http.MethodPost, services, service(fmt.Sprintf("s%d", i), `"clusterIP":"10.96.0.9"`)).Code
		})
	}
	wg.Wait()
	made := 0
	for _, code := range codes {
		switch code {
		case http.StatusCreated:
			made++
		case http.StatusUnprocessableEntity:
		default:
			t.Errorf("somebody got %d", code)
		}
	}
	if made != 1 {
		t.Errorf("%d services have the address: %v", made, codes)
	}
}
