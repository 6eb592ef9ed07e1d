package admission

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/internal/quota"
)

// office holds quotas and pods as the server would.
type office struct {
	mu      sync.Mutex
	version int
	quotas  map[string]*corev1.ResourceQuota
	pods    map[types.UID]*corev1.Pod
	// meddles is how often in a row a controller, which sees only what is stored, is quicker than a charge of quota a.
	meddles, charges int
}

func newOffice(quotas ...*corev1.ResourceQuota) *office {
	o := &office{quotas: map[string]*corev1.ResourceQuota{}, pods: map[types.UID]*corev1.Pod{}}
	for _, q := range quotas {
		o.version++
		q.ResourceVersion, q.UID, q.Namespace = strconv.Itoa(o.version), types.UID(q.Name), "default"
		o.quotas[q.Name] = q
	}
	return o
}

func (o *office) ResourceQuotas(string) ([]*corev1.ResourceQuota, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var all []*corev1.ResourceQuota
	for _, name := range []string{"a", "b", "c"} {
		if q := o.quotas[name]; q != nil {
			all = append(all, q)
		}
	}
	return all, nil
}

func (o *office) Charge(ctx context.Context, q *corev1.ResourceQuota) (*corev1.ResourceQuota, error) {
	if q.Name == "a" && o.meddles > 0 {
		o.mu.Lock()
		o.charges++
		quicker := o.charges%(o.meddles+1) != 0
		o.mu.Unlock()
		if quicker {
			o.recount(ctx, "a")
		}
	}
	return o.write(q)
}

func (o *office) write(q *corev1.ResourceQuota) (*corev1.ResourceQuota, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if is := o.quotas[q.Name]; is == nil || is.ResourceVersion != q.ResourceVersion {
		return nil, apierrors.NewConflict(schema.GroupResource{Resource: "resourcequotas"}, q.Name, fmt.Errorf("modified"))
	}
	o.version++
	q = q.DeepCopy()
	q.ResourceVersion = strconv.Itoa(o.version)
	o.quotas[q.Name] = q
	return q, nil
}

func (o *office) Objects(_ context.Context, gr schema.GroupResource, _ string) ([]runtime.Object, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var all []runtime.Object
	for _, p := range o.pods {
		if gr == quota.Pods {
			all = append(all, p)
		}
	}
	return all, nil
}
func (o *office) Count(context.Context, schema.GroupResource, string) (int64, bool, error) {
	return 0, true, nil
}
func (o *office) Stored(_ schema.GroupResource, _, _ string, uid types.UID, _ string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.pods[uid] != nil
}
func (o *office) Now() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

func (o *office) store(p *corev1.Pod) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pods[p.UID] = p
}

// recount is what a controller does that knows of the stored pods alone.
func (o *office) recount(ctx context.Context, name string) {
	o.mu.Lock()
	next := o.quotas[name].DeepCopy()
	o.mu.Unlock()
	used, err := quota.Used(ctx, next, next.Spec.Hard, o, o.Now())
	if err != nil {
		panic(err)
	}
	next.Status = corev1.ResourceQuotaStatus{Hard: next.Spec.Hard, Used: used}
	_, _ = o.write(next) // admission may have been quicker
}

// alone is a chain without the other plugins.
func alone(o *office) *Chain { return &Chain{plugins: []any{newResourceQuota(o)}} }

func limit(name string, kv ...string) *corev1.ResourceQuota {
	q := &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{}}}
	for i := 0; i+1 < len(kv); i += 2 {
		q.Spec.Hard[corev1.ResourceName(kv[i])] = resource.MustParse(kv[i+1])
	}
	return q
}

func sized(name, cpu string) *corev1.Pod {
	return makePod(name, func(p *corev1.Pod) {
		p.UID = types.UID(name)
		if cpu != "" {
			p.Spec.Containers[0].Resources.Requests = corev1.ResourceList{"cpu": resource.MustParse(cpu)}
		}
	})
}

func TestQuotaRefusesInTheRealWords(t *testing.T) {
	t.Parallel()
	best := limit("b", "pods", "0")
	best.Spec.Scopes = []corev1.ResourceQuotaScope{corev1.ResourceQuotaScopeBestEffort}
	for _, tc := range []struct {
		name  string
		o     *office
		there []*corev1.Pod
		pod   *corev1.Pod
		want  string
	}{
		{"room", newOffice(limit("a", "pods", "2")), []*corev1.Pod{sized("x", "")}, sized("p", ""), ""},
		{"full", newOffice(limit("a", "pods", "2")), []*corev1.Pod{sized("x", ""), sized("y", "")}, sized("p", ""),
			`pods "p" is forbidden: exceeded quota: a, requested: pods=1, used: pods=2, limited: pods=2`},
		{"only what is over is told", newOffice(limit("a", "pods", "2", "requests.cpu", "1", "cpu", "900m")), []*corev1.Pod{sized("x", "500m")}, sized("p", "600m"),
			`pods "p" is forbidden: exceeded quota: a, requested: cpu=600m,requests.cpu=600m, used: cpu=500m,requests.cpu=500m, limited: cpu=900m,requests.cpu=1`},
		{"a container leaves out what is limited", newOffice(limit("a", "requests.cpu", "1", "limits.memory", "1Gi")), nil, sized("p", "1"),
			`pods "p" is forbidden: failed quota: a: must specify limits.memory for: app`},
		{"another quota of the namespace", newOffice(limit("a", "pods", "5"), limit("c", "count/pods", "0")), nil, sized("p", ""),
			`pods "p" is forbidden: exceeded quota: c, requested: count/pods=1, used: count/pods=0, limited: count/pods=0`},
		{"what is left out is told before what is over", newOffice(limit("a", "pods", "0"), limit("b", "limits.memory", "1Gi")), nil, sized("p", "1"),
			`pods "p" is forbidden: failed quota: b: must specify limits.memory for: app`},
		{"in scope", newOffice(best.DeepCopy()), nil, sized("p", ""), `pods "p" is forbidden: exceeded quota: b, requested: pods=1, used: pods=0, limited: pods=0`},
		{"out of scope", newOffice(best.DeepCopy()), nil, sized("p", "1"), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			for _, p := range tc.there {
				tc.o.store(p)
			}
			tc.pod.Spec.Containers[0].Name = "app"
			err := alone(tc.o).Validate(t.Context(), createPod(tc.pod))
			if got := message(err); got != tc.want {
				t.Errorf("got  %q\nwant %q", got, tc.want)
			}
		})
	}
}

func TestADryRunIsCheckedAndNotCharged(t *testing.T) {
	t.Parallel()
	o := newOffice(limit("a", "pods", "1"))
	chain := alone(o)
	for range 2 {
		a := createPod(sized("p", ""))
		a.DryRun = true
		if err := chain.Validate(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	if q := o.quotas["a"]; q.Status.Used != nil {
		t.Errorf("used %v", q.Status.Used)
	}
}

func TestAnUpdateIsChargedForWhatItAdds(t *testing.T) {
	t.Parallel()
	o := newOffice(limit("a", "services.nodeports", "2", "services", "0"))
	service := func(ports int) *corev1.Service {
		return &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "s"}, Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeNodePort, Ports: make([]corev1.ServicePort, ports)}}
	}
	chain := alone(o)
	for ports, want := range map[int]string{1: "", 2: "", 4: `services "s" is forbidden: exceeded quota: a, requested: services.nodeports=3, used: services.nodeports=0, limited: services.nodeports=2`} {
		err := chain.Validate(t.Context(), &Attributes{Operation: Update, User: jane, Resource: corev1.SchemeGroupVersion.WithResource("services"),
			Namespace: "default", Name: "s", Object: service(ports), Old: service(1), DryRun: true})
		if got := message(err); got != want {
			t.Errorf("%d ports: got %q, want %q", ports, got, want)
		}
	}
}

// However many come at once, and though a controller that sees only what is stored keeps writing its figures: no more get in than fit.
func TestConcurrentCreationsNeverOverrun(t *testing.T) {
	t.Parallel()
	const fit, come = 10, 60
	o := newOffice(limit("a", "pods", strconv.Itoa(fit)), limit("b", "requests.cpu", "100"))
	o.meddles = 3 // a charge that fails too often is given up
	chain := alone(o)
	var group sync.WaitGroup
	var mu sync.Mutex
	in := 0
	for i := range come {
		group.Go(func() {
			scope := &request.Scope{User: jane}
			ctx := request.WithScope(t.Context(), scope)
			defer scope.End()
			p := sized(fmt.Sprintf("p%d", i), "1")
			err := chain.Validate(ctx, createPod(p))
			if err != nil && !apierrors.IsForbidden(err) {
				t.Error(err)
			}
			if err == nil {
				time.Sleep(time.Duration(i%5) * time.Millisecond) // the disk
				o.store(p)
				mu.Lock()
				in++
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if in != fit {
		t.Errorf("%d of %d got in, want %d", in, come, fit)
	}
	if got := o.quotas["b"].Status.Used["requests.cpu"]; got.CmpInt64(fit) < 0 {
		t.Errorf("cpu %s used, want at least %d", got.String(), fit)
	}
}

// What was charged for a creation that then failed, or has been deleted since, is given back to whom needs it.
func TestARefusalIsCountedFirst(t *testing.T) {
	t.Parallel()
	o := newOffice(limit("a", "pods", "1"))
	chain := alone(o)
	for i := range 3 {
		scope := &request.Scope{User: jane}
		if err := chain.Validate(request.WithScope(t.Context(), scope), createPod(sized(fmt.Sprint("p", i), ""))); err != nil {
			t.Fatalf("creation %d, though none before was stored: %v", i, err)
		}
		if used := o.quotas["a"].Status.Used["pods"]; used.Value() != 1 {
			t.Errorf("used %s", used.String())
		}
		scope.End()
	}
}
