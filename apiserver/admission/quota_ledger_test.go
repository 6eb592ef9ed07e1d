package admission

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Ledgers of namespaces that have gone do not pile up; those are kept that are needed, or in which something is under way.
func TestLedgersOfNamespacesThatAreGoneAreForgotten(t *testing.T) {
	t.Parallel()
	var l ledgers
	limited := func(namespace string) bool { return namespace == "kept" }
	write := func(namespace string, batch ...*charge) *ledger {
		is := l.open(namespace, limited)
		is.note(&corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{UID: "1", ResourceVersion: "5"}})
		is.enter(batch)
		l.close(namespace, is)
		return is
	}
	c := &charge{paid: map[string]corev1.ResourceList{"q": {}}}
	kept, busy, open := write("kept"), write("busy", c), l.open("open", limited)
	for i := range 1000 {
		write(fmt.Sprint("gone-", i))
	}
	if n := len(l.all); n > 2*fewLedgers+3 {
		t.Errorf("%d ledgers are left", n)
	}
	if l.all["kept"] != kept || l.all["busy"] != busy || l.all["open"] != open {
		t.Errorf("one that is needed has been forgotten: %v", l.all)
	}
	busy.settle(c)
	l.close("open", open)
	for i := range 1000 {
		write(fmt.Sprint("gone-too-", i))
	}
	if l.all["kept"] != kept || l.all["busy"] != nil || l.all["open"] != nil {
		t.Errorf("left are %v", l.all)
	}
}
