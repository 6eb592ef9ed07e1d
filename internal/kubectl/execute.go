package kubectl

import (
	goflag "flag"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	cliflag "k8s.io/component-base/cli/flag"
	"k8s.io/klog/v2"
)

// execute runs the command as kubectl's own main function does: with the flags
// of its log, and usage only for errors in flags. It stands in for
// k8s.io/component-base/cli, which would link that project's metrics.
func execute(command *cobra.Command) error {
	defer klog.Flush()
	command.SetGlobalNormalizationFunc(cliflag.WordSepNormalizeFunc)
	command.SilenceErrors = true
	if !command.SilenceUsage {
		command.SilenceUsage = true
		command.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
			c.SilenceUsage = false
			return err
		})
	}
	addLogFlags(command.PersistentFlags())
	return command.Execute()
}

// addLogFlags adds the flags of klog that kubectl shows: -v and --vmodule, and
// how often the log is flushed.
func addLogFlags(flags *pflag.FlagSet) {
	all := goflag.NewFlagSet("klog", goflag.ContinueOnError)
	klog.InitFlags(all)
	all.VisitAll(func(f *goflag.Flag) {
		switch f.Name {
		case "v":
			flag := pflag.PFlagFromGoFlag(f)
			flag.Shorthand, flag.Usage = "v", "number for the log level verbosity"
			flags.AddFlag(flag)
		case "vmodule":
			flag := pflag.PFlagFromGoFlag(f)
			flag.Usage += " (only works for the default text log format)"
			flags.AddFlag(flag)
		}
	})
	flags.Duration("log-flush-frequency", 5*time.Second, "Maximum number of seconds between log flushes")
	klog.StartFlushDaemon(5 * time.Second)
}
