package apiserver_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/kubemint/kubemint/apiserver/servertest"
)

// A pod that is deleted without grace is written once more before it goes, and whoever writes to it at that moment has that state before
// him: the race detector sees to it that the last state is another.
func TestDeletedWhileItIsWrittenTo(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	const path = "/api/v1/namespaces/default/pods"
	s.Must(t, http.MethodPost, "/api/v1/namespaces/default/serviceaccounts", `{"metadata":{"name":"default"}}`)
	for i := range 30 {
		name := fmt.Sprintf("/p-%d", i)
		s.Must(t, http.MethodPost, path, fmt.Sprintf(`{"metadata":{"name":"p-%d"},"spec":{"nodeName":"n","containers":[{"name":"c","image":"x"}]}}`, i))
		var group sync.WaitGroup
		group.Go(func() {
			for n := 0; ; n++ {
				a := s.Call(t, http.MethodPatch, path+name, fmt.Sprintf(`{"metadata":{"labels":{"n":"%d"}}}`, n), "Content-Type", "application/merge-patch+json")
				if a.Code == http.StatusNotFound {
					return
				}
				if a.Code != http.StatusOK && a.Code != http.StatusConflict {
					t.Errorf("patch: %d %s", a.Code, a.Body)
					return
				}
			}
		})
		// In between the two, a write of somebody else ends it as well.
		if a := s.Call(t, http.MethodDelete, path+name+"?gracePeriodSeconds=0", ""); a.Code != http.StatusOK && a.Code != http.StatusNotFound {
			t.Errorf("delete: %d %s", a.Code, a.Body)
		}
		group.Wait()
	}
}
