package kubemint_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kubemint/kubemint"
)

// outside finds the kubectls of this machine: those that KUBEMINT_KUBECTLS lists, or the one in PATH.
func outside(t *testing.T) []string {
	t.Helper()
	if list := os.Getenv("KUBEMINT_KUBECTLS"); list != "" {
		return filepath.SplitList(list)
	}
	found, err := exec.LookPath("kubectl")
	if err != nil {
		t.Skip("there is no kubectl on this machine")
	}
	return []string{found}
}

// TestAKubectlFromOutside: the commands that change things print what they print at a real cluster, whatever the client's minor.
func TestAKubectlFromOutside(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("many processes")
	}
	for _, program := range outside(t) {
		t.Run(filepath.Base(program), func(t *testing.T) {
			t.Parallel()
			r := start(t, kubemint.Config{Nodes: 1})
			session{t: t, program: program, kubeconfig: r.KubeconfigPath(), dir: t.TempDir()}.run()
		})
	}
}

// session is one kubectl and the files it works on.
type session struct {
	t                        *testing.T
	program, kubeconfig, dir string
}

// kubectl runs one command, a line of words without quotes, in which a word with {{space}} holds one.
func (s session) kubectl(line, input string) (out string, code int) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	args := strings.Fields(line)
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "{{space}}", " ")
	}
	c := exec.CommandContext(ctx, s.program, args...)
	c.Dir = s.dir
	c.Env = []string{"HOME=" + s.dir, "PATH=" + os.Getenv("PATH"), "KUBECONFIG=" + s.kubeconfig, "KUBE_EDITOR=sed -i s/colour:.red/colour:\\ blue/"}
	c.Stdin = strings.NewReader(input)
	var both bytes.Buffer
	c.Stdout, c.Stderr = &both, &both
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatalf("kubectl %s: %v", line, err)
	}
	return both.String(), c.ProcessState.ExitCode()
}

const coloured = `# the client takes what begins with a brace for JSON
{apiVersion: v1, kind: ConfigMap, metadata: {name: colours, labels: {app: paint}}, data: {colour: red}}`

const readers = `# likewise
{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: readers, namespace: default}, rules: [{apiGroups: [""], resources: [pods], verbs: [get, list]}]}`

const signing = `# likewise
{apiVersion: certificates.k8s.io/v1, kind: CertificateSigningRequest, metadata: {name: jane}, spec: {signerName: kubernetes.io/kube-apiserver-client, usages: [client auth], request: REQUEST}}`

func (s session) run() {
	csr := samples(s.t)
	request := ""
	for kind, sample := range csr {
		if kind.Kind == "CertificateSigningRequest" {
			request = sample.Object["spec"].(map[string]any)["request"].(string)
		}
	}
	for _, step := range []struct {
		line, input string
		want        string // a regular expression of the whole output, without the spaces around it
		code        int
	}{
		{line: "create deployment web --image=nginx --replicas=2 --port=80", want: `deployment.apps/web created`},
		{line: "rollout status deployment/web --timeout=50s", want: `(?s).*deployment "web" successfully rolled out`},
		{line: "wait --for=condition=Available deployment/web --timeout=50s", want: `deployment.apps/web condition met`},
		{line: "expose deployment web --port=80 --target-port=8080", want: `service/web exposed`},
		{line: "autoscale deployment web --min=2 --max=5 --cpu-percent=80", want: `(?s)(.*deprecated.*)?horizontalpodautoscaler.autoscaling/web autoscaled`},
		{line: "get hpa --no-headers", want: `web +Deployment/web +cpu: <unknown>/80% +2 +5 +0 +\S+`},
		{line: "scale deployment web --replicas=1 --current-replicas=2", want: `deployment.apps/web scaled`},
		{line: "scale deployment web --replicas=1 --current-replicas=2", want: `(?i)error: expected replicas to be 2, was 1`, code: 1},
		{line: "set image deployment/web nginx=nginx:1.27", want: `deployment.apps/web image updated`},
		{line: "rollout undo deployment/web", want: `deployment.apps/web rolled back`},
		{line: "rollout history deployment/web", want: `(?s)deployment.apps/web\s+REVISION +CHANGE-CAUSE\s+2 +<none>\s+3 +<none>`},
		{line: "label deployment web tier=a", want: `deployment.apps/web labeled`},
		{line: "label deployment web tier=b", want: `error: 'tier' already has a value \(a\), and --overwrite is false`, code: 1},
		{line: "annotate deployment web note=1", want: `deployment.apps/web annotated`},
		{line: "get deployment web -o jsonpath={.spec.replicas}:{.metadata.labels.tier}:{.metadata.annotations.note}", want: `1:a:1`},
		{line: "get deployment web -o go-template={{.kind}}", want: `Deployment`},
		{line: "get service -o custom-columns=NAME:.metadata.name,PORT:.spec.ports[0].targetPort", want: `NAME +PORT\nkubernetes +\d+\nweb +8080`},

		{line: "apply -f -", input: coloured, want: `configmap/colours created`},
		{line: "apply -f -", input: coloured, want: `configmap/colours unchanged`},
		{line: "diff -f -", input: strings.Replace(coloured, "red", "green", 1), want: `(?s).*\n-  colour: red\n\+  colour: green\n.*`, code: 1},
		{line: "edit configmap colours", want: `configmap/colours edited`},
		{line: "edit configmap colours", want: `Edit cancelled, no changes made.`},
		{line: "replace --save-config -f -", input: strings.Replace(coloured, "red", "green", 1), want: `configmap/colours replaced`},
		{line: "apply --prune -l app=paint --prune-allowlist=core/v1/ConfigMap -f -", input: strings.Replace(coloured, "colours", "shades", 1), want: `configmap/shades created\nconfigmap/colours pruned`},
		{line: "apply --server-side -f -", input: strings.Replace(coloured, "colours", "tones", 1), want: `configmap/tones serverside-applied`},
		{line: "apply --server-side --field-manager=other -f -", input: strings.Replace(strings.Replace(coloured, "colours", "tones", 1), "red", "green", 1), code: 1,
			want: `(?s)error: Apply failed with 1 conflict: conflict with "kubectl": \.data\.colour\n.*`},
		{line: "apply -f -", input: strings.Replace(coloured, ", data:", ", dates:", 1), code: 1,
			want: `(?s).*strict decoding error: unknown field "dates".*`},

		{line: "auth reconcile -f -", input: readers, want: `(?s)role.rbac.authorization.k8s.io/readers reconciled.*`},
		{line: "auth reconcile -f -", input: strings.Replace(readers, "list", "watch", 1), want: `(?s)role.rbac.authorization.k8s.io/readers reconciled\n\treconciliation required update\n\tmissing rules added:\n.*`},
		{line: "create rolebinding readers --role=readers --serviceaccount=default:default", want: `rolebinding.rbac.authorization.k8s.io/readers created`},
		{line: "auth can-i watch pods --as=system:serviceaccount:default:default", want: `yes`},
		{line: "auth can-i delete pods --as=system:serviceaccount:default:default", want: `no`, code: 1},
		{line: "auth can-i --list --as=system:serviceaccount:default:default", want: `(?s)Resources +Non-Resource URLs +Resource Names +Verbs\n.*\npods +\[\] +\[\] +\[get list watch\]\n.*`},
		{line: "apply -f -", input: strings.Replace(signing, "REQUEST", request, 1), want: `certificatesigningrequest.certificates.k8s.io/jane created`},
		{line: "certificate approve jane", want: `certificatesigningrequest.certificates.k8s.io/jane approved`},
		{line: "wait --for=jsonpath={.status.certificate} csr/jane --timeout=50s", want: `certificatesigningrequest.certificates.k8s.io/jane condition met`},

		{line: "taint node node-1 k=v:NoSchedule", want: `node/node-1 tainted`},
		{line: "taint node node-1 k-", want: `node/node-1 untainted`},
		{line: "drain node-1 --ignore-daemonsets --timeout=50s", want: `(?s)node/node-1 cordoned\nevicting pod default/web-\S+\n.*node/node-1 drained`},
		{line: "get node node-1 --no-headers", want: `node-1 +Ready,SchedulingDisabled +<none> +\S+ +v1\.\S+`},
		{line: "uncordon node-1", want: `node/node-1 uncordoned`},
		{line: "top nodes", want: `error: Metrics API not available`, code: 1},
		{line: "explain hpa.spec.maxReplicas --api-version=autoscaling/v1", want: `(?s)GROUP: +autoscaling\nKIND: +HorizontalPodAutoscaler\nVERSION: +v1\n\nFIELD: maxReplicas <integer>.*`},
		{line: "delete deployment,service,hpa web", want: `deployment.apps "web" deleted.*\nservice "web" deleted.*\nhorizontalpodautoscaler.autoscaling "web" deleted.*`},
		{line: "get pods nothing", want: `Error from server \(NotFound\): pods "nothing" not found`, code: 1},
		{line: "get things", want: `error: the server doesn't have a resource type "things"`, code: 1},
	} {
		out, code := s.kubectl(step.line, step.input)
		if code != step.code || !regexp.MustCompile(`^(?:`+step.want+`)$`).MatchString(withoutSkew(out)) {
			s.t.Errorf("kubectl %s\n%s\nexit code %d, want %d and %s", step.line, out, code, step.code, step.want)
		}
	}
}

// withoutSkew leaves out what a client says of its own age.
func withoutSkew(out string) string {
	lines := slices.DeleteFunc(strings.Split(strings.TrimSpace(out), "\n"), func(l string) bool { return strings.Contains(l, "version skew") })
	return strings.Join(lines, "\n")
}
