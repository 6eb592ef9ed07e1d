package apiserver_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/kubemint/kubemint/apiserver/servertest"
)

// A collection is deleted whole, and answered with, whether it is small and goes in its order or large and goes by several at a time.
func TestDeleteCollection(t *testing.T) {
	t.Parallel()
	const path = "/api/v1/namespaces/default/configmaps"
	for _, n := range []int{0, 3, 250} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t)
			for i := range n {
				s.Must(t, http.MethodPost, path, fmt.Sprintf(`{"metadata":{"name":"c-%03d","labels":{"goes":"yes"}}}`, i))
			}
			s.Must(t, http.MethodPost, path, `{"metadata":{"name":"stays"}}`)
			s.Must(t, http.MethodPost, path, `{"metadata":{"name":"held","labels":{"goes":"yes"},"finalizers":["example.com/hold"]}}`)

			var answer, left list
			read(t, s.Must(t, http.MethodDelete, path+"?labelSelector=goes%3Dyes", ""), &answer)
			if len(answer.Items) != n+1 {
				t.Errorf("answered with %d objects, want %d", len(answer.Items), n+1)
			}
			read(t, s.Must(t, http.MethodGet, path, ""), &left)
			var names []string
			for _, item := range left.Items {
				name := item.Metadata.Name
				if item.Metadata.DeletionTimestamp != "" {
					name += " (going)"
				}
				names = append(names, name)
			}
			if got, want := strings.Join(names, ", "), "held (going), stays"; got != want {
				t.Errorf("left are %s, want %s", got, want)
			}
		})
	}
}

// What is refused for one is refused for the collection.
func TestDeleteCollectionThatIsRefused(t *testing.T) {
	t.Parallel()
	const path = "/api/v1/namespaces/default/configmaps"
	s := servertest.Start(t)
	for i := range 150 {
		s.Must(t, http.MethodPost, path, fmt.Sprintf(`{"metadata":{"name":"c-%03d"}}`, i))
	}
	options := `{"kind":"DeleteOptions","apiVersion":"v1","preconditions":{"uid":"of-nobody"}}`
	answer := s.Call(t, http.MethodDelete, path, options, "Content-Type", "application/json")
	if answer.Code != http.StatusConflict {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	var left list
	read(t, s.Must(t, http.MethodGet, path, ""), &left)
	if len(left.Items) != 150 {
		t.Errorf("%d are left of 150", len(left.Items))
	}
}

type list struct {
	Items []struct {
		Metadata struct{ Name, DeletionTimestamp string }
	}
}

func read(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%v in %.200s", err, text)
	}
}
