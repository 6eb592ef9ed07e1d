package panel

import (
	"crypto/subtle"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/kubelet"
)

// tokenFile is where a pod's token lies, and what its kubelet goes by.
type tokenFile struct {
	Node   string `json:"node"`
	Volume string `json:"volume"`
	Path   string `json:"path"` // on this computer
	// Current: the token asked about is the one in the file.
	Current bool `json:"current"`
	// RefreshAt is when the kubelet will put a new one there; nil for a token that nobody renews.
	RefreshAt *time.Time `json:"refreshAt,omitempty"`
}

// noToken says why a pod has no token: its own word counts before the account's (ADM-6).
type noToken struct {
	Pod     string `json:"pod"`
	Account string `json:"account"`
	// By is "pod" or "account", or empty: it mounts something else where the token would be.
	By string `json:"by"`
	// What each says of automountServiceAccountToken; nil: nothing.
	PodSays     *bool `json:"podSays,omitempty"`
	AccountSays *bool `json:"accountSays,omitempty"`
}

// mountedTokenPath is where programs look for their token (ADM-9).
const mountedTokenPath = "/var/run/secrets/kubernetes.io/serviceaccount"

// podToken reads a pod's token: that for the first of the audiences if it has one of its own for it, else that of the standard mount,
// else any.
func (p *panel) podToken(namespace, name string, audiences []string) (*tokenFile, *noToken, []byte, error) {
	obj, err := p.Server.Registry().Core("pods").Typed(namespace, name)
	if err != nil {
		return nil, nil, nil, err
	}
	pod := obj.(*corev1.Pod)
	wants := tokenVolumes(pod)
	if len(wants) == 0 {
		return nil, p.noToken(pod), nil, nil
	}
	view, ok := p.podView(pod)
	if !ok {
		return nil, nil, nil, notThere(pod)
	}
	found := tokenSources(view, wants)
	if len(audiences) > 0 {
		if i := slices.IndexFunc(found, func(s tokenSource) bool { return s.audience == audiences[0] }); i > 0 {
			found[0] = found[i]
		}
	}
	if len(found) == 0 {
		return nil, nil, nil, notThere(pod)
	}
	raw, err := found[0].read()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil, notThere(pod)
	}
	if err != nil {
		return nil, nil, nil, apierrors.NewInternalError(err)
	}
	f := found[0].tokenFile
	f.Current = true
	return &f, nil, raw, nil
}

// notThere: the node has not mounted the token yet, or there is no node.
func notThere(pod *corev1.Pod) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusConflict, Reason: metav1.StatusReasonConflict,
		Message: "pod " + pod.Namespace + "/" + pod.Name + " has no token on its node yet",
	}}
}

// heldBy finds the file of a pod's token and says whether it holds this one.
func (p *panel) heldBy(namespace, name, raw string) (file *tokenFile, same bool) {
	obj, err := p.Server.Registry().Core("pods").Typed(namespace, name)
	if err != nil {
		return nil, false
	}
	pod := obj.(*corev1.Pod)
	view, ok := p.podView(pod)
	if !ok {
		return nil, false
	}
	for _, s := range tokenSources(view, tokenVolumes(pod)) {
		held, err := s.read()
		if err != nil {
			continue
		}
		f := s.tokenFile
		if f.Current = subtle.ConstantTimeCompare([]byte(strings.TrimSpace(string(held))), []byte(raw)) == 1; f.Current {
			return &f, true
		}
		if file == nil {
			file = &f
		}
	}
	return file, false
}

func (p *panel) podView(pod *corev1.Pod) (kubelet.PodView, bool) {
	node := p.Nodes.Named(pod.Spec.NodeName)
	if node == nil {
		return kubelet.PodView{}, false
	}
	return node.PodView(pod.Namespace, pod.Name)
}

// tokenVolumes are the volumes of a pod that hold a ServiceAccount's token, the one at the standard path first.
func tokenVolumes(pod *corev1.Pod) []string {
	var out []string
	for _, v := range pod.Spec.Volumes {
		standard := mountedAt(pod, v.Name, mountedTokenPath)
		bound := v.Projected != nil && slices.ContainsFunc(v.Projected.Sources, func(s corev1.VolumeProjection) bool {
			return s.ServiceAccountToken != nil
		})
		switch {
		case standard && (bound || v.Secret != nil):
			out = slices.Insert(out, 0, v.Name)
		case bound:
			out = append(out, v.Name)
		}
	}
	return out
}

func mountedAt(pod *corev1.Pod, volume, path string) bool {
	for _, c := range slices.Concat(pod.Spec.InitContainers, pod.Spec.Containers) {
		for _, m := range c.VolumeMounts {
			if m.Name == volume && m.MountPath == path {
				return true
			}
		}
	}
	return false
}

// tokenSource is one file with a token.
type tokenSource struct {
	tokenFile
	dir, file string // the volume's directory, and the file below it
	audience  string
}

// tokenSources lists the files with tokens in the given volumes, in their order.
func tokenSources(view kubelet.PodView, volumes []string) []tokenSource {
	var out []tokenSource
	for _, name := range volumes {
		for _, v := range view.Volumes {
			if v.Name != name {
				continue
			}
			for _, s := range v.Sources {
				legacy := s.From == "secret" && s.Path == corev1.ServiceAccountTokenKey
				if s.From != "serviceAccountToken" && !legacy {
					continue
				}
				dir := filepath.Join(view.Dir, filepath.FromSlash(v.Path))
				t := tokenSource{dir: dir, file: s.Path, tokenFile: tokenFile{
					Node: view.Node, Volume: v.Name, Path: filepath.Join(dir, filepath.FromSlash(s.Path)), RefreshAt: s.RefreshAt,
				}}
				if !legacy {
					t.audience = s.Name
				}
				out = append(out, t)
			}
		}
	}
	return out
}

// tokenFileLimit is more than any token has.
const tokenFileLimit = 64 << 10

// read does not follow links out of the volume.
func (s tokenSource) read() ([]byte, error) {
	f, err := os.OpenInRoot(s.dir, filepath.FromSlash(s.file))
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, tokenFileLimit))
}

// noToken says who said no.
func (p *panel) noToken(pod *corev1.Pod) *noToken {
	out := &noToken{Pod: pod.Name, Account: pod.Spec.ServiceAccountName, By: p.whoSaidNo(pod), PodSays: pod.Spec.AutomountServiceAccountToken}
	obj, err := p.Server.Registry().Core("serviceaccounts").Typed(pod.Namespace, pod.Spec.ServiceAccountName)
	if err == nil {
		out.AccountSays = obj.(*corev1.ServiceAccount).AutomountServiceAccountToken
	}
	return out
}
