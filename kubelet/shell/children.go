package shell

import (
	"fmt"
	"os"
	"runtime"
	"sync"
)

// DefaultChildren is how many containers of a cluster have a child of their own unless somebody says otherwise.
const DefaultChildren = 32

// Children bounds how many containers have a child process of their own: those of all the nodes that share it.
type Children struct {
	common bounds        // of the child that those share who have none of their own
	begin  chan struct{} // as many as may begin at the same time: a burst leaves a part of the machine to others

	mu   sync.Mutex
	left int
}

// NewChildren lets that many containers have one; 0 or less: DefaultChildren.
func NewChildren(count int) *Children {
	if count <= 0 {
		count = DefaultChildren
	}
	return &Children{left: count, common: bounds{Memory: commonMemory}, begin: make(chan struct{}, max(2, runtime.NumCPU()))}
}

// take asks for one more, give takes it back.
func (c *Children) take() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left == 0 {
		return false
	}
	c.left--
	return true
}

func (c *Children) give() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left++
}

// home is a child, or one that is about to be.
type home struct {
	own   bool          // of one container; else those share it that have none of their own
	begun chan struct{} // closed when link or err is set
	link  *link
	err   error
}

// fresh is a home that is to be begun. Runtime.mu is held.
func (r *Runtime) fresh() *home {
	return &home{own: r.cfg.Children.take(), begun: make(chan struct{})}
}

// lost says whether a home's child has ended, or never began.
func (h *home) lost() bool {
	select {
	case <-h.begun:
	default:
		return false
	}
	if h.err != nil {
		return true
	}
	select {
	case <-h.link.dead:
		return true
	default:
		return false
	}
}

// begin starts the child, once.
func (h *home) begin(r *Runtime, b bounds, of within) {
	defer close(h.begun)
	r.sweep.Do(func() { h.err = os.RemoveAll(r.kubectlDir()) }) // what a program left behind that was killed
	if h.err == nil {
		h.link, h.err = r.launchInTurn(b, h.own, of)
	}
	if h.err != nil {
		h.err = fmt.Errorf("start a process for the container: %w", h.err)
		if h.own {
			r.cfg.Children.give()
		}
	}
}

// launchInTurn waits until few others begin, and for the child to answer or end.
func (r *Runtime) launchInTurn(b bounds, own bool, of within) (*link, error) {
	turn := r.cfg.Children.begin
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-r.ctx.Done():
		return nil, errClosed
	}
	l, err := r.launch(b, own, of)
	if err == nil {
		select {
		case <-l.up:
		case <-l.dead:
		}
	}
	return l, err
}

// end is that of a container's own child when nothing runs in it any more; it gives back what was taken for it.
func (h *home) end(r *Runtime) {
	h.link.end()
	<-h.link.dead
	r.cfg.Children.give()
}

// stay is a container in its home.
type stay struct {
	home  *home
	users int // runs under way
}

// enter returns the child that a container's commands run in: its own, or if the cluster has enough of those the one that its node's other
// containers share, as all checks of containers that idle do. leave is to be called when the run is over.
func (r *Runtime) enter(in within, check bool) (l *link, leave func(), err error) {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return nil, nil, errClosed
	}
	s := r.stays[in.id]
	begin := false
	if s == nil || s.home.lost() {
		s = &stay{}
		if !check || in.idle == nil {
			s.home = r.fresh()
			begin = s.home.own
			r.stays[in.id] = s
		}
		if s.home == nil || !s.home.own {
			if r.common == nil || r.common.lost() {
				r.common = &home{begun: make(chan struct{})}
				begin = true
			}
			s.home = r.common
		}
	}
	s.users++
	r.mu.Unlock()
	h := s.home
	if begin {
		b := boundsOf(in.spec)
		if !h.own {
			b = r.cfg.Children.common
		}
		h.begin(r, b, in)
	}
	leave = func() {
		r.mu.Lock()
		s.users--
		last := s.users == 0
		if last && r.stays[in.id] == s {
			delete(r.stays, in.id)
		}
		r.mu.Unlock()
		if last && h.own && h.err == nil {
			r.group.Go(func() { h.end(r) }) // whoever leaves is one of the group
		}
	}
	<-h.begun
	if h.err != nil {
		leave()
		return nil, nil, h.err
	}
	return h.link, leave, nil
}
