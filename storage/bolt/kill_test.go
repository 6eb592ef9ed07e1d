package bolt_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/kubemint/kubemint/storage"
	"github.com/kubemint/kubemint/storage/bolt"
)

// With this variable set, the test binary is the process that is killed; with the
// other, its writes go through the journal, as those of a store in use do.
const (
	killMe        = "KUBEMINT_TEST_KILL_ME"
	killJournaled = "KUBEMINT_TEST_KILL_JOURNALED"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(killMe); path != "" {
		fmt.Fprintln(os.Stderr, writeUntilKilled(path, os.Getenv(killJournaled) != ""))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

const killWriters = 24

func killKey(worker, slot int) string { return fmt.Sprintf("/registry/%02d/%02d", worker, slot) }

// killValue is what a write leaves: it can be told from every other.
func killValue(key string, step int) []byte {
	return bytes.Repeat(fmt.Appendf(nil, "%s at %d;", key, step), 1+step%60)
}

// writeUntilKilled writes, and says on standard output what was acknowledged, as
// soon as it was: "KEY STEP REVISION", where an odd multiple of five is a delete.
func writeUntilKilled(path string, journaled bool) error {
	s, err := bolt.Open(path, bolt.Options{Window: 100})
	if err != nil {
		return err
	}
	if journaled {
		if err := s.Journaled(); err != nil {
			return err
		}
	}
	ctx := context.Background()
	var first error
	var mu sync.Mutex // one line at a time, each written at once
	fail := func(err error) {
		mu.Lock()
		defer mu.Unlock()
		first = errors.Join(first, err)
	}
	var all sync.WaitGroup
	for worker := range killWriters {
		all.Go(func() {
			random := rand.New(rand.NewPCG(uint64(worker), uint64(os.Getpid())))
			at := map[string]int64{} // 0: there is none
			for step := 1; ; step++ {
				key := killKey(worker, random.IntN(8))
				seen, ok := at[key]
				if !ok {
					e, err := s.Get(ctx, key)
					if err != nil && !errors.Is(err, storage.ErrNotFound) {
						fail(err)
						return
					}
					seen = e.Revision
				}
				var r int64
				var err error
				done := "put"
				switch {
				case seen == 0:
					r, err = s.Create(ctx, key, killValue(key, step))
					at[key] = r
				case step%5 == 0:
					done = "delete"
					r, err = s.Delete(ctx, key, seen)
					at[key] = 0
				default:
					r, err = s.Update(ctx, key, killValue(key, step), seen)
					at[key] = r
				}
				if err != nil {
					fail(err)
					return
				}
				mu.Lock()
				fmt.Fprintf(os.Stdout, "%s %s %d %d\n", done, key, step, r)
				mu.Unlock()
			}
		})
	}
	all.Go(func() { // the past goes meanwhile
		for !journaled {
			r, err := s.Revision(ctx)
			if err == nil {
				err = s.Compact(ctx, r-50)
			}
			if err != nil {
				fail(err)
				return
			}
		}
	})
	all.Wait()
	return first
}

// Every acknowledged write survives kill -9 in mid-load: a real process, killed
// again and again on the same file.
func TestEveryAcknowledgedWriteSurvivesKill(t *testing.T) {
	t.Parallel()
	for name, journaled := range map[string]bool{"in the database": false, "in the journal": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			killAgainAndAgain(t, journaled)
		})
	}
}

func killAgainAndAgain(t *testing.T, journaled bool) {
	path := filepath.Join(t.TempDir(), "kubemint.db")
	type state struct {
		value    []byte // nil: deleted
		revision int64
	}
	acknowledged := map[string]state{}
	highest := storage.FirstRevision
	total := 0
	for round := range 4 {
		cmd := exec.Command(os.Args[0], "-test.run=^$")
		cmd.Env = append(os.Environ(), killMe+"="+path)
		if journaled {
			cmd.Env = append(cmd.Env, killJournaled+"=1")
		}
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := 0
		for scan := bufio.NewScanner(out); scan.Scan(); {
			var done, key string
			var step int
			var r int64
			if n, _ := fmt.Sscanf(scan.Text(), "%s %s %d %d", &done, &key, &step, &r); n != 4 || r == 0 {
				break // killed in the middle of a line
			}
			s := state{revision: r}
			if done == "put" {
				s.value = killValue(key, step)
			}
			if r > acknowledged[key].revision {
				acknowledged[key] = s
			}
			highest = max(highest, r)
			if lines++; lines == 1500+700*round {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = cmd.Wait() // it was killed
		if lines < 1500 {
			t.Fatalf("round %d: the process ended by itself after %d writes: %s", round, lines, stderr.String())
		}
		total += lines
		if _, err := os.Stat(path + ".journal"); journaled && err != nil {
			t.Errorf("round %d: nothing was journaled: %v", round, err)
		}

		s, err := bolt.Open(path, bolt.Options{})
		if err != nil {
			t.Fatalf("round %d: after the kill: %v", round, err)
		}
		r, err := s.Revision(t.Context())
		if err != nil || r < highest {
			t.Errorf("round %d: revision %d, %v; %d was acknowledged", round, r, err, highest)
		}
		newer := 0
		for key, want := range acknowledged {
			e, err := s.Get(t.Context(), key)
			switch {
			case err == nil && e.Revision == want.revision && bytes.Equal(e.Value, want.value):
			case errors.Is(err, storage.ErrNotFound) && want.value == nil:
			case err == nil && e.Revision > want.revision:
				newer++ // committed, and killed before it could say so
				acknowledged[key] = state{e.Value, e.Revision}
			case errors.Is(err, storage.ErrNotFound) && r > want.revision:
				newer++
				acknowledged[key] = state{nil, r}
			default:
				t.Errorf("round %d: %s was acknowledged at revision %d; now it is %d, %v", round, key, want.revision, e.Revision, err)
			}
		}
		if newer > killWriters {
			t.Errorf("round %d: %d keys are newer than acknowledged, and there are %d writers", round, newer, killWriters)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d acknowledged writes", total)
}
