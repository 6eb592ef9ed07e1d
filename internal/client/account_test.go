package client

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	ktesting "k8s.io/client-go/testing"
	testclock "k8s.io/utils/clock/testing"
)

var morning = time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)

// issuer is a fake API server that numbers the tokens it gives out.
type issuer struct {
	*fake.Clientset
	clock *testclock.FakeClock
	given atomic.Int32
	fail  atomic.Bool
}

func newIssuer(objects ...runtime.Object) *issuer {
	i := &issuer{Clientset: fake.NewClientset(objects...), clock: testclock.NewFakeClock(morning)}
	i.PrependReactor("create", "serviceaccounts", func(a ktesting.Action) (bool, runtime.Object, error) {
		if a.GetSubresource() != "token" {
			return false, nil, nil
		}
		if i.fail.Load() {
			return true, nil, errors.New("down")
		}
		name := a.(ktesting.CreateActionImpl).Name
		if _, err := i.Tracker().Get(corev1.SchemeGroupVersion.WithResource("serviceaccounts"), a.GetNamespace(), name); err != nil {
			return true, nil, apierrors.NewNotFound(corev1.Resource("serviceaccounts"), name)
		}
		req := a.(ktesting.CreateAction).GetObject().(*authenticationv1.TokenRequest).DeepCopy()
		req.Status.Token = fmt.Sprintf("%s-%d", name, i.given.Add(1))
		req.Status.ExpirationTimestamp = metav1.NewTime(i.clock.Now().Add(time.Duration(*req.Spec.ExpirationSeconds) * time.Second))
		return true, req, nil
	})
	return i
}

// server remembers the tokens it saw and refuses the ones it is told to.
type server struct {
	mu      sync.Mutex
	seen    []string
	bodies  []string
	refused map[string]bool
}

func (s *server) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	token := strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")
	s.seen = append(s.seen, token)
	if req.Body != nil {
		b, _ := io.ReadAll(req.Body)
		s.bodies = append(s.bodies, string(b))
	}
	status := http.StatusOK
	if s.refused[token] {
		status = http.StatusUnauthorized
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader("")), Request: req}, nil
}

func (s *server) last() string { return s.seen[len(s.seen)-1] }

func newAccount(i *issuer, s *server) *Account {
	return NewAccount(AccountConfig{Client: i, Base: s, Clock: i.clock, Name: "loop"})
}

func send(t *testing.T, a *Account, body string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "POST", "https://kubernetes/api", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := a.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// SA-17, SA-18
func TestAccountRenewsWhenAFifthOfTheLifeIsLeft(t *testing.T) {
	t.Parallel()
	i, s := newIssuer(), &server{}
	a := newAccount(i, s)
	for _, step := range []struct {
		pass time.Duration
		want string
	}{
		{0, "loop-1"},
		{48*time.Minute - time.Second, "loop-1"},
		{time.Second, "loop-2"},
		{0, "loop-2"},
		{5 * time.Hour, "loop-3"}, // a leap over its end
	} {
		i.clock.Step(step.pass)
		send(t, a, "")
		if s.last() != step.want {
			t.Fatalf("after %v: sent %q, want %q", step.pass, s.last(), step.want)
		}
	}
	if _, err := i.CoreV1().ServiceAccounts("kube-system").Get(t.Context(), "loop", metav1.GetOptions{}); err != nil {
		t.Errorf("the account was not made: %v", err)
	}
}

func TestAccountAnswers401WithANewToken(t *testing.T) {
	t.Parallel()
	i, s := newIssuer(), &server{refused: map[string]bool{"loop-1": true}}
	a := newAccount(i, s)
	if res := send(t, a, "payload"); res.StatusCode != http.StatusOK || s.last() != "loop-2" {
		t.Fatalf("status %d with %q", res.StatusCode, s.last())
	}
	if len(s.bodies) != 2 || s.bodies[1] != "payload" {
		t.Errorf("bodies %q: the second try must carry the body again", s.bodies)
	}
	s.refused["loop-2"], s.refused["loop-3"] = true, true
	if res := send(t, a, ""); res.StatusCode != http.StatusUnauthorized || i.given.Load() != 3 {
		t.Errorf("status %d after %d tokens: one retry, then the 401 itself", res.StatusCode, i.given.Load())
	}
}

func TestAccountKeepsTheOldTokenWhileRenewalFails(t *testing.T) {
	t.Parallel()
	i, s := newIssuer(), &server{}
	a := newAccount(i, s)
	send(t, a, "")
	i.fail.Store(true)
	i.clock.Step(50 * time.Minute)
	send(t, a, "")
	if s.last() != "loop-1" {
		t.Fatalf("sent %q, want the old token while it lives", s.last())
	}
	i.clock.Step(11 * time.Minute)
	req, _ := http.NewRequestWithContext(t.Context(), "GET", "https://kubernetes/api", nil)
	if _, err := a.RoundTrip(req); err == nil {
		t.Fatal("a dead token and no new one must be an error")
	}
}

func TestAccountFetchesOnceForAll(t *testing.T) {
	t.Parallel()
	i, s := newIssuer(), &server{}
	a := newAccount(i, s)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { send(t, a, "") })
	}
	wg.Wait()
	if n := i.given.Load(); n != 1 {
		t.Errorf("%d tokens fetched, want 1", n)
	}
}

func TestAccountWaitsForItsNamespace(t *testing.T) {
	t.Parallel()
	i, s := newIssuer(), &server{}
	var tries atomic.Int32
	i.PrependReactor("create", "serviceaccounts", func(a ktesting.Action) (bool, runtime.Object, error) {
		if a.GetSubresource() == "" && tries.Add(1) < 3 {
			return true, nil, apierrors.NewNotFound(corev1.Resource("namespaces"), "kube-system")
		}
		return false, nil, nil
	})
	send(t, newAccount(i, s), "")
	if s.last() != "loop-1" {
		t.Errorf("sent %q", s.last())
	}
}
