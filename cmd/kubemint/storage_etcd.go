package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"

	"github.com/kubemint/kubemint/storage"
	"github.com/kubemint/kubemint/storage/etcd"
)

// openEtcd connects to the etcd that the flags name.
func openEtcd(ctx context.Context, o etcdFlags) (storage.Store, error) {
	config, err := o.tls()
	if err != nil {
		return nil, err
	}
	return etcd.Open(ctx, etcd.Options{Endpoints: o.servers, Prefix: o.prefix, TLS: config})
}

// tls is nil without any file: then the servers' URLs decide.
func (o etcdFlags) tls() (*tls.Config, error) {
	if o.ca == "" && o.cert == "" && o.key == "" {
		return nil, nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.ca != "" {
		pem, err := os.ReadFile(o.ca)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, errors.New(o.ca + " holds no certificate")
		}
	}
	if o.cert != "" || o.key != "" {
		pair, err := tls.LoadX509KeyPair(o.cert, o.key)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}
