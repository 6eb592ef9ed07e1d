package storagetest

import (
	"fmt"
	"testing"

	"github.com/kubemint/kubemint/storage"
)

func keys(page storage.Page) []string {
	var out []string
	for _, e := range page.Entries {
		out = append(out, e.Key)
	}
	return out
}

// List: all of it, in the order of the keys' bytes, with the store's revision.
func (s Suite) List(t *testing.T) {
	f := s.open(t)
	page := f.list("/", storage.ListOptions{})
	if len(page.Entries) != 0 || page.Revision != f.base || page.More || page.Remaining != 0 {
		t.Errorf("an empty store lists as %+v", page)
	}
	a := f.create("/p/a", "A")
	c := f.create("/p/c", "C")
	b := f.create("/p/b", "B")
	f.create("/p/B", "upper")
	f.delete("/p/B", f.revision())
	c2 := f.update("/p/c", "C2", c)
	same(t, "page", f.list("/p/", storage.ListOptions{}), storage.Page{
		Revision: c2,
		Entries: []storage.Entry{
			{Key: "/p/a", Value: []byte("A"), Revision: a, CreateRevision: a},
			{Key: "/p/b", Value: []byte("B"), Revision: b, CreateRevision: b},
			{Key: "/p/c", Value: []byte("C2"), Revision: c2, CreateRevision: c},
		},
	})
}

// ListPrefix: a prefix is bytes; the empty one is everything.
func (s Suite) ListPrefix(t *testing.T) {
	f := s.open(t)
	all := []string{"/a", "/pod", "/pods/x", "/pods/x/y", "/podtemplates/x", "/q", "\xff\xff/z"}
	for _, key := range all {
		f.create(key, key)
	}
	for prefix, wanted := range map[string][]string{
		"":          all,
		"/pod":      {"/pod", "/pods/x", "/pods/x/y", "/podtemplates/x"},
		"/pods/":    {"/pods/x", "/pods/x/y"},
		"/pods/x":   {"/pods/x", "/pods/x/y"},
		"/none":     nil,
		"\xff":      {"\xff\xff/z"},
		"\xff\xff":  {"\xff\xff/z"},
		"/q":        {"/q"},
		"/q/deeper": nil,
	} {
		same(t, "list "+prefix, keys(f.list(prefix, storage.ListOptions{})), wanted)
	}
}

// ListPages: limit and start key.
func (s Suite) ListPages(t *testing.T) {
	f := s.open(t)
	for i := range 10 {
		f.create(fmt.Sprintf("/p/%d", i), "v")
	}
	f.create("/o/before", "v")
	f.create("/q/behind", "v")
	for limit := 1; limit <= 11; limit++ {
		var got []string
		o := storage.ListOptions{Limit: limit}
		for more := true; more; {
			page := f.list("/p/", o)
			got = append(got, keys(page)...)
			if rest := int64(10 - len(got)); page.Remaining != rest || page.More != (rest > 0) {
				t.Fatalf("limit %d: %d remain (more: %v), want %d", limit, page.Remaining, page.More, rest)
			}
			if more = page.More; more {
				o.After = got[len(got)-1]
			}
		}
		if len(got) != 10 || got[0] != "/p/0" || got[9] != "/p/9" {
			t.Errorf("limit %d: %v", limit, got)
		}
	}
	for after, wanted := range map[string]int{"/p/8": 1, "/p/8x": 1, "/p/9": 0, "/z": 0, "/a": 10, "/p/": 10} {
		if page := f.list("/p/", storage.ListOptions{After: after}); len(page.Entries) != wanted || page.More {
			t.Errorf("behind %s: %v, want %d entries", after, keys(page), wanted)
		}
	}
}

// ListAtRevision: the store as it stood after each of its writes.
func (s Suite) ListAtRevision(t *testing.T) {
	f := s.open(t)
	a := f.create("/p/a", "1")
	b := f.create("/p/b", "1")
	a2 := f.update("/p/a", "2", a)
	gone := f.delete("/p/b", b)
	f.create("/other", "x")
	b2 := f.create("/p/b", "2")
	f.create("/p/c", "1")
	entry := func(key, value string, revision, created int64) storage.Entry {
		return storage.Entry{Key: key, Value: []byte(value), Revision: revision, CreateRevision: created}
	}
	for _, c := range []struct {
		at      int64
		entries []storage.Entry
	}{
		{f.base, nil},
		{a, []storage.Entry{entry("/p/a", "1", a, a)}},
		{b, []storage.Entry{entry("/p/a", "1", a, a), entry("/p/b", "1", b, b)}},
		{a2, []storage.Entry{entry("/p/a", "2", a2, a), entry("/p/b", "1", b, b)}},
		{gone, []storage.Entry{entry("/p/a", "2", a2, a)}},
		{gone + 1, []storage.Entry{entry("/p/a", "2", a2, a)}},
		{b2, []storage.Entry{entry("/p/a", "2", a2, a), entry("/p/b", "2", b2, b2)}},
	} {
		page := f.list("/p/", storage.ListOptions{Revision: c.at})
		same(t, fmt.Sprintf("list at %d", c.at), page, storage.Page{Entries: c.entries, Revision: c.at})
	}
}

// PagesAtRevision: a list that goes on in pages sees nothing of what is written
// between them.
func (s Suite) PagesAtRevision(t *testing.T) {
	f := s.open(t)
	at := map[string]int64{}
	for i := range 6 {
		key := fmt.Sprintf("/p/%d", i)
		at[key] = f.create(key, "old")
	}
	first := f.list("/p/", storage.ListOptions{Limit: 2})
	f.update("/p/3", "new", at["/p/3"])
	f.delete("/p/4", at["/p/4"])
	f.create("/p/22", "new")
	f.create("/p/9", "new")
	second := f.list("/p/", storage.ListOptions{Limit: 2, After: "/p/1", Revision: first.Revision})
	third := f.list("/p/", storage.ListOptions{Limit: 2, After: "/p/3", Revision: first.Revision})
	same(t, "second page", keys(second), []string{"/p/2", "/p/3"})
	same(t, "third page", keys(third), []string{"/p/4", "/p/5"})
	if second.Remaining != 2 || !second.More || third.Remaining != 0 || third.More {
		t.Errorf("remaining: %d, %d; want 2, 0", second.Remaining, third.Remaining)
	}
	for _, e := range append(second.Entries, third.Entries...) {
		same(t, "value of "+e.Key, string(e.Value), "old")
	}
}

// ListFuture: a revision the store has not reached is refused.
func (s Suite) ListFuture(t *testing.T) {
	f := s.open(t)
	r := f.create("/a", "1")
	_, err := f.Store.List(t.Context(), "/", storage.ListOptions{Revision: r + 1})
	want(t, err, storage.ErrFuture, "list", "/")
}
