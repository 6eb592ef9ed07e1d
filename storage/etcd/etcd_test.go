package etcd_test

import (
	"crypto/rand"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kubemint/kubemint/storage"
	"github.com/kubemint/kubemint/storage/etcd"
	"github.com/kubemint/kubemint/storage/storagetest"
)

// endpoints names an etcd that these tests may write to, in keys of their own
// below /kubemint-test/. Nobody else should: the suite counts revisions.
const endpoints = "KUBEMINT_TEST_ETCD"

func suite(t testing.TB, o etcd.Options) storagetest.Suite {
	t.Helper()
	urls := os.Getenv(endpoints)
	if urls == "" {
		t.Skipf("%s names no etcd", endpoints)
	}
	return storagetest.Suite{
		Serial:   true,
		MaxValue: 1 << 20,
		Open: func(t testing.TB) storage.Store {
			o.Endpoints = strings.Split(urls, ",")
			o.Prefix = "/kubemint-test/" + rand.Text()
			s, err := etcd.Open(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			return s
		},
	}
}

func TestStore(t *testing.T) { suite(t, etcd.Options{}).Run(t) }

func TestStoreThatMayCompact(t *testing.T) { suite(t, etcd.Options{Compact: true}).Run(t) }

func BenchmarkStore(b *testing.B) { suite(b, etcd.Options{}).Bench(b) }

func TestStoresWithDifferentPrefixesDoNotMeet(t *testing.T) {
	s := suite(t, etcd.Options{})
	a, b := s.Open(t), s.Open(t)
	defer a.Close()
	defer b.Close()
	r, err := a.Create(t.Context(), "/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	events, err := b.Watch(t.Context(), "", r-1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Create(t.Context(), "/x", []byte("b")); err != nil {
		t.Fatal(err)
	}
	if got := <-events; string(got[0].Value) != "b" {
		t.Errorf("b's watch tells %q", got[0].Value)
	}
	page, err := b.List(t.Context(), "", storage.ListOptions{})
	if err != nil || len(page.Entries) != 1 || page.Entries[0].Key != "/x" {
		t.Errorf("b lists %+v, %v", page, err)
	}
}

func TestOpenSaysThatNobodyAnswers(t *testing.T) {
	t.Parallel()
	_, err := etcd.Open(t.Context(), etcd.Options{Endpoints: []string{"http://127.0.0.1:1"}, Timeout: 200 * time.Millisecond})
	if err == nil || !strings.HasPrefix(err.Error(), "storage: open http://127.0.0.1:1: ") {
		t.Errorf("error %v", err)
	}
}
