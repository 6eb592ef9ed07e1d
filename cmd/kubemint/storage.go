package main

import (
	"context"

	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/storage"
	"github.com/kubemint/kubemint/storage/memory"

	"github.com/spf13/pflag"
)

// etcdFlags say where an etcd is that somebody else runs; they have the names
// that kube-apiserver gives them.
type etcdFlags struct {
	servers       []string
	prefix        string
	ca, cert, key string
}

func (o *etcdFlags) add(p *program, flags *pflag.FlagSet) {
	flags.StringSliceVar(&o.servers, "etcd-servers", nil, p.flagText("etcd-servers"))
	flags.StringVar(&o.prefix, "etcd-prefix", "/kubemint", p.flagText("etcd-prefix"))
	flags.StringVar(&o.ca, "etcd-cafile", "", p.flagText("etcd-cafile"))
	flags.StringVar(&o.cert, "etcd-certfile", "", p.flagText("etcd-certfile"))
	flags.StringVar(&o.key, "etcd-keyfile", "", p.flagText("etcd-keyfile"))
}

// checkStorage refuses flags that do not name a storage.
func (o upFlags) checkStorage() error {
	switch {
	case o.storage == "etcd" && len(o.etcd.servers) == 0:
		return say.Failure("up.etcd-servers", nil, nil)
	case o.storage != "bolt" && o.storage != "memory" && o.storage != "etcd":
		return say.Failure("up.storage", say.Params{"storage": o.storage}, nil)
	case o.storage != "etcd" && len(o.etcd.servers) > 0:
		return say.Failure("up.etcd-unused", nil, nil)
	}
	return nil
}

// openStorage opens what --storage names; nil is the file in the data directory.
func openStorage(ctx context.Context, o upFlags) (storage.Store, error) {
	switch o.storage {
	case "memory":
		return memory.New(), nil
	case "etcd":
		return openEtcd(ctx, o.etcd)
	}
	return nil, nil
}
