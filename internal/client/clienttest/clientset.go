// Package clienttest is client-go's simulated API for tests, without its gaps: a watch from where a list stood tells of everything since,
// deletions too, however much is under way, and a test can wait until all who watch have heard of it. It never judges what is written to
// it; tests that need a server's rules have a cluster.
package clienttest

import (
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
)

// Clientset is a simulated API. Reactors come before it as with fake.Clientset.
type Clientset struct {
	*fake.Clientset
	tracker *tracker
}

// NewClientset makes one that holds these objects.
func NewClientset(objects ...runtime.Object) *Clientset {
	c := &Clientset{Clientset: fake.NewClientset(objects...)}
	c.tracker = newTracker(c.Clientset.Tracker())
	c.tracker.serve(&c.Fake)
	return c
}

// Tracker writes past the reactors.
func (c *Clientset) Tracker() clienttesting.ObjectTracker { return c.tracker }

// Version counts what has been written.
func (c *Clientset) Version() int64 { return c.tracker.now() }

// Heard says whether all who watch, and take bookmarks, have done with everything up to now.
func (c *Clientset) Heard() bool { return c.tracker.heard() }
