package remote

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/kubemint/kubemint/internal/kubeconfig"
	"github.com/kubemint/kubemint/internal/say"
)

// Who names somebody to be.
type Who struct {
	Kind      Kind
	Namespace string // of an account or a pod; empty for a pod: the default one
	Name      string
	Groups    []string // of a user
}

// Kind is what somebody is.
type Kind string

// The kinds of identity.
const (
	Admin     Kind = "admin"     // who the data directory's kubeconfig is
	Account   Kind = "account"   // a ServiceAccount, by a token made for it
	Pod       Kind = "pod"       // a pod, by the token mounted in it and nothing else
	User      Kind = "user"      // a person, by a client certificate
	Token     Kind = "token"     // whoever the token in a file is
	Anonymous Kind = "anonymous" // nobody: no credential at all
)

// ParseWho reads admin, anonymous, pod/NAME, pod/NAMESPACE/NAME, user/NAME,
// user/NAME,GROUP,GROUP, token/FILE, NAMESPACE:ACCOUNT and the full user name of an account.
func ParseWho(s string) (Who, error) {
	bad := func() (Who, error) { return Who{}, say.Failure("who.unknown", say.Params{"who": s}, nil) }
	if s == string(Admin) || s == string(Anonymous) {
		return Who{Kind: Kind(s)}, nil
	}
	if rest, ok := strings.CutPrefix(s, "pod/"); ok {
		namespace, name, two := strings.Cut(rest, "/")
		if !two {
			namespace, name = "", rest
		}
		if name == "" || strings.Contains(name, "/") || two && namespace == "" {
			return bad()
		}
		return Who{Kind: Pod, Namespace: namespace, Name: name}, nil
	}
	if rest, ok := strings.CutPrefix(s, "token/"); ok {
		if rest == "" {
			return bad()
		}
		return Who{Kind: Token, Name: rest}, nil
	}
	if rest, ok := strings.CutPrefix(s, "user/"); ok {
		parts := strings.Split(rest, ",")
		if parts[0] == "" {
			return bad()
		}
		return Who{Kind: User, Name: parts[0], Groups: parts[1:]}, nil
	}
	namespace, name, ok := strings.Cut(strings.TrimPrefix(s, "system:serviceaccount:"), ":")
	if !ok || namespace == "" || name == "" || strings.ContainsAny(name, ":/") || strings.Contains(namespace, "/") {
		return bad()
	}
	return Who{Kind: Account, Namespace: namespace, Name: name}, nil
}

// Become returns the way in of somebody, obtained as the client's own identity:
// a token minted for an account, the token file of a pod, a certificate made
// for a user. It holds that one credential and no other.
func (c *Client) Become(ctx context.Context, who Who) (kubeconfig.Access, error) {
	access := kubeconfig.Access{
		Name: c.access.Name, Server: c.access.Server, CA: c.access.CA, DataDir: c.access.DataDir,
		Namespace: who.Namespace,
	}
	switch who.Kind {
	case Admin:
		return c.access, nil
	case Anonymous:
		access.User = "anonymous"
		return access, nil
	case Account:
		access.User = "system:serviceaccount:" + who.Namespace + ":" + who.Name
		token, err := c.mint(ctx, who.Namespace, who.Name)
		access.Token = token
		return access, err
	case Pod:
		if access.Namespace == "" {
			access.Namespace = "default"
		}
		access.User = "pod/" + who.Name
		file, err := c.podTokenFile(ctx, access.Namespace, who.Name)
		access.TokenFile = file
		return access, err
	case Token:
		access.User = "token/" + filepath.Base(who.Name)
		file, err := filepath.Abs(who.Name)
		if err == nil {
			_, err = os.Stat(file)
		}
		if err != nil {
			return access, say.Failure("file.unreadable", say.Params{"path": who.Name, "why": err.Error()}, err)
		}
		access.TokenFile = file
		return access, nil
	case User:
		access.User = who.Name
		certificate, key, err := c.certificate(ctx, who.Name, who.Groups)
		access.Certificate, access.Key = certificate, key
		return access, err
	}
	return kubeconfig.Access{}, say.Failure("who.unknown", say.Params{"who": string(who.Kind)}, nil)
}

// mint asks for a token of an account, as `kubectl create token` does.
func (c *Client) mint(ctx context.Context, namespace, name string) (string, error) {
	request := map[string]any{"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": map[string]any{}}
	var answer struct {
		Status struct {
			Token string `json:"token"`
		} `json:"status"`
	}
	path := "/api/v1/namespaces/" + url.PathEscape(namespace) + "/serviceaccounts/" + url.PathEscape(name) + "/token"
	if err := c.Do(ctx, http.MethodPost, path, request, &answer); err != nil {
		return "", err
	}
	return answer.Status.Token, nil
}

// podTokenFile finds the file that programs in the pod read.
func (c *Client) podTokenFile(ctx context.Context, namespace, name string) (string, error) {
	dir, err := c.PodDir(ctx, namespace, name)
	if err != nil {
		return "", err
	}
	for _, volume := range dir.Volumes {
		for _, source := range volume.Sources {
			if source.From == "serviceAccountToken" {
				return filepath.Join(volume.Path, source.Path), nil
			}
		}
	}
	switch dir.NoToken {
	case "pod":
		return "", say.Failure("pod.no-token.pod", say.Params{"pod": name}, nil)
	case "account":
		return "", say.Failure("pod.no-token.account", say.Params{"pod": name}, nil)
	}
	return "", say.Failure("pod.no-token.yet", say.Params{"pod": name}, nil)
}
