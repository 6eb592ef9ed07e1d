package main

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/kubemint/kubemint/internal/remote"
	"github.com/kubemint/kubemint/internal/told"

	corev1 "k8s.io/api/core/v1"
)

// eraPod is a pod as one era made it.
type eraPod struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Account   string `json:"account"`
	Phase     string `json:"phase"`
	// Volume is what lies at the standard path; its kind is "secret", "projected" or empty: nothing.
	Volume string   `json:"volume,omitempty"`
	Kind   string   `json:"kind,omitempty"`
	Asked  int64    `json:"expirationSeconds,omitempty"` // what the volume asks for
	Files  []string `json:"files,omitempty"`
	// Token is what the cluster says of it, Claims are the names of what is signed into it.
	Token  *toldToken `json:"token,omitempty"`
	Claims []string   `json:"claims,omitempty"`
}

// eraPass is how a program outside gets the token of an account: from a Secret
// that the cluster made by itself, or only by asking for one.
type eraPass struct {
	Namespace string   `json:"namespace"`
	Account   string   `json:"account"`
	Secrets   []string `json:"secrets"`
}

// standardPath is where programs look for their token.
const standardPath = "/var/run/secrets/kubernetes.io/serviceaccount"

// eraLook is the wall time between two looks at pods that do not run yet.
const eraLook = 50 * time.Millisecond

// awaitPods waits until the file's pods run, or as long as it is worth. Each look comes when the cluster is quiet: what a controller makes
// of the file is there by then.
func awaitPods(ctx context.Context, client *remote.Client, patience time.Duration) ([]eraPod, error) {
	deadline := time.Now().Add(patience) // wall time: the simulated nodes need next to no cluster time to start a pod
	for {
		if _, err := client.MoveClock(ctx, told.Move{Do: "advance", Duration: "1ms"}); err != nil {
			return nil, err
		}
		var list corev1.PodList
		if err := client.Do(ctx, http.MethodGet, "/api/v1/pods", nil, &list); err != nil {
			return nil, err
		}
		var pods []eraPod
		waiting := false
		for i := range list.Items {
			pod := &list.Items[i]
			if strings.HasPrefix(pod.Namespace, "kube-") {
				continue
			}
			waiting = waiting || pod.Status.Phase == corev1.PodPending
			pods = append(pods, newEraPod(pod))
		}
		if !waiting || time.Now().After(deadline) {
			slices.SortFunc(pods, func(a, b eraPod) int { return cmp.Compare(a.Namespace+"/"+a.Name, b.Namespace+"/"+b.Name) })
			return pods, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(eraLook):
		}
	}
}

func newEraPod(pod *corev1.Pod) eraPod {
	out := eraPod{Namespace: pod.Namespace, Name: pod.Name, Account: pod.Spec.ServiceAccountName, Phase: string(pod.Status.Phase)}
	for _, c := range pod.Spec.Containers {
		for _, m := range c.VolumeMounts {
			if m.MountPath == standardPath && out.Volume == "" {
				out.Volume = m.Name
			}
		}
	}
	for _, v := range pod.Spec.Volumes {
		switch {
		case v.Name != out.Volume:
		case v.Secret != nil:
			out.Kind = "secret"
		case v.Projected != nil:
			out.Kind = "projected"
			for _, s := range v.Projected.Sources {
				if t := s.ServiceAccountToken; t != nil && t.ExpirationSeconds != nil {
					out.Asked = *t.ExpirationSeconds
				}
			}
		}
	}
	return out
}

// look asks the cluster about the pod's token and reads it on disk.
func (e *eraPod) look(ctx context.Context, client *remote.Client) error {
	if e.Kind == "" || e.Phase == string(corev1.PodPending) {
		return nil
	}
	e.Token = &toldToken{}
	err := client.Do(ctx, http.MethodPost, "/kubemint/v1/tokens/inspect", map[string]any{"pod": e.Namespace + "/" + e.Name}, e.Token)
	if err != nil || e.Token.File == nil {
		return err
	}
	if e.Claims, err = claimNames(e.Token.File.Path); err != nil {
		return err
	}
	dir, err := client.PodDir(ctx, e.Namespace, e.Name)
	if err != nil {
		return err
	}
	for _, v := range dir.Volumes {
		if v.Name == e.Volume {
			for _, s := range v.Sources {
				e.Files = append(e.Files, s.Path)
			}
		}
	}
	return nil
}

// claimNames are the names of what a token in a file says, without what it says.
func claimNames(path string) ([]string, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	parts := strings.Split(strings.TrimSpace(string(raw)), ".")
	if len(parts) != 3 {
		return nil, nil
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil, err
	}
	var claims map[string]json.RawMessage
	if err := json.Unmarshal(payload, &claims); err != nil {
		return nil, err
	}
	names := slices.Sorted(maps.Keys(claims))
	var private map[string]json.RawMessage
	if json.Unmarshal(claims["kubernetes.io"], &private) == nil {
		names = slices.DeleteFunc(names, func(n string) bool { return n == "kubernetes.io" })
		for _, n := range slices.Sorted(maps.Keys(private)) {
			names = append(names, "kubernetes.io."+n)
		}
	}
	return names, nil
}

// accountsAndSecrets lists the accounts that are there before the file is.
func accountsAndSecrets(ctx context.Context, client *remote.Client) (map[string]bool, error) {
	all, err := accounts(ctx, client)
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for i := range all {
		out[all[i].Namespace+"/"+all[i].Name] = true
	}
	return out, nil
}

func accounts(ctx context.Context, client *remote.Client) ([]corev1.ServiceAccount, error) {
	var list corev1.ServiceAccountList
	err := client.Do(ctx, http.MethodGet, "/api/v1/serviceaccounts", nil, &list)
	return list.Items, err
}

// passes tells of default's account and those that the file made which Secrets
// with tokens the cluster gave them.
func passes(ctx context.Context, client *remote.Client, before map[string]bool) ([]eraPass, error) {
	all, err := accounts(ctx, client)
	if err != nil {
		return nil, err
	}
	var out []eraPass
	for i := range all {
		a := &all[i]
		if before[a.Namespace+"/"+a.Name] && (a.Namespace != "default" || a.Name != "default") {
			continue
		}
		pass := eraPass{Namespace: a.Namespace, Account: a.Name, Secrets: []string{}}
		for _, s := range a.Secrets {
			pass.Secrets = append(pass.Secrets, s.Name)
		}
		out = append(out, pass)
	}
	return out, nil
}
