package controller

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"

	"github.com/kubemint/kubemint/controller/certificates"
	"github.com/kubemint/kubemint/controller/daemonset"
	"github.com/kubemint/kubemint/controller/deployment"
	"github.com/kubemint/kubemint/controller/disruption"
	"github.com/kubemint/kubemint/controller/endpoints"
	"github.com/kubemint/kubemint/controller/garbage"
	"github.com/kubemint/kubemint/controller/job"
	"github.com/kubemint/kubemint/controller/legacy"
	"github.com/kubemint/kubemint/controller/namespace"
	"github.com/kubemint/kubemint/controller/nodes"
	"github.com/kubemint/kubemint/controller/protection"
	"github.com/kubemint/kubemint/controller/quota"
	"github.com/kubemint/kubemint/controller/replicaset"
	"github.com/kubemint/kubemint/controller/statefulset"
	"github.com/kubemint/kubemint/controller/volumes"
	"github.com/kubemint/kubemint/controller/work"
	"github.com/kubemint/kubemint/internal/client"
	"github.com/kubemint/kubemint/internal/clock"
	"github.com/kubemint/kubemint/internal/era"
)

// Config says what the loops work with.
type Config struct {
	// Client returns the client of a ServiceAccount in kube-system; "" means system:kube-controller-manager itself,
	// under which all informers run.
	Client func(account string) kubernetes.Interface
	// Metadata is the same for metadata clients, which read and delete objects of any kind.
	Metadata func(account string) metadata.Interface
	// Ensure, if set, makes the accounts of all loops; it is called once, after the first loops are at work.
	Ensure func(ctx context.Context) error

	// Disks are those of the nodes; nil binds no PersistentVolumes.
	Disks volumes.Disks

	Clock *clock.Clock
	Era   era.Era
	// RootCA is the PEM text that every namespace finds in its ConfigMap kube-root-ca.crt.
	RootCA []byte
	// Sign is the cluster's certificate authority; nil leaves CertificateSigningRequests alone.
	Sign certificates.Signer
	// LegacyToken signs the token of a Secret; nil leaves token Secrets alone.
	LegacyToken func(account *corev1.ServiceAccount, secret string) (string, error)
	// LegacyCleanUpPeriod is how long a legacy token may lie unused; 0 means a year (ERA-40).
	LegacyCleanUpPeriod time.Duration
	// Log hears of failures; nil is slog.Default().
	Log *slog.Logger
}

// Manager runs the loops.
type Manager struct {
	cfg       Config
	informers *work.Informers
	factory   informers.SharedInformerFactory
	recorders []*client.Recorder
	first     []runner // what a cluster needs to be usable
	rest      []runner
}

// runner is one loop.
type runner struct {
	name string
	loop loop
}

type loop interface {
	Run(ctx context.Context) error
	Pending() []string
}

// Synced tells how far an informer has come.
type Synced struct {
	Name            string
	ResourceVersion string
}

// New builds the loops and starts nothing. A Manager runs once.
func New(cfg Config) *Manager {
	cfg.Log = cmp.Or(cfg.Log, slog.Default())
	m := &Manager{cfg: cfg, informers: &work.Informers{}}
	m.factory = informers.NewSharedInformerFactory(cfg.Client(""), 0)
	m.first = []runner{
		{"service-account-controller", newDefaultAccounts(m.env("service-account-controller"))},
		{"root-ca-cert-publisher", newRootCA(m.env("root-ca-cert-publisher"), cfg.RootCA, m.narrow(named(rootCAName)))},
	}
	m.rest = []runner{
		{"clusterrole-aggregation-controller", newAggregation(m.env("clusterrole-aggregation-controller"))},
		{"namespace-controller", namespace.New(m.env("namespace-controller"))},
		{"generic-garbage-collector", garbage.New(m.reporting("generic-garbage-collector", "garbage-collector-controller"), cfg.Metadata(""))},
	}
	e := m.reporting("node-controller", "node-controller")
	m.rest = append(m.rest,
		runner{"node-lifecycle-controller", nodes.NewLifecycle(e, nodes.Config{Grace: cfg.Era.NodeGrace(), Reader: cfg.Client("")})},
		runner{"taint-eviction-controller", nodes.NewEviction(m.reporting("node-controller", "taint-eviction-controller"))},
		runner{"pod-garbage-collector-controller", nodes.NewPodGC(m.env("pod-garbage-collector"))},
		runner{"replicaset-controller", replicaset.New(m.reporting("replicaset-controller", "replicaset-controller"))},
		runner{"replicationcontroller-controller", replicaset.NewControllers(m.reporting("replication-controller", "replication-controller"))},
		runner{"deployment-controller", deployment.New(m.reporting("deployment-controller", "deployment-controller"))},
		runner{"statefulset-controller", statefulset.New(m.reporting("statefulset-controller", "statefulset-controller"))},
		runner{"daemonset-controller", daemonset.New(m.reporting("daemon-set-controller", "daemonset-controller"))},
		runner{"job-controller", job.New(m.reporting("job-controller", "job-controller"))},
		runner{"cronjob-controller", job.NewCron(m.reporting("cronjob-controller", "cronjob-controller"))},
		runner{"persistentvolumeclaim-protection-controller", protection.NewClaims(m.reporting("pvc-protection-controller", "pvc-protection-controller"))},
		runner{"persistentvolume-protection-controller", protection.NewVolumes(m.reporting("pv-protection-controller", "pv-protection-controller"))},
		runner{"disruption-controller", disruption.New(m.reporting("disruption-controller", "controllermanager"))},
		runner{"endpoints-controller", endpoints.NewEndpoints(m.reporting("endpoint-controller", "endpoint-controller"))},
		runner{"endpointslice-controller", endpoints.NewSlices(m.reporting("endpointslice-controller", "endpoint-slice-controller"))},
		runner{"resourcequota-controller", quota.New(m.reporting("resourcequota-controller", "resourcequota-controller"), cfg.Metadata(""))},
		runner{"ttl-after-finished-controller", job.NewTTL(m.env("ttl-after-finished-controller"))})
	if cfg.Disks != nil {
		e := m.reporting("persistent-volume-binder", "persistentvolume-controller")
		made := m.reporting("persistent-volume-binder", "external-provisioner")
		m.rest = append(m.rest,
			runner{"persistentvolume-binder-controller", volumes.New(e, volumes.Config{Disks: cfg.Disks, Provisioner: made.Events})},
			runner{"ephemeral-volume-controller", volumes.NewEphemeral(m.reporting("ephemeral-volume-controller", "ephemeral_volume"))})
	}
	if cfg.LegacyToken != nil {
		secrets := legacy.Config{Mint: cfg.LegacyToken, RootCA: cfg.RootCA, Auto: cfg.Era.AutoSecret(), Reader: cfg.Client("")}
		for _, l := range legacy.New(m.env(""), secrets) {
			m.rest = append(m.rest, runner{"serviceaccount-token-controller", l})
		}
		if cfg.Era.CleansLegacy() {
			m.rest = append(m.rest, runner{"legacy-serviceaccount-token-cleaner-controller",
				legacy.NewCleaner(m.env("legacy-service-account-token-cleaner"), secrets, cfg.LegacyCleanUpPeriod)})
		}
	}
	if cfg.Sign != nil {
		e := m.env("certificate-controller")
		m.rest = append(m.rest,
			runner{"certificatesigningrequest-approving-controller", certificates.NewApproval(e)},
			runner{"certificatesigningrequest-signing-controller", certificates.NewSigning(e, cfg.Sign)},
			runner{"certificatesigningrequest-cleaner-controller", certificates.NewCleaning(e)})
	}
	return m
}

// env is the environment of a loop that acts as account.
func (m *Manager) env(account string) work.Env {
	return work.Env{
		Informers: m.informers, Factory: m.factory, Clock: m.cfg.Clock, Log: m.cfg.Log,
		Client: m.cfg.Client(account), Metadata: m.cfg.Metadata(account),
	}
}

// narrow returns a factory of informers that see a part of a kind.
func (m *Manager) narrow(o informers.SharedInformerOption) informers.SharedInformerFactory {
	return informers.NewSharedInformerFactoryWithOptions(m.cfg.Client(""), 0, o)
}

// reporting is env with a recorder of events; component is the name that `kubectl describe` shows.
func (m *Manager) reporting(account, component string) work.Env {
	e := m.env(account)
	r := client.NewRecorder(client.RecorderConfig{Client: e.Client, Clock: m.cfg.Clock, Component: component, Log: m.cfg.Log})
	m.recorders = append(m.recorders, r)
	e.Events = r
	return e
}

// Run runs all loops until ctx ends or one of them fails, and returns when the last has returned. What makes a
// cluster usable starts first: the other loops' informers wait until those have theirs.
func (m *Manager) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var group sync.WaitGroup
	run := func(name string, f func(context.Context) error) {
		group.Go(func() {
			if err := f(ctx); err != nil {
				cancel(fmt.Errorf("controller %s: %w", name, err))
			}
		})
	}
	for _, r := range m.recorders {
		run("events", r.Run)
	}
	for _, r := range m.first {
		run(r.name, r.loop.Run)
	}
	for _, r := range m.first {
		if l, ok := r.loop.(interface{ Ready() <-chan struct{} }); ok {
			select {
			case <-l.Ready():
			case <-ctx.Done():
			}
		}
	}
	if ctx.Err() == nil {
		for _, r := range m.rest {
			run(r.name, r.loop.Run)
		}
		if m.cfg.Ensure != nil {
			group.Go(func() {
				if err := m.cfg.Ensure(ctx); err != nil && ctx.Err() == nil {
					m.cfg.Log.Warn("accounts of control loops not all made", "err", err)
				}
			})
		}
	}
	<-ctx.Done()
	group.Wait()
	m.informers.Wait()
	if err := context.Cause(ctx); err != nil && err != context.Canceled && ctx.Err() != nil {
		return err
	}
	return nil
}

// Pending lists what the loops have still to do, handlers that are behind their informers and events not yet written
// included. Empty means: as far as the loops have been told, all is done. Whether they have been told everything is
// for [Manager.Informers] to say.
func (m *Manager) Pending() []string {
	var p []string
	for _, i := range m.informers.All() {
		if i.Behind() {
			p = append(p, "informer of "+i.Name)
		}
	}
	for _, list := range [][]runner{m.first, m.rest} {
		for _, r := range list {
			p = append(p, r.loop.Pending()...)
		}
	}
	for _, r := range m.recorders {
		p = append(p, r.Pending()...)
	}
	return p
}

// Informers tells for each informer which resource version it has come to; an informer that has not listed yet has
// none.
func (m *Manager) Informers() []Synced {
	all := m.informers.All()
	s := make([]Synced, 0, len(all))
	for _, i := range all {
		s = append(s, Synced{Name: i.Name, ResourceVersion: i.LastSyncResourceVersion()})
	}
	return s
}
