package kubectl

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// childVariable marks a process that [Command] started: it is kubectl and
// nothing else.
const childVariable = "KUBEMINT_EXEC"

// Command prepares to run kubectl in a process of its own, which is this
// program again. It talks to the cluster of the given kubeconfig file, whatever
// the environment says, keeps its cache beside that file (set KUBECACHEDIR in
// Env for another place), and sees no preferences of the user's own. Streams,
// directory and further variables are the caller's to set.
func Command(ctx context.Context, kubeconfig string, args ...string) *exec.Cmd {
	self, err := os.Executable()
	command := exec.CommandContext(ctx, self, args...)
	if err != nil {
		command.Err = err
	}
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, "KUBE") {
			command.Env = append(command.Env, variable)
		}
	}
	command.Env = append(command.Env,
		childVariable+"=kubectl",
		"KUBECONFIG="+kubeconfig,
		"KUBECACHEDIR="+filepath.Join(filepath.Dir(kubeconfig), "kubectl-cache"),
		"KUBECTL_KUBERC=false",
	)
	return command
}

// Intercept turns the process into kubectl, and does not return, if [Command] or
// [Confined] started it. Otherwise it does nothing. It comes first in main and in
// the TestMain of each test binary that uses either.
func Intercept() {
	switch os.Getenv(childVariable) {
	case "kubectl":
		// What kubectl starts in turn (an editor, a plug-in, a credential helper
		// that is kubemint) is not kubectl.
		os.Unsetenv(childVariable)
		os.Exit(run(os.Args[1:], surroundings{}))
	case confinedChild:
		if confine() != nil {
			os.Exit(1)
		}
		way, known := os.Getenv(wayVariable), os.Getenv(namesVariable)
		for _, name := range []string{childVariable, wayVariable, namesVariable} {
			os.Unsetenv(name)
		}
		os.Exit(run(os.Args[1:], surroundings{dial: dialer(way, known)}))
	}
}
