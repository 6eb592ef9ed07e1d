package kubemint_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint"
	"github.com/kubemint/kubemint/internal/told"
)

// What each fault does to a pod's token, by a token of ten minutes: a real kubelet renews it at the first of its syncs, 60 to 90 seconds
// apart, after 471 to 480 seconds (KUB-4, KUB-8), and the server takes it for a minute past its end (AUTH-13).
const (
	shortLife   = 600
	firstRenew  = 471 * time.Second
	lastRenew   = (480 + 91) * time.Second
	endAccepted = (600 + 60) * time.Second
)

// watched is a pod whose token people look at, in a cluster whose clock stands still between two moves.
type watched struct {
	*running
	pod  *corev1.Pod
	file string
	born time.Time
}

// watchToken makes an account and a pod that mounts a short token of it as its only volume.
func (r *running) watchToken(account string) *watched {
	r.t.Helper()
	r.clock(`{"do":"pause"}`)
	r.account(account)
	seconds, no := int64(shortLife), false
	p := pod("app", account)
	p.Spec.AutomountServiceAccountToken = &no
	p.Spec.Containers[0].VolumeMounts = []corev1.VolumeMount{{Name: "short", MountPath: "/var/run/secrets/tokens"}}
	p.Spec.Volumes = []corev1.Volume{{Name: "short", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{
		Sources: []corev1.VolumeProjection{{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{ExpirationSeconds: &seconds, Path: "token"}}},
	}}}}
	p = r.runPod(p)
	born := r.Clock().Now()
	r.clock(`{"do":"advance","duration":"1s"}`) // the kubelet has had its last reason to look at the pod
	return &watched{running: r, pod: p, born: born,
		file: filepath.Join(r.DataDir(), "nodes", p.Spec.NodeName, "pods", string(p.UID), "volumes", "kubernetes.io~projected", "short", "token")}
}

// until runs through the time to d after the pod's start, and returns the token in its file then.
func (w *watched) until(d time.Duration) string {
	w.t.Helper()
	if left := w.born.Add(d).Sub(w.Clock().Now()); left > 0 {
		w.clock(`{"do":"advance","duration":"` + left.String() + `"}`)
	}
	return w.token()
}

func (w *watched) token() string { return w.read(w.file) }

// refreshAt is when the kubelet will renew the token, after the pod's start; 0 if it does not say.
func (w *watched) refreshAt() time.Duration {
	w.t.Helper()
	var dir struct {
		Volumes []struct {
			Sources []struct{ RefreshAt *time.Time }
		}
	}
	w.get("", "/kubemint/v1/pods/default/app", &dir)
	if len(dir.Volumes) != 1 || len(dir.Volumes[0].Sources) != 1 {
		w.t.Fatalf("the pod's directory: %+v", dir)
	}
	if at := dir.Volumes[0].Sources[0].RefreshAt; at != nil {
		return at.Sub(w.born)
	}
	return 0
}

// code is what the server answers to a token.
func (w *watched) code(token string) int {
	w.t.Helper()
	code, _ := w.call(token, "GET", "/api", "")
	return code
}

// events lists the warnings about the pod.
func (w *watched) events(reason string) []string {
	w.t.Helper()
	list, err := w.Admin.CoreV1().Events("default").List(w.t.Context(), metav1.ListOptions{FieldSelector: "involvedObject.name=app,type=Warning,reason=" + reason})
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, e := range list.Items {
		out = append(out, e.Message)
	}
	return out
}

// undisturbed wants the pod to run on without a restart (KUB-9).
func (w *watched) undisturbed() {
	w.t.Helper()
	p, err := w.Admin.CoreV1().Pods("default").Get(w.t.Context(), "app", metav1.GetOptions{})
	if err != nil || p.UID != w.pod.UID || p.DeletionTimestamp != nil || p.Status.Phase != corev1.PodRunning || p.Status.ContainerStatuses[0].RestartCount != 0 {
		w.t.Errorf("the pod is disturbed: %v %+v", err, p)
	}
}

// TestAnAccountIsDeletedAndComesBack is KUB-5 and KUB-44: the refresh is answered 404, which leaves a story; the old file stays, and its
// token is worth nothing; FailedMount comes once it has ended; the account of the same name that comes after is another one, for which the
// next try gets a token.
func TestAnAccountIsDeletedAndComesBack(t *testing.T) {
	t.Parallel()
	w := start(t, kubemint.Config{Nodes: 1}).watchToken("robot")
	accounts := w.Admin.CoreV1().ServiceAccounts("default")
	first := w.token()
	if err := accounts.Delete(t.Context(), "robot", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := w.code(first); got != 401 {
		t.Errorf("the token of a deleted account: %d", got)
	}
	if w.until(lastRenew+5*time.Second) != first {
		t.Error("a failed refresh changed the file")
	}
	if got := w.events("FailedMount"); len(got) > 0 {
		t.Errorf("events while the token has not ended: %q", got)
	}
	stories := own[[]told.Story](w.running, "GET", "stories?system=true&resource=serviceaccounts/token&outcome=404", "")
	if len(stories) == 0 || stories[0].User != "system:node:node-1" || !strings.Contains(stories[0].Message, `serviceaccounts "robot" not found`) {
		t.Errorf("the stories of the refresh: %+v", stories)
	}
	w.until(shortLife*time.Second + 100*time.Second)
	ended := false
	for _, e := range w.events("FailedMount") {
		// The entry itself may have been swept away by then (KUB-6), which changes the words.
		ended = ended || strings.HasPrefix(e, `MountVolume.SetUp failed for volume "short" : `) &&
			(strings.Contains(e, "expired and refresh failed: ") || strings.Contains(e, "failed to fetch token: ")) && strings.HasSuffix(e, `serviceaccounts "robot" not found`)
	}
	if !ended {
		t.Errorf("events after its end: %q", w.events("FailedMount"))
	}
	if w.token() != first {
		t.Error("the old file did not stay")
	}
	w.undisturbed()

	w.account("robot")
	second := w.until(shortLife*time.Second + 100*time.Second + 5*time.Minute) // the back-off has doubled up to 2 min 2 s (KUB-42)
	if second == first || w.code(second) != 200 || w.code(first) != 401 {
		t.Errorf("with another account of that name the file has changed: %t, its token gets %d, the old one %d", second != first, w.code(second), w.code(first))
	}
	w.undisturbed()
}

// TestTheKeyIsRotatedUnderAMountedToken: with overlap nobody notices; without one the file is dead until the kubelet renews it in its own
// time, since nothing tells it.
func TestTheKeyIsRotatedUnderAMountedToken(t *testing.T) {
	t.Parallel()
	for _, overlap := range []bool{true, false} {
		w := start(t, kubemint.Config{Nodes: 1}).watchToken("robot")
		first := w.token()
		at := w.refreshAt()
		move, good := `{"do":"rotate"}`, 200
		if !overlap {
			move, good = `{"do":"rotate","retireOld":true}`, 401
		}
		w.keys(move, 200)
		if got := w.code(first); got != good {
			t.Errorf("overlap %t: right after the rotation: %d", overlap, got)
		}
		if w.until(at-time.Second) != first {
			t.Errorf("overlap %t: renewed before its time", overlap)
		}
		if got := w.code(first); got != good {
			t.Errorf("overlap %t: just before the refresh: %d", overlap, got)
		}
		if second := w.until(at + time.Second); second == first || w.code(second) != 200 {
			t.Errorf("overlap %t: after the refresh: renewed %t, %d", overlap, second != first, w.code(second))
		}
		w.undisturbed()
	}
}

// TestASkewedNodeRenewsByItsOwnClock: what the server wrote into the answer is compared with the node's time. Five minutes ahead, it renews
// early; behind, when the token has long ended; far ahead, every token looks ended at once, and there is a new one at each sync.
func TestASkewedNodeRenewsByItsOwnClock(t *testing.T) {
	t.Parallel()
	for _, by := range []time.Duration{5 * time.Minute, -5 * time.Minute} {
		w := start(t, kubemint.Config{Nodes: 1}).watchToken("robot")
		first := w.token()
		w.steer("node-1", "skew", `{"by":"`+by.String()+`"}`)
		w.clock(`{"do":"advance","duration":"1s"}`) // the pod is looked at again
		at := w.refreshAt()
		if at < firstRenew-by || at > lastRenew-by {
			t.Fatalf("off by %v the refresh is foretold %v after the start, want %v to %v", by, at, firstRenew-by, lastRenew-by)
		}
		if w.until(at-time.Second) != first {
			t.Errorf("off by %v: renewed before its time", by)
		}
		want := 200
		if by < 0 {
			want = 401 // nobody has renewed it in time
		}
		if at < 0 || at-time.Second > endAccepted || by > 0 {
			if got := w.code(first); got != want {
				t.Errorf("off by %v, before the refresh at %v: %d, want %d", by, at, got, want)
			}
		} else {
			t.Errorf("off by %v the token is renewed at %v, before it is refused", by, at)
		}
		if second := w.until(at + time.Second); second == first || w.code(second) != 200 {
			t.Errorf("off by %v: after the refresh: renewed %t, %d", by, second != first, w.code(second))
		}
		if got := w.nodeOf("node-1"); got.Ready != "True" || got.SkewSeconds != by.Seconds() {
			t.Errorf("the node is %+v", got)
		}
		w.undisturbed()
	}

	w := start(t, kubemint.Config{Nodes: 1}).watchToken("robot")
	w.steer("node-1", "skew", `{"by":"1h"}`)
	tokens := map[string]bool{w.token(): true}
	for at := time.Minute; at <= 8*time.Minute; at += time.Minute {
		tokens[w.until(at)] = true
	}
	if len(tokens) < 5 || len(tokens) > 9 {
		t.Errorf("an hour ahead the pod had %d tokens in eight minutes", len(tokens))
	}
	w.steer("node-1", "skew", `{"by":"0"}`)
	w.clock(`{"do":"advance","duration":"1s"}`)
	last := w.token()
	if w.until(14*time.Minute) != last {
		t.Error("right again it renews as if it were not")
	}
}

// TestTheServerIsAwayAsARefreshFallsDue: the node is cut off at 79 % of the token's life. Healed before the end, the kubelet renews it at
// its next sync and nobody has noticed; healed after it, the token is refused until the back-off lets the kubelet try again (KUB-5, KUB-42).
func TestTheServerIsAwayAsARefreshFallsDue(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name        string
		heal, again time.Duration // after the start
		end         int
	}{
		{"before the end", lastRenew + 5*time.Second, lastRenew + 100*time.Second, 200},
		{"after the end", endAccepted + 40*time.Second, endAccepted + 5*time.Minute, 401},
	} {
		w := start(t, kubemint.Config{Nodes: 1}).watchToken("robot")
		first := w.token()
		w.until(shortLife * time.Second * 78 / 100)
		w.steer("node-1", "cut", "")
		if w.until(tt.heal) != first {
			t.Fatalf("%s: renewed without a server", tt.name)
		}
		if got := w.code(first); got != tt.end {
			t.Errorf("%s: the old token gets %d, want %d", tt.name, got, tt.end)
		}
		w.steer("node-1", "heal", "")
		if second := w.until(tt.again); second == first || w.code(second) != 200 {
			t.Errorf("%s: healed, the token is renewed: %t, %d", tt.name, second != first, w.code(second))
		}
		eventually(t, "the node is ready", func() bool { return w.nodeOf("node-1").Ready == "True" })
		w.undisturbed()
	}
}

// TestALaptopSleeps: hours pass in no time. The token ended long ago, the node was silent for too long; the kubelet renews what is due at
// once, reports, and nothing is evicted.
func TestALaptopSleeps(t *testing.T) {
	t.Parallel()
	w := start(t, kubemint.Config{Nodes: 2}).watchToken("robot")
	first := w.token()
	w.clock(`{"do":"leap","duration":"7h"}`)
	eventually(t, "the token is renewed", func() bool { return w.token() != first })
	if got := w.code(first); got != 401 {
		t.Errorf("the token from before: %d", got)
	}
	if got := w.code(w.token()); got != 200 {
		t.Errorf("the new one: %d", got)
	}
	w.clock(`{"do":"advance","duration":"15s"}`) // a beat, by which nodes see that they are taken for lost
	for _, name := range []string{"node-1", "node-2"} {
		eventually(t, name+" is ready and untainted", func() bool { return w.nodeOf(name).Ready == "True" && len(w.taints(name)) == 0 })
	}
	w.clock(`{"do":"advance","duration":"6m"}`)
	w.undisturbed()
	if second := w.token(); w.code(second) != 200 {
		t.Error("the token is not kept fresh after it")
	}
}

// TestAPodIsDeletedTwice: the second time shortens the grace period, and what is left is nothing.
func TestAPodIsDeletedTwice(t *testing.T) {
	t.Parallel()
	r := start(t, kubemint.Config{Nodes: 1})
	r.clock(`{"do":"pause"}`)
	p := pod("stubborn", "")
	p.Spec.Containers[0].Command = []string{"sh", "-c", "trap '' TERM; echo up; while true; do sleep 1000; done"}
	p = r.runPod(p)
	token := r.read(r.mount(p), "token")
	eventually(t, "it traps the signal", func() bool { out, _ := r.kubectl("logs", "stubborn"); return strings.Contains(out, "up") })
	pods := r.Admin.CoreV1().Pods("default")
	remove := func(grace int64) {
		if err := pods.Delete(t.Context(), "stubborn", metav1.DeleteOptions{GracePeriodSeconds: &grace}); err != nil {
			t.Fatalf("delete with %d s: %v", grace, err)
		}
	}
	remove(3000)
	remove(6000) // longer is not heard
	got, err := pods.Get(t.Context(), "stubborn", metav1.GetOptions{})
	if err != nil || got.DeletionGracePeriodSeconds == nil || *got.DeletionGracePeriodSeconds != 3000 {
		t.Fatalf("deleted twice it is %v %+v", err, got.ObjectMeta)
	}
	r.clock(`{"do":"advance","duration":"1m"}`)
	r.accepted("while it stops", token)
	remove(80) // of which the server counts from the first time, and the kubelet from when it hears of it
	r.clock(`{"do":"advance","duration":"70s"}`)
	if _, err := pods.Get(t.Context(), "stubborn", metav1.GetOptions{}); err != nil {
		t.Errorf("70 s later: %v", err)
	}
	r.clock(`{"do":"advance","duration":"15s"}`)
	dir := filepath.Join(r.DataDir(), "nodes", "node-1", "pods", string(p.UID))
	eventually(t, "pod and directory are gone", func() bool {
		_, err := pods.Get(t.Context(), "stubborn", metav1.GetOptions{})
		_, left := os.Stat(dir)
		return err != nil && os.IsNotExist(left)
	})
	if code, _ := r.call(token, "GET", "/api", ""); code != 401 {
		t.Errorf("the token of the pod that is gone: %d", code)
	}
	again := pod("stubborn", "")
	if again = r.runPod(again); again.UID == p.UID {
		t.Error("the name is not free")
	}
}
