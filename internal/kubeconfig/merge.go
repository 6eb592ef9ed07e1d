package kubeconfig

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// ErrForeign is returned instead of replacing or removing an entry of the same
// name that kubemint did not write.
var ErrForeign = errors.New("entry was not written by kubemint")

// Merge adds the access to a kubeconfig file, which is made if it is missing.
// The file's current context stays as it is unless makeCurrent is set (or the
// file has none). An entry of the same name is replaced if it is kubemint's,
// otherwise the error is ErrForeign and the file stays as it was.
func Merge(path string, a Access, makeCurrent bool) error {
	addition, err := a.Config()
	if err != nil {
		return err
	}
	config, err := load(path)
	if err != nil {
		return err
	}
	name := addition.CurrentContext
	user := addition.Contexts[name].AuthInfo
	if existing, ok := config.Clusters[name]; ok && !marked(existing) {
		return fmt.Errorf("merging into %s: cluster %q: %w", path, name, ErrForeign)
	}
	if existing, ok := config.Contexts[name]; ok && existing.Cluster != name {
		return fmt.Errorf("merging into %s: context %q: %w", path, name, ErrForeign)
	}
	if _, ok := config.AuthInfos[user]; ok && config.Clusters[name] == nil {
		return fmt.Errorf("merging into %s: user %q: %w", path, user, ErrForeign)
	}
	config.Clusters[name] = addition.Clusters[name]
	config.AuthInfos[user] = addition.AuthInfos[user]
	config.Contexts[name] = addition.Contexts[name]
	if makeCurrent || config.CurrentContext == "" {
		config.CurrentContext = name
	}
	return save(path, config)
}

// Remove takes every cluster that kubemint wrote out of a kubeconfig file,
// with the contexts that lead there and the users that only those name. It
// returns the names of the clusters removed. A missing file has none.
func Remove(path string) ([]string, error) {
	config, err := load(path)
	if err != nil {
		return nil, err
	}
	var removed []string
	for name, cluster := range config.Clusters {
		if !marked(cluster) {
			continue
		}
		removed = append(removed, name)
		delete(config.Clusters, name)
		for contextName, context := range config.Contexts {
			if context.Cluster != name {
				continue
			}
			delete(config.Contexts, contextName)
			if config.CurrentContext == contextName {
				config.CurrentContext = ""
			}
			if !named(config, context.AuthInfo) {
				delete(config.AuthInfos, context.AuthInfo)
			}
		}
	}
	if len(removed) == 0 {
		return nil, nil
	}
	return removed, save(path, config)
}

func named(config *clientcmdapi.Config, user string) bool {
	for _, context := range config.Contexts {
		if context.AuthInfo == user {
			return true
		}
	}
	return false
}

// Ours reports whether a file is a kubeconfig of nothing but kubemint's clusters,
// so that nothing is lost if it is written anew.
func Ours(path string) (bool, error) {
	config, err := clientcmd.LoadFromFile(path)
	if err != nil {
		return false, err
	}
	for _, cluster := range config.Clusters {
		if !marked(cluster) {
			return false, nil
		}
	}
	return len(config.Clusters) > 0, nil
}

func marked(cluster *clientcmdapi.Cluster) bool {
	_, ok := cluster.Extensions[Extension]
	return ok
}

func load(path string) (*clientcmdapi.Config, error) {
	config, err := clientcmd.LoadFromFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return clientcmdapi.NewConfig(), nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading kubeconfig %s: %w", path, err)
	}
	return config, nil
}

func save(path string, config *clientcmdapi.Config) error {
	content, err := clientcmd.Write(*config)
	if err != nil {
		return fmt.Errorf("writing kubeconfig %s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("writing kubeconfig %s: %w", path, err)
	}
	return writeFile(path, content)
}
