package story_test

import (
	"strings"
	"testing"

	"github.com/kubemint/kubemint/apiserver/story"
)

func TestHeartbeatsNeverPushOutWhatAPersonDid(t *testing.T) {
	t.Parallel()
	var g story.Ring
	g.Add(&story.Record{User: "jane", AuditID: "one"})
	for range story.MaxRecords + 10 {
		g.Add(&story.Record{User: "system:node:node-1", System: true})
	}
	if r := g.Find(1, ""); r == nil || r.User != "jane" {
		t.Errorf("request 1 is %+v, want jane's", r)
	}
	if r := g.Find(0, "one"); r == nil || r.Number != 1 {
		t.Errorf("by Audit-Id: %+v", r)
	}
	if got := len(g.Newest(1<<20, true, nil)); got != story.MaxRecords+1 {
		t.Errorf("%d records are kept, want %d", got, story.MaxRecords+1)
	}
}

func TestTheRingIsBoundedInBytes(t *testing.T) {
	t.Parallel()
	var g story.Ring
	long := strings.Repeat("x", 64<<10)
	for range 1000 {
		g.Add(&story.Record{Path: long})
	}
	if got, most := len(g.Newest(1<<20, false, nil)), story.MaxBytes/len(long); got > most || got == 0 {
		t.Errorf("%d records of %d bytes are kept, at most %d fit", got, len(long), most)
	}
}

func TestNewestComesFirstAcrossBothParts(t *testing.T) {
	t.Parallel()
	var g story.Ring
	for i := range 6 {
		g.Add(&story.Record{System: i%2 == 0})
	}
	last := int64(7)
	for _, r := range g.Newest(10, true, nil) {
		if r.Number >= last {
			t.Fatalf("%d after %d", r.Number, last)
		}
		last = r.Number
	}
	if last != 1 {
		t.Errorf("the oldest shown is %d", last)
	}
}

func TestListenersHearOfPeopleOnly(t *testing.T) {
	t.Parallel()
	var g story.Ring
	var heard []int64
	stop := g.Listen(func(r *story.Record) { heard = append(heard, r.Number) })
	g.Add(&story.Record{})
	g.Add(&story.Record{System: true})
	stop()
	g.Add(&story.Record{})
	if len(heard) != 1 || heard[0] != 1 {
		t.Errorf("heard %v, want [1]", heard)
	}
}

func TestDiscovery(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{"/api": true, "/apis/apps/v1": true, "/openapi/v3": true, "/version": true, "/healthz": false, "/apis2": false} {
		if got := (&story.Record{Path: path}).Discovery(); got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
}
