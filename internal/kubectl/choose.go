package kubectl

import (
	"path/filepath"
	"strings"

	"github.com/kubemint/kubemint/internal/kubeconfig"

	"k8s.io/client-go/tools/clientcmd"
)

// choose returns the value that KUBECONFIG is to have (empty: as it is) and
// whether the environment's own value was left aside.
func choose(args []string, own, environment string) (use string, ignored bool) {
	if flag(args, "kubeconfig") != "" {
		return "", false
	}
	if environment == "" {
		return own, false
	}
	if ours(environment, flag(args, "context"), flag(args, "cluster")) {
		return "", false
	}
	return own, true
}

// ours reports whether the cluster that the given context (empty: the current
// one) of a kubeconfig leads to was written by kubemint.
func ours(environment, context, cluster string) bool {
	rules := clientcmd.ClientConfigLoadingRules{Precedence: filepath.SplitList(environment)}
	config, err := rules.Load()
	if err != nil {
		return false
	}
	if context == "" {
		context = config.CurrentContext
	}
	if cluster == "" {
		chosen, ok := config.Contexts[context]
		if !ok {
			return false
		}
		cluster = chosen.Cluster
	}
	entry, ok := config.Clusters[cluster]
	if !ok {
		return false
	}
	_, ok = entry.Extensions[kubeconfig.Extension]
	return ok
}

// anonymous reports whether kubectl is to be nobody: the chosen cluster is ours
// and the user entry beside it holds no credential.
func anonymous(args []string, environment string) bool {
	if flag(args, "kubeconfig") != "" {
		environment = flag(args, "kubeconfig")
	}
	context := flag(args, "context")
	if !ours(environment, context, flag(args, "cluster")) {
		return false
	}
	config, err := (&clientcmd.ClientConfigLoadingRules{Precedence: filepath.SplitList(environment)}).Load()
	if err != nil {
		return false
	}
	if context == "" {
		context = config.CurrentContext
	}
	chosen, ok := config.Contexts[context]
	if !ok {
		return false
	}
	user := config.AuthInfos[chosen.AuthInfo]
	return user != nil && len(user.ClientCertificateData) == 0 && user.ClientCertificate == "" &&
		user.Token == "" && user.TokenFile == "" && user.Exec == nil && user.AuthProvider == nil && user.Username == ""
}

// flag returns the value of a long flag that takes one, the last if it is given
// several times, as the flag parser would see it. Words after "--" belong to
// somebody else (`kubectl exec pod -- program --context x`).
func flag(args []string, name string) string {
	value := ""
	for i := 0; i < len(args); i++ {
		if args[i] == "--" {
			break
		}
		if args[i] == "--"+name && i+1 < len(args) {
			i++
			value = args[i]
		} else if v, ok := strings.CutPrefix(args[i], "--"+name+"="); ok {
			value = v
		}
	}
	return value
}
