package tools

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"path"
	"strings"

	"github.com/kubemint/kubemint/kubelet/shell/podctl"
)

// Kubectl is one run of kubectl, as a container asks its node for it.
type Kubectl struct {
	Args []string
	// Server is where the API server is, Token who the container is there, CA what vouches for the
	// server. Without a server kubectl finds no configuration at all.
	Server, Token, Namespace string
	CA                       []byte
	Input                    []byte `json:",omitempty"`
}

// Where a pod's account is mounted.
const accountDir = "/var/run/secrets/kubernetes.io/serviceaccount"

const (
	maxManifests  = 4 << 20 // bytes of all files of -f together
	maxManifestsN = 500     // and how many
)

// kubectl is the real one, which runs outside of the container. The mounted token is read anew each
// time, so that a refreshed one counts.
func kubectl(ctx context.Context, c *Call) int {
	r, err := podctl.Parse(c.Args[1:])
	if err != nil {
		return c.fail("%v", err)
	}
	if c.Getenv("KUBECONFIG") != "" {
		return c.fail("KUBECONFIG is not read in a simulated container: it is the mounted token that counts")
	}
	k := Kubectl{Args: r.Words}
	c.account(&k)
	if len(r.Files) > 0 {
		m := manifests{call: c, deep: r.Recursive}
		for _, name := range r.Files {
			if err := m.add(name); err != nil {
				fmt.Fprintf(c.Err, "error: %v\n", err)
				return 1
			}
		}
		k.Input = m.text()
	}
	code, err := c.Host.Kubectl(ctx, k, c.Out, c.Err)
	if ctx.Err() != nil {
		return 137
	}
	if err != nil {
		return c.fail("%v", err)
	}
	return code
}

// account is what client-go finds in a cluster: the server by two variables, the rest in three files.
func (c *Call) account(k *Kubectl) {
	host, port := c.Getenv("KUBERNETES_SERVICE_HOST"), c.Getenv("KUBERNETES_SERVICE_PORT")
	token, err := c.FS.ReadFile(accountDir+"/token", maxRead)
	if host == "" || port == "" || err != nil {
		return
	}
	k.Server, k.Token = "https://"+net.JoinHostPort(host, port), strings.TrimSpace(string(token))
	if ca, err := c.FS.ReadFile(accountDir+"/ca.crt", maxRead); err == nil {
		k.CA = ca
	}
	k.Namespace = c.Getenv("POD_NAMESPACE")
	if ns, err := c.FS.ReadFile(accountDir+"/namespace", 256); err == nil && k.Namespace == "" {
		k.Namespace = strings.TrimSpace(string(ns))
	}
}

// manifests collects what -f names.
type manifests struct {
	call *Call
	deep bool
	all  [][]byte
	size int
}

func (m *manifests) add(name string) error {
	c := m.call
	if name == "-" {
		b, err := all(c.In)
		if err != nil {
			return fmt.Errorf("the standard input: %s", Reason(err))
		}
		return m.keep(b)
	}
	full := c.Path(name)
	i, err := c.FS.Stat(full)
	if err != nil {
		return fmt.Errorf("the path %q does not exist", name)
	}
	if i.IsDir() {
		return m.dir(full, 0)
	}
	return m.file(full)
}

func (m *manifests) file(full string) error {
	b, err := m.call.FS.ReadFile(full, maxManifests)
	if err != nil {
		return fmt.Errorf("open %s: %s", full, Reason(err))
	}
	return m.keep(b)
}

const maxDirs = 20 // within one another

func (m *manifests) dir(full string, depth int) error {
	list, err := m.call.FS.ReadDir(full)
	if err != nil {
		return fmt.Errorf("open %s: %s", full, Reason(err))
	}
	found := false
	for _, i := range list {
		child := path.Join(full, i.Name())
		switch path.Ext(i.Name()) {
		case ".json", ".yaml", ".yml":
			if s, err := m.call.FS.Stat(child); err == nil && s.Mode().IsRegular() {
				found = true
				if err := m.file(child); err != nil {
					return err
				}
				continue
			}
		}
		if i.IsDir() && m.deep && depth < maxDirs {
			found = true
			if err := m.dir(child, depth+1); err != nil {
				return err
			}
		}
	}
	if !found && depth == 0 {
		return fmt.Errorf("error reading [%s]: recognized file extensions are [.json .yaml .yml]", full)
	}
	return nil
}

func (m *manifests) keep(b []byte) error {
	if m.size += len(b); m.size > maxManifests || len(m.all) >= maxManifestsN {
		return fmt.Errorf("more than %d bytes or %d files of manifests", maxManifests, maxManifestsN)
	}
	m.all = append(m.all, b)
	return nil
}

// text is one stream of documents.
func (m *manifests) text() []byte {
	if len(m.all) == 1 {
		return m.all[0]
	}
	var b bytes.Buffer
	for _, doc := range m.all {
		b.WriteString("---\n")
		b.Write(doc)
		if !bytes.HasSuffix(doc, []byte("\n")) {
			b.WriteByte('\n')
		}
	}
	return b.Bytes()
}
