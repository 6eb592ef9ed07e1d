// Package kubectl is the one door to k8s.io/kubectl, the client that kubemint
// carries inside.
//
// # Basics
//
// kubectl as a library belongs in a process that is nothing else: it exits on
// its own, keeps global state and reads the environment. [Main] is for such a
// process. Everybody else runs this same program again through [Command]; the
// program recognises itself by [Intercept], which main and the TestMain of a
// test binary call before anything else.
//
// # Whose cluster
//
// A learner must never hit a real cluster by mistake. So KUBECONFIG counts only
// if the cluster of the chosen context was written by kubemint, which the
// extension [kubeconfig.Extension] of its entry tells. --kubeconfig always
// counts: who types it means it.
//
// # Caveats
//
// Main changes the environment of its process and may end it.
package kubectl

import (
	"context"
	"net"
	"net/http"
	"os"
	"runtime"

	_ "github.com/kubemint/kubemint/internal/kubectl/quiet" // before the first text is asked for

	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/rest"
	"k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/plugin"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"
)

// Options say which cluster the embedded kubectl talks to.
type Options struct {
	// Args are the words after "kubectl".
	Args []string
	// Kubeconfig is the file to use unless Args or Environment name another:
	// the admin.kubeconfig of the data directory.
	Kubeconfig string
	// Environment is the value of KUBECONFIG: one path, or several in the
	// system's list form.
	Environment string
	// CacheDir keeps the discovery and OpenAPI documents of clusters between
	// runs. Empty: where kubectl keeps them itself.
	CacheDir string
	// Ignored is told the value of Environment if it names a cluster that is
	// not kubemint's and is therefore left aside. It may be nil.
	Ignored func(environment string)
	// Failed is called before the process ends with a code other than 0. It may
	// be nil.
	Failed func()
}

// Main runs kubectl on the standard streams and returns its exit code, or ends
// the process itself, as some of kubectl's commands do.
func Main(o Options) int {
	use, ignored := choose(o.Args, o.Kubeconfig, o.Environment)
	if ignored && o.Ignored != nil {
		o.Ignored(o.Environment)
	}
	if use != "" {
		// The library reads the variable in several places (configuration,
		// `config`, plug-ins), hence the variable and not a flag.
		os.Setenv("KUBECONFIG", use)
	}
	if o.CacheDir != "" {
		os.Setenv("KUBECACHEDIR", o.CacheDir)
	}
	if o.Failed != nil {
		cmdutil.BehaviorOnFatal(func(text string, code int) {
			if text != "" {
				os.Stderr.WriteString(ensureNewline(text))
			}
			if code != 0 {
				o.Failed()
			}
			os.Exit(code)
		})
	}
	var nowhere func()
	if _, err := os.Stat(os.Getenv("KUBECONFIG")); err != nil && use == o.Kubeconfig && o.Failed != nil {
		nowhere = func() {
			o.Failed()
			os.Exit(1)
		}
	}
	return run(o.Args, surroundings{nowhere: nowhere})
}

// surroundings are what a run of kubectl finds around it.
type surroundings struct {
	// nowhere: there is no cluster to talk to. It is called, and does not return, when
	// a command wants to all the same; commands that need no server do their work.
	nowhere func()
	// dial makes its connections. Nil: those of the system.
	dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// run is the main function of the kubectl command.
func run(args []string, around surroundings) int {
	os.Args = append([]string{"kubectl"}, args...)
	dynamicGitVersion.Store(Version)

	streams := genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr}
	flags := genericclioptions.NewConfigFlags(true)
	if !anonymous(args, os.Getenv("KUBECONFIG")) {
		// With this flag kubectl asks whoever has no credential for a name and
		// a password.
		flags = flags.WithDeprecatedPasswordFlag()
	}
	flags = flags.WithDiscoveryBurst(300).
		WithDiscoveryQPS(50).
		WithWarningPrinter(streams).
		WithWrapConfigFn(func(c *rest.Config) *rest.Config {
			c.UserAgent = userAgent()
			// A learner's commands are few and come from one machine: no
			// request waits for a budget.
			c.QPS = -1
			c.Dial = around.dial
			c.Wrap(func(next http.RoundTripper) http.RoundTripper {
				if around.nowhere != nil {
					return stop(around.nowhere)
				}
				return shiftAges(args, next)
			})
			return c
		})
	command := cmd.NewDefaultKubectlCommandWithArgs(cmd.KubectlOptions{
		PluginHandler: cmd.NewDefaultPluginHandler(plugin.ValidPluginFilenamePrefixes),
		Arguments:     os.Args,
		ConfigFlags:   flags,
		IOStreams:     streams,
	})
	if err := execute(command); err != nil {
		cmdutil.CheckErr(err)
	}
	return 0
}

// stop is a transport to nowhere.
type stop func()

func (s stop) RoundTrip(*http.Request) (*http.Response, error) {
	s()
	return nil, http.ErrServerClosed // not reached
}

// userAgent is what a released kubectl calls itself; the library would say
// "v0.0.0", because its version is set by the release build.
func userAgent() string {
	return "kubectl/" + Version + " (" + runtime.GOOS + "/" + runtime.GOARCH + ") kubemint"
}

func ensureNewline(s string) string {
	if s[len(s)-1] == '\n' {
		return s
	}
	return s + "\n"
}
