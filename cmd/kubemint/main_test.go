package main

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kubemint/kubemint"
	"github.com/kubemint/kubemint/internal/kubectl"
	"github.com/kubemint/kubemint/internal/pidfile"
	"github.com/kubemint/kubemint/internal/process"
	"github.com/kubemint/kubemint/internal/remote"
	"github.com/kubemint/kubemint/internal/say"

	"github.com/rogpeppe/go-internal/testscript"
)

// patience is how long a test waits, in wall time, for another goroutine or process. Nothing that passes waits so long.
const patience = 3 * time.Minute

// The test binary is kubemint and kubectl as well, by the name it is called.
func TestMain(m *testing.M) {
	kubectl.Intercept()
	testscript.Main(m, map[string]func(){"kubemint": main, "kubectl": main})
}

// Each file of testdata/script is a session at a terminal. Beside testscript's
// own commands there are
//
//	cluster [key=value...]   starts a cluster in $KUBEMINT_DATA_DIR, stopped when the script ends
//	ready                    waits for a cluster that the script started, and sets $ADDRESS to its host:port
//	lines N                  the last output has at least N lines
//	narrow                   no line of the last output is wider than 80 columns
func TestScripts(t *testing.T) {
	t.Parallel()
	if raced {
		buildUnraced(t)
	}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			data := filepath.Join(env.WorkDir, "data")
			env.Setenv("KUBEMINT_DATA_DIR", data)
			env.Defer(func() { stopBehind(data) })
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"cluster": startCluster,
			"lines":   atLeastLines,
			"narrow":  narrow,
			"ready":   awaitReady,
		},
	})
}

// buildUnraced puts a program without the race detector in the place of this test binary, which takes seconds to start with it: a script is
// one command after the other, and their cluster, which is not, stays in this process. Without a go command the scripts are only slower.
func buildUnraced(t *testing.T) {
	t.Helper()
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Log(err)
		return
	}
	file := filepath.Join(t.TempDir(), "kubemint.exe") // a name that every system runs
	if out, err := exec.CommandContext(t.Context(), tool, "build", "-race=false", "-ldflags=-s -w", "-o", file, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range []string{"kubemint", "kubectl"} {
		place, err := exec.LookPath(name) // testscript.Main has put its directory before all others
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.Remove(place), os.Link(file, place)); err != nil {
			t.Fatal(err)
		}
	}
}

// startCluster runs a cluster inside the test's own process.
func startCluster(ts *testscript.TestScript, neg bool, args []string) {
	c := kubemint.Config{DataDir: ts.Getenv("KUBEMINT_DATA_DIR"), Listen: "127.0.0.1:0", Nodes: 1, Ephemeral: true, Kubectl: kubectl.Confined}
	for _, arg := range args {
		key, value, _ := strings.Cut(arg, "=")
		switch key {
		case "start":
			start, err := time.Parse(time.RFC3339, value)
			ts.Check(err)
			c.Start = start
		case "tokens":
			c.TokenAuthFile = ts.MkAbs(value)
		case "nodes":
			c.Nodes = len(value) // nodes=xx: two
		default:
			ts.Fatalf("cluster knows start, tokens and nodes, not %s", key)
		}
	}
	cluster, err := kubemint.New(c)
	ts.Check(err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- cluster.Run(ctx) }()
	ts.Defer(func() {
		cancel()
		<-ended
	})
	select {
	case <-cluster.Ready():
	case err := <-ended:
		ended <- err
		ts.Fatalf("the cluster ended: %v", err)
	case <-time.After(patience):
		ts.Fatalf("the cluster did not get ready")
	}
}

// stopBehind stops a cluster that a script left running behind. It does not run
// the program in this process: a program is one per process (cobra has a global
// switch), and scripts end at the same time.
func stopBehind(data string) {
	pid, held, err := pidfile.Owner(pidPath(data))
	if err != nil || !held {
		return
	}
	found, err := os.FindProcess(pid)
	if err != nil || process.Stop(found) != nil {
		return
	}
	for end := time.Now().Add(patience); held && time.Now().Before(end); time.Sleep(20 * time.Millisecond) { // between two looks at another process
		_, held, _ = pidfile.Owner(pidPath(data))
	}
}

// awaitReady polls; the cluster is in a process of its own.
func awaitReady(ts *testscript.TestScript, neg bool, args []string) {
	file := filepath.Join(ts.Getenv("KUBEMINT_DATA_DIR"), "admin.kubeconfig")
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) { // between two looks at another process
		if client, err := remote.Open(file); err == nil {
			answer, err := client.Call(context.Background(), "GET", "/api/v1/namespaces/default/serviceaccounts/default", nil)
			client.Close()
			if err == nil && answer.Status == 200 {
				ts.Setenv("ADDRESS", strings.TrimPrefix(client.Access().Server, "https://"))
				return
			}
		}
	}
	ts.Fatalf("the cluster did not get ready")
}

func atLeastLines(ts *testscript.TestScript, neg bool, args []string) {
	want := 0
	for _, digit := range args[0] {
		want = 10*want + int(digit-'0')
	}
	if got := strings.Count(ts.ReadFile("stdout"), "\n"); (got >= want) == neg {
		ts.Fatalf("%d lines, want at least %d", got, want)
	}
}

func narrow(ts *testscript.TestScript, neg bool, args []string) {
	scanner := bufio.NewScanner(strings.NewReader(ts.ReadFile("stdout")))
	for scanner.Scan() {
		line := scanner.Text()
		// What kubectl prints and where directories are is not ours to break.
		if strings.Contains(line, string(os.PathSeparator)) {
			continue
		}
		if say.Width(line) > 80 {
			ts.Fatalf("this line is %d columns wide:\n%s", say.Width(line), line)
		}
	}
}
