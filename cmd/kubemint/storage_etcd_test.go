package main

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kubemint/kubemint"
)

// endpoints names an etcd that this test may write to.
const endpoints = "KUBEMINT_TEST_ETCD"

func TestAClusterKeptInEtcd(t *testing.T) {
	urls := os.Getenv(endpoints)
	if urls == "" {
		t.Skipf("%s names no etcd", endpoints)
	}
	o := upFlags{storage: "etcd", etcd: etcdFlags{servers: strings.Split(urls, ","), prefix: "/kubemint-test/" + rand.Text()}}
	dir := t.TempDir()
	for range 2 { // the second time it finds what the first has left
		store, err := openStorage(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		cluster, err := kubemint.New(kubemint.Config{DataDir: dir, Listen: "127.0.0.1:0", Nodes: 1, Storage: store})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- cluster.Run(ctx) }()
		select {
		case <-cluster.Ready():
		case err := <-ended:
			t.Fatal(err)
		case <-time.After(patience):
			t.Error("it does not get ready")
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func TestEtcdFilesThatAreMissing(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "none.pem")
	for _, o := range []etcdFlags{{ca: missing}, {cert: missing, key: missing}, {key: missing}} {
		if _, err := openEtcd(t.Context(), o); err == nil {
			t.Errorf("%+v: no error", o)
		}
	}
}
