package cache

import (
	"bytes"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"weak"

	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
)

// Object is one object at one revision. It never changes.
type Object struct {
	// Key is NAMESPACE/NAME, or NAME for cluster-scoped kinds; lists are ordered by it (API-114).
	Key      string
	Revision int64
	// Body is the JSON of the object without kind and apiVersion: {"metadata":{…},…}.
	Body []byte

	kind   *Kind
	strong atomic.Pointer[decoded] // kept for kinds that are read on every request
	weak   atomic.Pointer[weak.Pointer[decoded]]

	once     sync.Once
	selected fields.Set // see fields
}

type decoded struct{ obj runtime.Object }

// metadataStart is how every stored body begins.
var metadataStart = []byte(`{"metadata":{`)

// What stands before the resource version in the metadata of a real server's answers, in this order; all are texts.
var identity = [...][]byte{[]byte(`"name":"`), []byte(`"generateName":"`), []byte(`"namespace":"`), []byte(`"selfLink":"`), []byte(`"uid":"`)}

// versionMember is the start of the resource version.
var versionMember = []byte(`"resourceVersion":"`)

// versionPlace is where the resource version of a stored value belongs: behind who the object is. A comma precedes it, unless it is the
// first.
func versionPlace(value []byte) (int, error) {
	if !bytes.HasPrefix(value, metadataStart) {
		return 0, fmt.Errorf("stored value does not begin with metadata: %.40q", value)
	}
	at := len(metadataStart)
	for _, member := range identity {
		from := at
		if from > len(metadataStart) {
			if from == len(value) || value[from] != ',' {
				break
			}
			from++
		}
		if !bytes.HasPrefix(value[from:], member) {
			continue
		}
		end := textEnd(value[from+len(member):])
		if end < 0 {
			return 0, fmt.Errorf("stored value has no end of a text: %.60q", value)
		}
		at = from + len(member) + end + 1
	}
	return at, nil
}

// textEnd is the index of the quotation mark that ends a JSON text, or -1.
func textEnd(rest []byte) int {
	for i := 0; i < len(rest); i++ {
		switch rest[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

// stamped puts the resource version into a stored value, where a real server has it. Values are written without one: the store alone
// knows the revision.
func stamped(value []byte, revision int64) ([]byte, error) {
	at, err := versionPlace(value)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(value)+40)
	out = append(out, value[:at]...)
	if at > len(metadataStart) {
		out = append(out, ',')
	}
	out = append(out, versionMember...)
	out = strconv.AppendInt(out, revision, 10)
	out = append(out, '"')
	if rest := value[at:]; at == len(metadataStart) && len(rest) > 0 && rest[0] != '}' {
		out = append(out, ',')
	}
	return append(out, value[at:]...), nil
}

// versionOf is where in a stamped body the resource version stands: from its name to behind its text, which is that of revision.
func versionOf(body []byte, revision int64) (from, to int, err error) {
	at, err := versionPlace(body)
	if err != nil {
		return 0, 0, err
	}
	if at > len(metadataStart) {
		at++ // the comma
	}
	want := append(strconv.AppendInt(bytes.Clone(versionMember), revision, 10), '"')
	if at > len(body) || !bytes.HasPrefix(body[at:], want) {
		return 0, 0, fmt.Errorf("body has no resource version %d behind its identity: %.60q", revision, body)
	}
	return at, at + len(want), nil
}

// restamped replaces the resource version of a stamped body.
func restamped(body []byte, old, now int64) ([]byte, error) {
	from, to, err := versionOf(body, old)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(body)+8)
	out = append(out, body[:from]...)
	out = append(out, versionMember...)
	out = strconv.AppendInt(out, now, 10)
	out = append(out, '"')
	return append(out, body[to:]...), nil
}

// Typed returns the decoded object, shared with all other callers: read it, never change it.
func (o *Object) Typed() (runtime.Object, error) {
	if d := o.strong.Load(); d != nil {
		return d.obj, nil
	}
	if w := o.weak.Load(); w != nil {
		if d := w.Value(); d != nil {
			return d.obj, nil
		}
	}
	obj := o.kind.cfg.New()
	if err := o.kind.cfg.Decode(o.Body, obj); err != nil {
		return nil, fmt.Errorf("decode stored %s %q at revision %d: %w", o.kind.cfg.Name, o.Key, o.Revision, err)
	}
	o.remember(obj)
	return obj, nil
}

func (o *Object) remember(obj runtime.Object) {
	d := &decoded{obj}
	if o.kind.cfg.Hot {
		o.strong.Store(d)
		return
	}
	w := weak.Make(d)
	o.weak.Store(&w)
}

// Value is what the store holds: the body without its resource version.
func (o *Object) Value() []byte {
	from, to, err := versionOf(o.Body, o.Revision)
	if err != nil {
		return nil
	}
	switch {
	case o.Body[from-1] == ',':
		from--
	case to < len(o.Body) && o.Body[to] == ',':
		to++
	}
	out := make([]byte, 0, len(o.Body))
	return append(append(out, o.Body[:from]...), o.Body[to:]...)
}
