package scheduler

import (
	"cmp"
	"context"
	"log/slog"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/kubemint/kubemint/controller"
	"github.com/kubemint/kubemint/internal/client"
	"github.com/kubemint/kubemint/internal/clock"
)

// profile is the schedulerName that this scheduler answers to.
const profile = corev1.DefaultSchedulerName

// Config is what a scheduler works with. Client and Clock are needed.
type Config struct {
	Client  kubernetes.Interface // as system:kube-scheduler
	Clock   *clock.Clock
	Binders int          // bindings written at the same time; 0: 16
	Log     *slog.Logger // nil: slog.Default()
}

// Scheduler binds pods to nodes. Make it with New, run it with Run.
type Scheduler struct {
	cfg    Config
	events *client.Recorder
	feeds  []*feed
	world  *world
	line   *line
}

// New prepares a scheduler and starts nothing.
func New(cfg Config) *Scheduler {
	cfg.Binders = cmp.Or(cfg.Binders, 16)
	cfg.Log = cmp.Or(cfg.Log, slog.Default())
	s := &Scheduler{
		cfg: cfg, world: newWorld(), line: newLine(),
		events: client.NewRecorder(client.RecorderConfig{Client: cfg.Client, Clock: cfg.Clock, Component: profile, Log: cfg.Log}),
	}
	s.feeds = append([]*feed{s.nodeFeed(), s.podFeed()}, s.storageFeeds()...)
	return s
}

// Run schedules until ctx ends, and returns when the last binding in work is done.
func (s *Scheduler) Run(ctx context.Context) error {
	var group sync.WaitGroup
	group.Go(func() { _ = s.events.Run(ctx) }) // it returns when ctx ends, and no error
	for _, f := range s.feeds {
		group.Go(func() { f.reflector.RunWithContext(ctx) })
	}
	s.decide(ctx, &group)
	group.Wait()
	return nil
}

// Pending lists the pods that are to be decided on, bound or tried again, and events not yet
// written. Pods that fit nowhere are not among them: nothing is going on about them.
func (s *Scheduler) Pending() []string {
	var out []string
	for _, key := range s.line.pending() {
		out = append(out, "scheduler: pod "+key)
	}
	return append(out, s.events.Pending()...)
}

// Informers tells how far the scheduler's watches have come. What they report has reached its
// picture of the cluster: nothing is buffered in between.
func (s *Scheduler) Informers() []controller.Synced {
	out := make([]controller.Synced, 0, len(s.feeds))
	for _, f := range s.feeds {
		out = append(out, controller.Synced{Name: "scheduler's " + f.name, ResourceVersion: f.reflector.LastSyncResourceVersion()})
	}
	return out
}
