package legacy

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	clienttesting "k8s.io/client-go/testing"

	"github.com/kubemint/kubemint/controller/work"
	"github.com/kubemint/kubemint/internal/client/clienttest"
	"github.com/kubemint/kubemint/internal/clock"
)

var morning = time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)

func account(name string, secrets ...string) *corev1.ServiceAccount {
	a := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, UID: types.UID("uid-" + name)}}
	for _, s := range secrets {
		a.Secrets = append(a.Secrets, corev1.ObjectReference{Name: s})
	}
	return a
}

func tokenSecret(name, account string) *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, UID: types.UID("uid-" + name), Annotations: map[string]string{corev1.ServiceAccountNameKey: account}},
		Type:       corev1.SecretTypeServiceAccountToken,
	}
}

type cluster struct {
	*clienttest.Clientset
	env work.Env
	cfg Config
}

func newCluster(t *testing.T, auto bool, objects ...runtime.Object) cluster {
	t.Helper()
	c := clienttest.NewClientset(objects...)
	version(c)
	clk := clock.New(clock.Config{Now: morning, Paused: true})
	t.Cleanup(clk.Close)
	return cluster{c,
		work.Env{Informers: &work.Informers{}, Factory: informers.NewSharedInformerFactory(c, 0), Client: c, Clock: clk, Log: slog.New(slog.NewTextHandler(io.Discard, nil))},
		Config{Auto: auto, Reader: c, RootCA: []byte("the CA"), Mint: func(a *corev1.ServiceAccount, secret string) (string, error) {
			return "token of " + string(a.UID) + " in " + secret, nil
		}}}
}

// version gives what is written to a fake server resource versions, and refuses an update of an old one, as a real
// server does: loops tell by them what they have seen, and two of them write the same account.
func version(c *clienttest.Clientset) {
	written := 0 // actions come one at a time: the fake holds its lock
	c.PrependReactor("*", "*", func(action clienttesting.Action) (bool, runtime.Object, error) {
		write, ok := action.(interface{ GetObject() runtime.Object })
		if !ok {
			return false, nil, nil
		}
		object := write.GetObject().(metav1.Object)
		if action.GetVerb() == "update" {
			now, err := c.Tracker().Get(action.GetResource(), action.GetNamespace(), object.GetName())
			if err != nil {
				return true, nil, err
			}
			if now.(metav1.Object).GetResourceVersion() != object.GetResourceVersion() {
				return true, nil, apierrors.NewConflict(action.GetResource().GroupResource(), object.GetName(), errors.New("the object has been modified"))
			}
		}
		written++
		object.SetResourceVersion(strconv.Itoa(written))
		return false, nil, nil
	})
}

func (c cluster) run(t *testing.T, loops ...*work.Loop) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	for _, l := range loops {
		go func() { l.Run(ctx); done <- struct{}{} }()
	}
	t.Cleanup(func() {
		cancel()
		for range loops {
			<-done
		}
		c.env.Informers.Wait()
	})
}

func (c cluster) secret(t *testing.T, name string) *corev1.Secret {
	t.Helper()
	s, err := c.CoreV1().Secrets("shop").Get(t.Context(), name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never came: %s", what)
		}
	}
}

// ERA-21, ERA-24
func TestTokenSecretIsFilled(t *testing.T) {
	t.Parallel()
	own := tokenSecret("own", "bot")
	own.Data = map[string][]byte{"token": []byte("mine"), "ca.crt": []byte("old CA"), "extra": []byte("x")}
	c := newCluster(t, false, account("bot"), tokenSecret("plain", "bot"), own)
	c.run(t, New(c.env, c.cfg)...)
	full := func(name, token string) func() bool {
		return func() bool {
			s := c.secret(t, name)
			return string(s.Data["token"]) == token && string(s.Data["ca.crt"]) == "the CA" && string(s.Data["namespace"]) == "shop" &&
				s.Annotations[corev1.ServiceAccountUIDKey] == "uid-bot"
		}
	}
	eventually(t, "plain", full("plain", "token of uid-bot in plain"))
	eventually(t, "own", full("own", "mine"))
	if string(c.secret(t, "own").Data["extra"]) != "x" {
		t.Error("foreign data was dropped")
	}
	a, err := c.CoreV1().ServiceAccounts("shop").Get(t.Context(), "bot", metav1.GetOptions{})
	if err != nil || len(a.Secrets) != 0 {
		t.Errorf("secrets of the account: %v, %v; a manual Secret is not listed there", a.Secrets, err)
	}
}

// ERA-23, ERA-25
func TestTokenSecretGoesWithItsAccount(t *testing.T) {
	t.Parallel()
	other := tokenSecret("other-uid", "bot")
	other.Annotations[corev1.ServiceAccountUIDKey] = "before"
	opaque := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "opaque", Annotations: map[string]string{corev1.ServiceAccountNameKey: "nobody"}}, Type: corev1.SecretTypeOpaque}
	c := newCluster(t, false, account("bot"), tokenSecret("stays", "bot"), tokenSecret("lost", "nobody"), other, opaque)
	c.run(t, New(c.env, c.cfg)...)
	eventually(t, "Secrets without an account gone", func() bool { return c.secret(t, "lost") == nil && c.secret(t, "other-uid") == nil })
	eventually(t, "the good one filled", func() bool { return len(c.secret(t, "stays").Data) == 3 })
	if err := c.CoreV1().ServiceAccounts("shop").Delete(t.Context(), "bot", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "gone with the account", func() bool { return c.secret(t, "stays") == nil })
	if c.secret(t, "opaque") == nil {
		t.Error("a Secret of another type was deleted")
	}
}

// ERA-20, ERA-26
func TestAccountGetsASecretInOldEras(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 70)
	c := newCluster(t, true, account("bot", "dockercfg"), account(long))
	c.run(t, New(c.env, c.cfg)...)
	tokenOf := func(name string) string {
		a, err := c.CoreV1().ServiceAccounts("shop").Get(t.Context(), name, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range a.Secrets {
			if r.Name != "dockercfg" {
				return r.Name
			}
		}
		return ""
	}
	eventually(t, "a reference", func() bool { return tokenOf("bot") != "" && tokenOf(long) != "" })
	first := tokenOf("bot")
	if !strings.HasPrefix(first, "bot-token-") || len(first) != len("bot-token-")+5 || len(c.secret(t, first).Data) != 3 {
		t.Errorf("made %q", first)
	}
	if got := tokenOf(long); len(got) != 63 {
		t.Errorf("%q has %d characters", got, len(got))
	}
	if err := c.CoreV1().Secrets("shop").Delete(t.Context(), first, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "another Secret", func() bool {
		a, err := c.CoreV1().ServiceAccounts("shop").Get(t.Context(), "bot", metav1.GetOptions{})
		return err == nil && len(a.Secrets) == 2 && !refers(a, first) && refers(a, "dockercfg")
	})
}

// ERA-40 to ERA-43
func TestCleanerMarksThenDeletes(t *testing.T) {
	t.Parallel()
	old := metav1.NewTime(morning.Add(-800 * 24 * time.Hour))
	secret := func(name string, change func(*corev1.Secret)) *corev1.Secret {
		s := tokenSecret(name, "bot")
		s.CreationTimestamp = old
		s.Annotations[corev1.ServiceAccountUIDKey] = "uid-bot"
		s.Labels = map[string]string{}
		s.Data = map[string][]byte{"token": []byte("t"), "ca.crt": []byte("the CA"), "namespace": []byte("shop")}
		if change != nil {
			change(s)
		}
		return s
	}
	label := func(key, value string) func(*corev1.Secret) {
		return func(s *corev1.Secret) { s.Labels[key] = value }
	}
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web"}, Spec: corev1.PodSpec{
		Volumes:    []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "mounted"}}}},
		Containers: []corev1.Container{{Name: "c", EnvFrom: []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "env"}}}}}},
	}}
	for _, tc := range []struct {
		name   string
		change func(*corev1.Secret)
		manual bool
		want   string // "", "marked" or "deleted"
	}{
		{name: "never-used", want: "marked"},
		{name: "used-long-ago", change: label(lastUsedLabel, "2025-01-01"), want: "marked"},
		{name: "used-lately", change: label(lastUsedLabel, "2026-11-01")},
		{name: "unreadable-use", change: label(lastUsedLabel, "yesterday")},
		{name: "young", change: func(s *corev1.Secret) { s.CreationTimestamp = metav1.NewTime(morning.Add(-24 * time.Hour)) }},
		{name: "other-uid", change: func(s *corev1.Secret) { s.Annotations[corev1.ServiceAccountUIDKey] = "x" }},
		{name: "manual", manual: true},
		{name: "mounted"},
		{name: "env"},
		{name: "marked-lately", change: label(invalidSinceLabel, "2026-11-01"), want: "marked"},
		{name: "marked-long-ago", change: label(invalidSinceLabel, "2025-11-01"), want: "deleted"},
		{name: "unreadable-mark", change: label(invalidSinceLabel, "soon"), want: "marked"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a := account("bot", "sentinel")
			if !tc.manual {
				a.Secrets = append(a.Secrets, corev1.ObjectReference{Name: tc.name})
			}
			tracking := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: TrackingConfigMap}, Data: map[string]string{TrackingSince: "2025-01-01"}}
			sentinel := secret("sentinel", nil)
			c := newCluster(t, false, a, pod, tracking, secret(tc.name, tc.change), sentinel)
			l := NewCleaner(c.env, c.cfg, 0)
			c.run(t, l)
			eventually(t, "a pass", func() bool {
				return c.secret(t, "sentinel").Labels[invalidSinceLabel] == "2026-11-23" && len(l.Pending()) == 0
			})
			got := "deleted"
			if s := c.secret(t, tc.name); s != nil {
				got = ""
				if _, err := time.Parse(time.DateOnly, s.Labels[invalidSinceLabel]); err == nil {
					got = "marked"
				}
			}
			if got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}

// ERA-40
func TestCleanerWaitsForAYearOfTracking(t *testing.T) {
	t.Parallel()
	s := tokenSecret("t", "bot")
	s.CreationTimestamp = metav1.NewTime(morning.Add(-800 * 24 * time.Hour))
	s.Annotations[corev1.ServiceAccountUIDKey] = "uid-bot"
	tracking := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: TrackingConfigMap}, Data: map[string]string{TrackingSince: "2026-11-23"}}
	c := newCluster(t, false, account("bot", "t"), s, tracking)
	l := NewCleaner(c.env, c.cfg, 0)
	c.run(t, l)
	<-l.Ready()
	marked := func() bool { return c.secret(t, "t").Labels[invalidSinceLabel] != "" }
	advance := func(d time.Duration) {
		eventually(t, "idle", func() bool { return len(l.Pending()) == 0 })
		if _, err := c.env.Clock.Advance(t.Context(), d, clock.Hooks{}); err != nil {
			t.Fatal(err)
		}
	}
	advance(365 * 24 * time.Hour)
	eventually(t, "idle", func() bool { return len(l.Pending()) == 0 })
	if marked() {
		t.Fatal("marked a day too early")
	}
	eventually(t, "marked", func() bool { advance(24 * time.Hour); return marked() })
}
