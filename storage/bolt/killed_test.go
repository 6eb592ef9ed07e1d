package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/kubemint/kubemint/storage"
)

// never keeps a store's writes in its journal until it is read or closed.
var never = Options{rest: 24 * time.Hour}

// killed is the files of a store that was killed while its last writes were in
// the journal alone, a frame for each.
type killed struct {
	database, journal []byte
	frames            []int               // where they begin, and where the last ends
	holds             []map[string]string // what there is with none of the frames, with the first, …
}

func openIn(t *testing.T, path string, o Options) *Store {
	t.Helper()
	s, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// content is what a store holds: by key its value and revisions.
func content(t *testing.T, s *Store) map[string]string {
	t.Helper()
	page, err := s.List(t.Context(), "", storage.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]string{}
	for _, e := range page.Entries {
		m[e.Key] = described(e.Value, e.Revision, e.CreateRevision)
	}
	return m
}

func described(value []byte, revision, created int64) string {
	return fmt.Sprintf("%d bytes %.9q at %d since %d", len(value), value, revision, created)
}

// kill writes to the store at path, first before its files are as they are and
// then into the journal alone, and returns what a kill would leave.
func kill(t *testing.T, path string, writes int) killed {
	t.Helper()
	s := openIn(t, path, never)
	if err := s.Journaled(); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	now := content(t, s)
	k := killed{database: readFile(t, path)}
	base, err := s.Revision(ctx)
	if err != nil {
		t.Fatal(err)
	}
	note := func() {
		m := map[string]string{}
		for key, what := range now {
			m[key] = what
		}
		k.holds = append(k.holds, m)
	}
	note()
	at, since := map[string]int64{}, map[string]int64{}
	for step := range writes {
		key := fmt.Sprintf("/registry/%d/%d", base, step%3)
		value := bytes.Repeat([]byte{'a' + byte(step)}, 1+3000*(step%3))
		switch {
		case at[key] == 0:
			at[key], err = s.Create(ctx, key, value)
			since[key] = at[key]
		case step%5 == 0:
			_, err = s.Delete(ctx, key, at[key])
			at[key] = 0
		default:
			at[key], err = s.Update(ctx, key, value, at[key])
		}
		if err != nil {
			t.Fatal(err)
		}
		delete(now, key)
		if at[key] != 0 {
			now[key] = described(value, at[key], since[key])
		}
		note()
	}
	k.journal = readFile(t, journalPath(path))
	if !bytes.Equal(k.database, readFile(t, path)) {
		t.Fatal("the database was written, not the journal")
	}
	// The room behind the data is no part of it, and slow to copy.
	used := blocks(len(bytes.TrimRight(k.database, "\x00")))
	k.database = k.database[:(used+pageSize()-1)/pageSize()*pageSize()]
	end := journalBlock
	for range writes {
		k.frames = append(k.frames, end)
		end += blocks(frameHead + int(binary.BigEndian.Uint32(k.journal[end+4:])))
	}
	k.frames = append(k.frames, end)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return k
}

// put lays a database and a journal (nil: none) into a directory of their own.
func (k killed) put(t *testing.T, journal []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kubemint.db")
	if err := os.WriteFile(path, k.database, 0o600); err != nil {
		t.Fatal(err)
	}
	if journal != nil {
		if err := os.WriteFile(journalPath(path), journal, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}
