package story

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// MaxDiff bounds a diff, in bytes.
const MaxDiff = 4 << 10

// Edit is one difference between two objects: what stands at Path now and what stood there. Of something added Old is empty, of
// something removed New is.
type Edit struct {
	Path string `json:"path"`
	Old  string `json:"old,omitempty"`
	New  string `json:"new,omitempty"`
}

// Diff compares two JSON trees, by path in order. Items of a list are told apart by their name where they all have one. cut says that
// the differences would take more than MaxDiff bytes, so that the last ones are missing.
func Diff(before, after any) (edits []Edit, cut bool) {
	d := &differ{room: MaxDiff}
	d.compare("", before, after)
	return d.edits, d.cut
}

type differ struct {
	edits []Edit
	room  int
	cut   bool
}

// nothing stands for what is not there.
type nothing struct{}

func (d *differ) compare(path string, before, after any) {
	if d.cut || path == "metadata.managedFields" {
		return
	}
	switch x := before.(type) {
	case map[string]any:
		if y, ok := after.(map[string]any); ok {
			d.objects(path, x, y)
			return
		}
	case []any:
		if y, ok := after.([]any); ok {
			d.lists(path, x, y)
			return
		}
	case nothing: // a new list is told item by item
		if y, ok := after.([]any); ok && len(y) > 0 && identity(y) != "" {
			d.lists(path, nil, y)
			return
		}
	}
	if !reflect.DeepEqual(before, after) {
		d.add(path, text(before), text(after))
	}
}

func (d *differ) objects(path string, x, y map[string]any) {
	keys := slices.Sorted(maps.Keys(x))
	for key := range y {
		if _, ok := x[key]; !ok {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		d.compare(join(path, key), at(x, key), at(y, key))
	}
}

func at(m map[string]any, key string) any {
	if v, ok := m[key]; ok {
		return v
	}
	return nothing{}
}

func join(path, key string) string {
	if strings.ContainsAny(key, "./") { // a label or annotation
		return fmt.Sprintf("%s[%q]", path, key)
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

// identities are the fields by which items of Kubernetes' lists are told apart.
var identities = []string{"name", "mountPath", "key", "containerPort", "type", "uid"}

func (d *differ) lists(path string, x, y []any) {
	field := identity(x, y)
	if field == "" {
		for i := range max(len(x), len(y)) {
			before, after := any(nothing{}), any(nothing{})
			if i < len(x) {
				before = x[i]
			}
			if i < len(y) {
				after = y[i]
			}
			d.compare(fmt.Sprintf("%s[%d]", path, i), before, after)
		}
		return
	}
	named := func(items []any) (m map[string]any, order []string) {
		m = map[string]any{}
		for _, item := range items {
			id := fmt.Sprint(item.(map[string]any)[field])
			m[id] = item
			order = append(order, id)
		}
		return m, order
	}
	xs, order := named(x)
	ys, more := named(y)
	for _, id := range more {
		if _, ok := xs[id]; !ok {
			order = append(order, id)
		}
	}
	for _, id := range order {
		d.compare(fmt.Sprintf("%s[%s]", path, id), at(xs, id), at(ys, id))
	}
}

// identity is the first field that tells all items of both lists apart, or "".
func identity(lists ...[]any) string {
	for _, field := range identities {
		if !slices.ContainsFunc(lists, func(items []any) bool { return !distinct(items, field) }) {
			return field
		}
	}
	return ""
}

func distinct(items []any, field string) bool {
	seen := map[any]bool{}
	for _, item := range items {
		m, ok := item.(map[string]any)
		if !ok {
			return false
		}
		switch v := m[field].(type) {
		case string, float64:
			if seen[v] {
				return false
			}
			seen[v] = true
		default:
			return false
		}
	}
	return true
}

func text(v any) string {
	switch v := v.(type) {
	case nothing:
		return ""
	case string:
		if v == "" {
			return `""`
		}
		return v
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

func (d *differ) add(path, before, after string) {
	e := Edit{Path: path, Old: before, New: after}
	for _, part := range []*string{&e.Path, &e.Old, &e.New} {
		if len(*part) > d.room {
			*part = strings.ToValidUTF8((*part)[:d.room], "")
			d.cut = true
		}
		d.room -= len(*part)
	}
	d.edits = append(d.edits, e)
}
