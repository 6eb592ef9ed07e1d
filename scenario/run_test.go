package scenario_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/kubemint/kubemint"
	"github.com/kubemint/kubemint/internal/kubectl"
	"github.com/kubemint/kubemint/internal/remote"
	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/scenario"
)

func TestMain(m *testing.M) {
	kubectl.Intercept()
	os.Exit(m.Run())
}

// start runs a cluster in this process until the test ends.
func start(t *testing.T) *kubemint.Cluster {
	t.Helper()
	cluster, err := kubemint.New(kubemint.Config{Ephemeral: true, Listen: "127.0.0.1:0", Nodes: 1})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- cluster.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the cluster ended with %v", err)
		}
	})
	select {
	case <-cluster.Ready():
	case err := <-ended:
		ended <- nil
		t.Fatalf("the cluster ended: %v", err)
	case <-time.After(time.Minute):
		t.Fatal("the cluster did not get ready")
	}
	return cluster
}

// play runs a scenario on a fresh cluster; typed is what the person types, nil
// if nobody is there.
func play(t *testing.T, s *scenario.Scenario, typed []string, language say.Language) (string, error) {
	return playPatiently(t, s, typed, language, 0)
}

func playPatiently(t *testing.T, s *scenario.Scenario, typed []string, language say.Language, patience time.Duration) (string, error) {
	t.Helper()
	cluster := start(t)
	client, err := remote.Open(cluster.KubeconfigPath())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	var out bytes.Buffer
	screen := &scenario.Screen{Out: &out, Speaker: say.In(language)}
	if typed != nil {
		screen.In = strings.NewReader(strings.Join(typed, "\n") + "\n")
	}
	err = scenario.Run(t.Context(), scenario.Config{
		Scenario: s, Cluster: client, Kubeconfig: cluster.KubeconfigPath(), Screen: screen, Patience: patience,
		Kubemint: func(ctx context.Context, args ...string) *exec.Cmd {
			t.Errorf("the scenario runs kubemint %v", args)
			return exec.CommandContext(ctx, "false")
		},
	})
	return out.String(), err
}

func load(t *testing.T, name string) *scenario.Scenario {
	t.Helper()
	s, err := scenario.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A person at a terminal: mistakes are answered, a step is passed when it holds.
func TestLearner(t *testing.T) {
	t.Parallel()
	out, err := play(t, load(t, "default-account"), []string{
		"",                              // checked too early
		"ls",                            // not a command here
		"h",                             // a hint
		"kubectl get pods -n",           // the learner's own mistake
		"kubectl create namespace shop", // passes
		"",                              // on
		"3",                             // wrong choice
		"s",                             // show how
		"b", "", "",                     // read the first step again, come back, on
		"maybe", "401", // no answer, a wrong one
	}, say.English)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{
		"No namespace shop yet.",
		"Commands here begin with kubectl or kubemint.",
		"kubectl create namespace NAME makes one",
		"namespace/shop created",
		"You only asked for the pod.",
		"No, it is: as default of its namespace",
		"$ kubectl run web --image=nginx -n shop",
		"Answer with one of: 200, 401, 403",
		"403 Forbidden",
		"No, it is: 403",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("nothing says %q in\n%s", want, out)
		}
	}
	if n := strings.Count(out, "Step 1 of 3"); n != 2 {
		t.Errorf("the first step was shown %d times, want 2", n)
	}
}

func TestLeaving(t *testing.T) {
	t.Parallel()
	for _, typed := range [][]string{{"q"}, {}} {
		if _, err := play(t, load(t, "default-account"), typed, say.Korean); !errors.Is(err, scenario.ErrLeft) {
			t.Errorf("typing %q ends with %v, want ErrLeft", typed, err)
		}
	}
}

const claims = `
scenario: 1
name: claims
title: {en: Claims, ko: 주장}
files: {note.yaml: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: note}\ndata: {word: alpha}\n"}
steps:
- id: tokens
  text: {en: Tokens are kept, ko: 토큰을 보관한다}
  do:
  - {kubectl: create token default --duration=10m, to: vault/a}
  - {kubectl: create token default --duration=20m, to: vault/a}
  - {save: first, cel: 'vault("a@-1").exp - vault("a@-1").iat'}
  - {show: 'string(saved.first)'}
  - {as: vault/a@-1, call: GET /api/v1/pods}
  holds:
  - {status: 403}
  - {cel: saved.first == 600}
  - {token: vault/a, cel: claims.exp - claims.iat == 1200}
  - {can: list pods, sa: "default:default", is: "no"}
  - {object: configmap/note, gone: true, final: true}
- id: edit
  text: {en: Files are edited, ko: 파일을 고친다}
  do:
  - {edit: note.yaml, replace: {alpha: beta}}
  - {kubectl: apply --dry-run=server -o yaml -f note.yaml, expect: {says: [beta]}}
  - {kubectl: get configmap note, expect: {exit: 1, says: [NotFound]}}
%s`

func parse(t *testing.T, more string) *scenario.Scenario {
	t.Helper()
	s, err := scenario.Parse("claims.yaml", []byte(strings.Replace(claims, "%s", more, 1)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestClaimsAreCheckedAndSecretsAreNotShown(t *testing.T) {
	t.Parallel()
	out, err := play(t, parse(t, ""), nil, say.English)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if strings.Contains(out, "eyJhbGciOiJFUzI1NiIs") {
		t.Errorf("a token is on the screen:\n%s", out)
	}
	for _, want := range []string{"  600", "> a.token", "--as token/a.1.token"} {
		if !strings.Contains(out, want) {
			t.Errorf("nothing says %q in\n%s", want, out)
		}
	}
}

// A step that does not do what it says fails the run and is named.
func TestABrokenClaimFails(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ more, want string }{
		"status": {"- id: x\n  text: {en: x, ko: 가}\n  do: [{call: GET /api/v1/pods}]\n  holds: [{status: 403}]", `step "x" did not do what it says: the answer is 200, not 403`},
		"exit":   {"- id: x\n  text: {en: x, ko: 가}\n  do: [kubectl get pod none]", "was to end with 0 and ended with 1"},
		"text":   {"- id: x\n  text: {en: x, ko: 가}\n  do: [{kubectl: get ns -o name, expect: {says: [nowhere]}}]", `was to say "nowhere"`},
		"final":  {"- id: x\n  text: {en: x, ko: 가}\n  do: [kubectl apply -f note.yaml]", "at the end something no longer holds"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := playPatiently(t, parse(t, test.more), nil, say.English, 500*time.Millisecond)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the run ends with %v, want %q", err, test.want)
			}
		})
	}
}
