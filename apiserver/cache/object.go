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

// stamped puts the resource version into a stored value. Values are written without one: the store alone knows the revision.
func stamped(value []byte, revision int64) ([]byte, error) {
	if !bytes.HasPrefix(value, metadataStart) {
		return nil, fmt.Errorf("stored value does not begin with metadata: %.40q", value)
	}
	out := make([]byte, 0, len(value)+40)
	out = append(out, metadataStart...)
	out = append(out, `"resourceVersion":"`...)
	out = strconv.AppendInt(out, revision, 10)
	out = append(out, '"')
	rest := value[len(metadataStart):]
	if len(rest) > 0 && rest[0] != '}' {
		out = append(out, ',')
	}
	return append(out, rest...), nil
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
	prefix := strconv.AppendInt(append(append([]byte{}, metadataStart...), `"resourceVersion":"`...), o.Revision, 10)
	prefix = append(prefix, '"')
	if !bytes.HasPrefix(o.Body, prefix) {
		return nil
	}
	rest := bytes.TrimPrefix(o.Body[len(prefix):], []byte(","))
	return append(bytes.Clone(metadataStart), rest...)
}
