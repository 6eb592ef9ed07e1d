package story_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubemint/kubemint/apiserver/story"
)

func tree(t testing.TB, text string) any {
	t.Helper()
	var out any
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDiff(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, before, after string
		want                []story.Edit
	}{
		{"nothing", `{"a":[1,{"b":2}]}`, `{"a":[1,{"b":2}]}`, nil},
		{"a value is put in, changed and taken out", `{"old":1,"same":"x","changed":"a"}`, `{"new":true,"same":"x","changed":"b"}`,
			[]story.Edit{{Path: "changed", Old: "a", New: "b"}, {Path: "new", New: "true"}, {Path: "old", Old: "1"}}},
		{"named items are told apart by name and not by place", `{"c":[{"name":"a","v":1},{"name":"b"}]}`, `{"c":[{"name":"b"},{"name":"a","v":2}]}`,
			[]story.Edit{{Path: "c[a].v", Old: "1", New: "2"}}},
		{"a new list is told item by item", `{}`, `{"volumes":[{"name":"token","x":1}]}`,
			[]story.Edit{{Path: "volumes[token]", New: `{"name":"token","x":1}`}}},
		{"items without a name are told by place", `{"l":[1,2]}`, `{"l":[1,3,4]}`,
			[]story.Edit{{Path: "l[1]", Old: "2", New: "3"}, {Path: "l[2]", New: "4"}}},
		{"a name that occurs twice tells nothing apart", `{"l":[{"name":"a"},{"name":"a"}]}`, `{"l":[{"name":"a"},{"name":"a","v":1}]}`,
			[]story.Edit{{Path: "l[1].v", New: "1"}}},
		{"a label's dots are no path", `{"labels":{}}`, `{"labels":{"app.kubernetes.io/name":"x"}}`,
			[]story.Edit{{Path: `labels["app.kubernetes.io/name"]`, New: "x"}}},
		{"an empty text can be seen", `{"a":"x"}`, `{"a":""}`, []story.Edit{{Path: "a", Old: "x", New: `""`}}},
		{"who owns which field is nobody's change", `{"metadata":{"managedFields":[1]}}`, `{"metadata":{"managedFields":[2]}}`, nil},
		{"another type", `{"a":{"b":1}}`, `{"a":[1]}`, []story.Edit{{Path: "a", Old: `{"b":1}`, New: "[1]"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, cut := story.Diff(tree(t, tt.before), tree(t, tt.after))
			if diff := cmp.Diff(tt.want, got); diff != "" || cut {
				t.Errorf("cut %v, edits (-want +got):\n%s", cut, diff)
			}
		})
	}
}

func TestADiffIsCut(t *testing.T) {
	t.Parallel()
	after := map[string]any{}
	for _, key := range strings.Split("abcdefghij", "") {
		after[key] = strings.Repeat("한", 500)
	}
	edits, cut := story.Diff(map[string]any{}, after)
	total := 0
	for _, e := range edits {
		total += len(e.Path) + len(e.Old) + len(e.New)
		if !json.Valid([]byte(`"` + e.New + `"`)) {
			t.Errorf("%s was cut in the middle of a letter", e.Path)
		}
	}
	if !cut || total > story.MaxDiff || total < story.MaxDiff/2 {
		t.Errorf("cut %v, %d bytes of at most %d", cut, total, story.MaxDiff)
	}
}

// What differs is worked out once, whoever asks first and how many ask at once; large objects are compared at once and not kept.
func TestChange(t *testing.T) {
	t.Parallel()
	for _, size := range []int{10, 1 << 20} {
		c := story.NewChange(map[string]string{"a": "1"}, map[string]string{"a": "2"}, size)
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				edits, cut := c.Edits()
				if len(edits) != 1 || cut || edits[0] != (story.Edit{Path: "a", Old: "1", New: "2"}) {
					t.Errorf("edits: %+v", edits)
				}
			})
		}
		group.Wait()
	}
}

// What a story keeps alive counts against the ring's limit.
func TestFindingsCount(t *testing.T) {
	t.Parallel()
	var g story.Ring
	for range 1000 {
		g.Add(&story.Record{Keeps: 64 << 10})
		g.Add(&story.Record{System: true, Admission: []any{story.NewChange(1, 2, 32<<10)}})
	}
	if got := len(g.Newest(1<<20, false, nil)); got == 0 || got > story.MaxBytes/(64<<10) {
		t.Errorf("%d stories of people are kept", got)
	}
	if got := len(g.Newest(1<<20, true, nil)); got > story.MaxBytes/(64<<10)+story.MaxBytes/(32<<10) {
		t.Errorf("%d stories are kept", got)
	}
}

// FuzzDiff: any two documents can be compared; equal ones do not differ, and what is told stays within its bound.
func FuzzDiff(f *testing.F) {
	f.Add(`{"a":[{"name":"x"}]}`, `{"a":[{"name":"y"},{"name":"y"}]}`)
	f.Add(`[null]`, `{"":{"":[]}}`)
	f.Fuzz(func(t *testing.T, before, after string) {
		var x, y any
		if json.Unmarshal([]byte(before), &x) != nil || json.Unmarshal([]byte(after), &y) != nil {
			t.Skip()
		}
		edits, _ := story.Diff(x, y)
		total := 0
		for _, e := range edits {
			total += len(e.Path) + len(e.Old) + len(e.New)
		}
		if total > story.MaxDiff {
			t.Errorf("%d bytes", total)
		}
		if same, _ := story.Diff(x, x); len(same) > 0 {
			t.Errorf("a document differs from itself: %+v", same)
		}
	})
}
