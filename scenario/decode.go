package scenario

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// position is a place in a file.
type position struct {
	file         string
	line, column int
}

func (p position) String() string { return fmt.Sprintf("%s:%d:%d", p.file, p.line, p.column) }

// Problem is one mistake in a file.
type Problem struct {
	at   position
	Text string
}

// Error returns FILE:LINE:COLUMN: what is wrong.
func (p Problem) Error() string { return p.at.String() + ": " + p.Text }

// Problems are all mistakes found in a file, in the order of the file.
type Problems []Problem

// Error returns one line per mistake.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.Error()
	}
	return strings.Join(lines, "\n")
}

// decoder turns YAML nodes into the types of the format and collects mistakes
// with their places, which the library's own decoding does not give.
type decoder struct {
	file     string
	problems Problems
}

func (d *decoder) at(n *yaml.Node) position { return position{d.file, n.Line, n.Column} }

func (d *decoder) problem(n *yaml.Node, format string, args ...any) {
	d.problems = append(d.problems, Problem{d.at(n), fmt.Sprintf(format, args...)})
}

// decode fills v from a node.
func (d *decoder) decode(n *yaml.Node, v reflect.Value) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	switch v.Interface().(type) {
	case time.Time:
		d.decodeTime(n, v)
		return
	case Action:
		// A command line alone is short for {kubectl: …} or {kubemint: …}.
		if n.Kind == yaml.ScalarNode {
			d.decodeCommand(n, v)
			return
		}
	}
	switch v.Kind() {
	case reflect.Struct:
		d.decodeStruct(n, v)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.decode(n, v.Elem())
	case reflect.Slice:
		if n.Kind != yaml.SequenceNode {
			d.problem(n, "expected a list (a line beginning with \"- \")")
			return
		}
		list := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
		for i, item := range n.Content {
			d.decode(item, list.Index(i))
		}
		v.Set(list)
	case reflect.Map:
		d.decodeMap(n, v)
	default:
		d.decodeScalar(n, v)
	}
}

func (d *decoder) decodeStruct(n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.MappingNode {
		d.problem(n, "expected fields: one of %s", strings.Join(fieldNames(v.Type()), ", "))
		return
	}
	d.setPosition(n, v)
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		field, ok := fieldNamed(v, key.Value)
		if !ok {
			d.unknownField(key, v.Type())
			continue
		}
		if seen[key.Value] {
			d.problem(key, "field %q is there twice", key.Value)
			continue
		}
		seen[key.Value] = true
		d.decode(value, field)
	}
}

func (d *decoder) setPosition(n *yaml.Node, v reflect.Value) {
	at := d.at(n)
	switch s := v.Addr().Interface().(type) {
	case *Text:
		s.at = at
	case *Step:
		s.at = at
	case *Ask:
		s.at = at
	case *Action:
		s.at = at
	case *Hold:
		s.at = at
	case *Not:
		s.at = at
	}
}

func (d *decoder) unknownField(key *yaml.Node, t reflect.Type) {
	names := fieldNames(t)
	if near := nearest(key.Value, names); near != "" {
		d.problem(key, "unknown field %q; did you mean %q?", key.Value, near)
		return
	}
	d.problem(key, "unknown field %q; known here: %s", key.Value, strings.Join(names, ", "))
}

func (d *decoder) decodeMap(n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.MappingNode {
		d.problem(n, "expected names with values")
		return
	}
	m := reflect.MakeMapWithSize(v.Type(), len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		value := reflect.New(v.Type().Elem()).Elem()
		d.decode(n.Content[i+1], value)
		m.SetMapIndex(reflect.ValueOf(n.Content[i].Value), value)
	}
	v.Set(m)
}

func (d *decoder) decodeScalar(n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.ScalarNode {
		d.problem(n, "expected one value, not a list or fields")
		return
	}
	switch v.Kind() {
	case reflect.String:
		// `is: yes` is a boolean to YAML's older readers and text to this one.
		v.SetString(n.Value)
	case reflect.Int:
		i, err := strconv.Atoi(n.Value)
		if err != nil {
			d.problem(n, "%q is not a whole number", n.Value)
			return
		}
		v.SetInt(int64(i))
	case reflect.Bool:
		b, err := strconv.ParseBool(n.Value)
		if err != nil {
			d.problem(n, "%q is neither true nor false", n.Value)
			return
		}
		v.SetBool(b)
	default:
		d.problem(n, "cannot hold a value of type %s", v.Type())
	}
}

func (d *decoder) decodeTime(n *yaml.Node, v reflect.Value) {
	t, err := time.Parse(time.RFC3339, n.Value)
	if err != nil {
		d.problem(n, "%q is not a time like 2026-11-23T08:30:00Z", n.Value)
		return
	}
	v.Set(reflect.ValueOf(t))
}

func (d *decoder) decodeCommand(n *yaml.Node, v reflect.Value) {
	program, rest, _ := strings.Cut(strings.TrimSpace(n.Value), " ")
	action := Action{at: d.at(n)}
	switch program {
	case "kubectl":
		action.Kubectl = strings.TrimSpace(rest)
	case "kubemint":
		action.Kubemint = strings.TrimSpace(rest)
	default:
		d.problem(n, "a command begins with kubectl or kubemint, not %q", program)
		return
	}
	v.Set(reflect.ValueOf(action))
}

// fieldNamed returns the field with a yaml name.
func fieldNamed(v reflect.Value, name string) (reflect.Value, bool) {
	for i := range v.NumField() {
		if tag := v.Type().Field(i).Tag.Get("yaml"); tag != "" && tag == name {
			return v.Field(i), true
		}
	}
	return reflect.Value{}, false
}

func fieldNames(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		if tag := t.Field(i).Tag.Get("yaml"); tag != "" {
			names = append(names, tag)
		}
	}
	return names
}

// nearest returns the known word closest to a mistyped one, or nothing if none
// is close.
func nearest(word string, known []string) string {
	best, distance := "", len(word)/2+1
	for _, candidate := range known {
		if d := editDistance(strings.ToLower(word), candidate); d < distance {
			best, distance = candidate, d
		}
	}
	return best
}

// editDistance counts the letters to insert, delete or replace.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			diagonal, row[j] = row[j], min(row[j]+1, row[j-1]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}

// sorted orders problems as they stand in the file.
func (p Problems) sorted() Problems {
	slices.SortStableFunc(p, func(a, b Problem) int {
		if a.at.line != b.at.line {
			return a.at.line - b.at.line
		}
		return a.at.column - b.at.column
	})
	return p
}
