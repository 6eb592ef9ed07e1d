// Package kubeconfig makes the files that tell kubectl and other clients how to
// reach a cluster and who they are.
//
// Every file made here marks its cluster entry with [Extension], so that the
// bundled kubectl can tell kubemint's clusters from others. A file holds exactly
// one identity: a certificate or a token, never both, because with both the
// certificate silently wins. Files are written for their owner alone (0600), by
// a rename, so that no reader sees half a file.
package kubeconfig

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// Extension is the name under which a cluster entry says that it is kubemint's.
const Extension = "kubemint.dev/cluster"

// Access is one way into one cluster.
type Access struct {
	// Name of the cluster and context entries. Empty: kubemint.
	Name string
	// User is the name of the user entry. Empty: kubemint-admin.
	User string
	// Server is the URL of the API server.
	Server string
	// CA holds the certificates (PEM) that vouch for the server.
	CA []byte
	// Namespace is the one meant when a command names none. Empty: default.
	Namespace string
	// DataDir is kept in the extension: whose cluster this is. Empty for an
	// ephemeral one.
	DataDir string

	// At most one of the following four identities is set. None: anonymous.

	// Certificate and Key (PEM) are a client certificate.
	Certificate, Key []byte
	// Token is sent as the bearer token.
	Token string
	// TokenFile is read again and again, as a program in a pod does.
	TokenFile string
	// Exec is a command that prints a token (client.authentication.k8s.io/v1) and is
	// asked again when that ends.
	Exec []string
}

// Config returns the access as a kubeconfig value.
func (a Access) Config() (*clientcmdapi.Config, error) {
	if err := a.oneIdentity(); err != nil {
		return nil, err
	}
	name, user := a.Name, a.User
	if name == "" {
		name = "kubemint"
	}
	if user == "" {
		user = "kubemint-admin"
	}
	mark, err := json.Marshal(map[string]string{"dataDir": a.DataDir})
	if err != nil {
		return nil, fmt.Errorf("kubeconfig for %s: %w", a.Server, err)
	}
	config := clientcmdapi.NewConfig()
	config.Clusters[name] = &clientcmdapi.Cluster{
		Server:                   a.Server,
		CertificateAuthorityData: a.CA,
		Extensions: map[string]runtime.Object{
			Extension: &runtime.Unknown{Raw: mark, ContentType: runtime.ContentTypeJSON},
		},
	}
	config.AuthInfos[user] = &clientcmdapi.AuthInfo{
		ClientCertificateData: a.Certificate,
		ClientKeyData:         a.Key,
		Token:                 a.Token,
		TokenFile:             a.TokenFile,
	}
	if len(a.Exec) > 0 {
		config.AuthInfos[user].Exec = &clientcmdapi.ExecConfig{
			APIVersion: "client.authentication.k8s.io/v1", Command: a.Exec[0], Args: a.Exec[1:],
			InteractiveMode: clientcmdapi.NeverExecInteractiveMode,
		}
	}
	config.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: user, Namespace: a.Namespace}
	config.CurrentContext = name
	return config, nil
}

func (a Access) oneIdentity() error {
	n := 0
	if len(a.Certificate) > 0 {
		n++
	}
	if a.Token != "" {
		n++
	}
	if a.TokenFile != "" {
		n++
	}
	if len(a.Exec) > 0 {
		n++
	}
	if n > 1 {
		return errors.New("kubeconfig with several identities: one certificate, one token, one token file or one command")
	}
	return nil
}

// Bytes returns the access as a kubeconfig file (YAML).
func (a Access) Bytes() ([]byte, error) {
	config, err := a.Config()
	if err != nil {
		return nil, err
	}
	return clientcmd.Write(*config)
}

// Write writes the access to a file with mode 0600.
func (a Access) Write(path string) error {
	content, err := a.Bytes()
	if err != nil {
		return err
	}
	return writeFile(path, content)
}

func writeFile(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".kubeconfig-*") // made with mode 0600
	if err != nil {
		return fmt.Errorf("writing kubeconfig %s: %w", path, err)
	}
	_, err = f.Write(content)
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("writing kubeconfig %s: %w", path, err)
	}
	return nil
}
