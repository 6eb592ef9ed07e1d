package kubemint_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint"
)

// autoSecret is the name of the Secret that the cluster made for an account, or empty.
func (r *running) autoSecret(account string) string {
	r.t.Helper()
	sa, err := r.Admin.CoreV1().ServiceAccounts("default").Get(r.t.Context(), account, metav1.GetOptions{})
	if err != nil {
		r.t.Fatal(err)
	}
	if len(sa.Secrets) == 0 {
		return ""
	}
	return sa.Secrets[0].Name
}

// mounted is the kind of the volume at the standard path of a pod, and its name.
func mounted(p *corev1.Pod) (kind, volume string) {
	const standard = "/var/run/secrets/kubernetes.io/serviceaccount"
	for _, m := range p.Spec.Containers[0].VolumeMounts {
		if m.MountPath != standard {
			continue
		}
		i := slices.IndexFunc(p.Spec.Volumes, func(v corev1.Volume) bool { return v.Name == m.Name })
		switch v := p.Spec.Volumes[i]; {
		case v.Secret != nil:
			return "secret", v.Name
		case v.Projected != nil:
			return "projected", v.Name
		}
	}
	return "", ""
}

// TestErasOfTokens: what an account gets at once, what a pod mounts, what the token says (ERA-1, ERA-4, ERA-6, ERA-11, ERA-27), and
// that either axis moves alone.
func TestErasOfTokens(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	for _, tt := range []struct {
		name     string
		cfg      kubemint.Config
		auto     bool
		mounts   string
		claims   []string // in the mounted token
		lacks    []string
		sameView string
	}{
		{name: "1.20", cfg: kubemint.Config{EmulatedVersion: "1.20"}, auto: true, mounts: "secret",
			claims: []string{`"kubernetes.io/serviceaccount/secret.name"`}, lacks: []string{`"exp"`, `"aud"`, `"jti"`}},
		{name: "1.21", cfg: kubemint.Config{EmulatedVersion: "1.21"}, auto: true, mounts: "projected",
			claims: []string{`"warnafter"`, `"pod"`}, lacks: []string{`"jti"`, `"node"`}},
		{name: "1.23", cfg: kubemint.Config{EmulatedVersion: "1.23"}, auto: true, mounts: "projected", lacks: []string{`"jti"`}},
		{name: "1.24", cfg: kubemint.Config{EmulatedVersion: "1.24"}, mounts: "projected", lacks: []string{`"jti"`, `"node"`}},
		{name: "1.30", cfg: kubemint.Config{EmulatedVersion: "1.30"}, mounts: "projected", claims: []string{`"jti"`, `"node"`}},
		{name: "1.36", cfg: kubemint.Config{}, mounts: "projected", claims: []string{`"jti"`, `"node"`, `"warnafter"`}},
		{name: "1.36 with Secrets", cfg: kubemint.Config{AutoSecret: &yes}, auto: true, mounts: "projected", claims: []string{`"jti"`}},
		{name: "1.20 without Secrets", cfg: kubemint.Config{EmulatedVersion: "1.20", AutoSecret: &no, PodToken: "projected"}, mounts: "projected", lacks: []string{`"jti"`}},
		{name: "1.36 that mounts Secrets", cfg: kubemint.Config{AutoSecret: &yes, PodToken: "legacy-secret"}, auto: true, mounts: "secret"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.cfg.Nodes = 1
			r := start(t, tt.cfg)
			accounts := r.Admin.CoreV1().ServiceAccounts("default")
			if _, err := accounts.Create(t.Context(), &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "robot"}}, metav1.CreateOptions{}); err != nil {
				t.Fatal(err)
			}
			secret := ""
			if tt.auto {
				eventually(t, "robot has its Secret", func() bool { secret = r.autoSecret("robot"); return secret != "" })
				if len(secret) != len("robot-token-xxxxx") || !strings.HasPrefix(secret, "robot-token-") {
					t.Errorf("the Secret is named %q (ERA-20)", secret)
				}
			}
			p := r.runPod(pod("app", "robot"))
			kind, volume := mounted(p)
			if kind != tt.mounts {
				t.Errorf("the pod mounts a %s volume %s, want %s", kind, volume, tt.mounts)
			}
			if kind == "secret" && volume != secret {
				t.Errorf("the volume is named %q, want that of the Secret %q", volume, secret)
			}
			if kind == "projected" && !strings.HasPrefix(volume, "kube-api-access-") {
				t.Errorf("the volume is named %q", volume)
			}
			token := r.podToken(p, kind, volume)
			claims := claimsOf(t, token)
			for _, want := range tt.claims {
				if !strings.Contains(claims, want) {
					t.Errorf("the token lacks the claim %s: %s", want, claims)
				}
			}
			for _, bad := range tt.lacks {
				if strings.Contains(claims, bad) {
					t.Errorf("the token has the claim %s: %s", bad, claims)
				}
			}
			if code, body := r.call(token, "GET", "/api", ""); code != 200 {
				t.Errorf("the pod's token is answered %d %s", code, body)
			}
			if !tt.auto && r.autoSecret("robot") != "" {
				t.Error("a Secret was made")
			}
		})
	}
}

// podToken reads a pod's token on disk.
func (r *running) podToken(p *corev1.Pod, kind, volume string) string {
	r.t.Helper()
	dir := filepath.Join(r.DataDir(), "nodes", p.Spec.NodeName, "pods", string(p.UID), "volumes", "kubernetes.io~"+kind, volume)
	for _, name := range []string{"ca.crt", "namespace"} {
		if b, err := os.ReadFile(filepath.Join(dir, name)); err != nil || len(b) == 0 {
			r.t.Errorf("%s is %q (%v)", name, b, err)
		}
	}
	return r.read(dir, "token")
}

// TestSecretsColumn: `kubectl get serviceaccounts` counted Secrets until 1.34 (ERA-50).
func TestSecretsColumn(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{"1.23": "Name,Secrets,Age", "1.34": "Name,Secrets,Age", "1.35": "Name,Age", "1.36": "Name,Age"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			r := start(t, kubemint.Config{EmulatedVersion: version})
			if version == "1.23" {
				eventually(t, "default has its Secret", func() bool { return r.autoSecret("default") != "" })
			}
			var table metav1.Table
			r.get("", "/api/v1/namespaces/default/serviceaccounts", &table, "Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
			var names []string
			for _, c := range table.ColumnDefinitions {
				names = append(names, c.Name)
			}
			if got := strings.Join(names, ","); got != want {
				t.Errorf("columns %s, want %s", got, want)
			}
			if len(names) == 3 {
				count := table.Rows[0].Cells[1]
				if expect := map[string]float64{"1.23": 1, "1.34": 0}[version]; count != expect {
					t.Errorf("the column shows %v, want %v", count, expect)
				}
			}
		})
	}
}

// TestVersionOfAnEra: /version says what is emulated.
func TestVersionOfAnEra(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{EmulatedVersion: "1.27"})
	v, err := r.Admin.Discovery().ServerVersion()
	if err != nil || v.Major != "1" || v.Minor != "27" || !strings.HasPrefix(v.GitVersion, "v1.27.") {
		t.Errorf("version %+v, %v", v, err)
	}
	for _, bad := range []kubemint.Config{{EmulatedVersion: "1.19"}, {EmulatedVersion: "1.37"}, {PodToken: "both"}} {
		if _, err := kubemint.New(bad); err == nil {
			t.Errorf("%+v was accepted", bad)
		}
	}
}
