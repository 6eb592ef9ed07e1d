package kubelet

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubemint/kubemint/internal/clock"
)

func TestTokenIsRenewedBeforeItEnds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run()
	b.pod("app", "containers: [{name: c, image: nginx}]")
	b.running("app")
	data := b.path("pods/uid-app", access, "..data")
	before, err := os.Readlink(data)
	if err != nil {
		t.Fatal(err)
	}
	view, ok := b.node.PodView("default", "app")
	if !ok {
		t.Fatal("no view of the pod")
	}
	token := view.Volumes[0].Sources[2]
	if token.Path != "token" || token.From != "serviceAccountToken" || token.RefreshAt == nil || token.ExpiresAt == nil {
		t.Fatalf("view of the token: %+v", token)
	}
	if at := token.RefreshAt.Sub(start); at < 2877*time.Second || at > (2886+91)*time.Second {
		t.Errorf("the refresh is foretold %v after issue (KUB-4, KUB-8)", at)
	}
	if next := b.clock.Upcoming(1, clock.Refresh); len(next) != 1 || next[0].What != "pod default/app" || !next[0].At.Equal(*token.RefreshAt) {
		t.Errorf("the clock foretells %+v, the view %v", next, token.RefreshAt)
	}

	report := b.advance(50 * time.Minute)
	if got := b.read("pods/uid-app", access, "token"); got != "token-2" {
		t.Errorf("after 50 minutes the file holds %q", got)
	}
	if after, _ := os.Readlink(data); after == before {
		t.Errorf("..data still points to %s", after)
	}
	if len(report.Stops) != 1 || report.Stops[0].Kind != clock.Refresh || !report.Stops[0].At.Equal(*token.RefreshAt) {
		t.Errorf("stops %+v", report.Stops)
	}
	if p := b.get("app"); p.Status.ContainerStatuses[0].RestartCount != 0 {
		t.Errorf("the container was restarted (KUB-9)")
	}
}

func TestFailingRefreshKeepsTheOldTokenKUB5(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run()
	b.pod("app", "containers: [{name: c, image: nginx}]")
	b.running("app")
	b.refuse(errors.New("the server is away"))
	b.advance(50 * time.Minute)
	if got := b.read("pods/uid-app", access, "token"); got != "token-1" {
		t.Errorf("the file holds %q", got)
	}
	for _, e := range b.events() {
		if strings.Contains(e, "FailedMount") {
			t.Errorf("an event though the token is still good: %s", e)
		}
	}
	if next := b.clock.Upcoming(1, clock.Backoff); len(next) != 1 || next[0].At.Sub(b.clock.Now()) > 91*time.Second {
		t.Errorf("the next try: %+v", next)
	}
	// Past the end of the token (KUB-44).
	b.advance(12 * time.Minute)
	found := false
	for _, e := range b.events() {
		// The entry itself may have been dropped by then (KUB-6), which changes the words.
		found = found || strings.HasPrefix(e, `Warning|FailedMount||MountVolume.SetUp failed for volume "kube-api-access" : `) &&
			(strings.HasSuffix(e, "expired and refresh failed: the server is away") || strings.HasSuffix(e, ": failed to fetch token: the server is away"))
	}
	if !found {
		t.Errorf("no event about the expired token: %v", b.events())
	}
	if b.get("app").Status.Phase != corev1.PodRunning {
		t.Errorf("the pod does not run on")
	}
	b.refuse(nil)
	b.advance(5 * time.Minute)
	if got := b.read("pods/uid-app", access, "token"); got != "token-2" {
		t.Errorf("with the server back the file holds %q", got)
	}
}
