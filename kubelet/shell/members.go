package shell

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kubemint/kubemint/kubelet/image"
	"github.com/kubemint/kubemint/kubelet/shell/rootfs"
	"github.com/kubemint/kubemint/kubelet/shell/tools"
)

// members are the processes of one container.
type members struct {
	id   string
	idle string // process 1, if it is not run here

	pace pace        // of all that runs in the container
	room rootfs.Room // that all of it has

	mu      sync.Mutex
	last    int
	all     map[int]*process
	running int // commands at work
}

// join makes the process one of its container's, and the container one of the server's.
func (s *server) join(p *process) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.containers[p.job.Container]
	if m == nil {
		m = &members{id: p.job.Container, idle: p.job.Idle, last: 1, all: map[int]*process{}}
		s.containers[p.job.Container] = m
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	p.members, p.pid = m, 1
	if !p.job.Main {
		m.last++
		p.pid = m.last
	}
	m.all[p.pid] = p
}

func (s *server) leave(p *process) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.members.mu.Lock()
	defer p.members.mu.Unlock()
	delete(p.members.all, p.pid)
	if len(p.members.all) == 0 {
		delete(s.containers, p.members.id)
	}
}

// main is process 1, or nil.
func (s *server) main(container string) *process {
	s.mu.Lock()
	m := s.containers[container]
	s.mu.Unlock()
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.all[1]
}

var _ tools.Host = (*process)(nil)

// Now is the cluster's time; if the parent cannot say, the last it said.
func (p *process) Now(ctx context.Context) time.Time {
	a, err := p.server.simple(ctx, call{Do: "now"})
	if err != nil {
		return p.started
	}
	return time.Unix(0, a.Nanos).UTC()
}

// Family is that of the image's tools.
func (p *process) Family() image.Family { return p.job.Family }

// Sleep waits on the cluster's clock.
func (p *process) Sleep(ctx context.Context, d time.Duration) error {
	_, err := p.server.simple(ctx, call{Do: "sleep", Run: p.job.Run, Nanos: int64(d)})
	return err
}

// Hostname is the pod's.
func (p *process) Hostname() string { return p.job.Hostname }

// User is who processes run as.
func (p *process) User() tools.User { return p.job.User }

// Processes lists the container's, with the idle program that the node plays.
func (p *process) Processes() []tools.Process {
	p.members.mu.Lock()
	defer p.members.mu.Unlock()
	var out []tools.Process
	if p.members.all[1] == nil {
		out = append(out, tools.Process{PID: 1, Command: p.members.idle})
	}
	for pid, q := range p.members.all {
		out = append(out, tools.Process{PID: pid, Command: strings.Join(q.job.Argv, " ")})
	}
	slices.SortFunc(out, func(a, b tools.Process) int { return a.PID - b.PID })
	return out
}

// Signal sends a signal inside of the container. Process 1 hears only what it has a handler for, KILL
// not at all, as in any PID namespace.
func (p *process) Signal(ctx context.Context, pid int, signal string) error {
	p.members.mu.Lock()
	q := p.members.all[pid]
	p.members.mu.Unlock()
	switch {
	case q == nil && pid == 1:
		if signal == "KILL" || signal == "0" {
			return nil
		}
		_, err := p.server.simple(ctx, call{Do: "signal", Container: p.members.id, Signal: signal})
		return err
	case q == nil:
		return tools.ErrNoProcess
	case signal == "0":
		return nil
	}
	if !q.notify(signal) && pid != 1 {
		q.kill(signal)
	}
	return nil
}
