package rest

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubemint/kubemint/apiserver/cache"
	"github.com/kubemint/kubemint/apiserver/schema"
)

// send writes one event in the form that was asked for. e is the event it comes from, nil for what was there at the start.
func (s *stream) send(kind cache.EventType, o *cache.Object, e *cache.Event) error {
	if s.target.accepted.As == schema.AsObject && s.target.lens.plain() {
		head := s.target.res.Head()
		if e != nil && e.Type == kind && e.Object == o {
			return s.emit(e.Frame(head))
		}
		return s.emit(cache.Frame(kind, head, o.Body))
	}
	body, err := s.shown(o)
	if err != nil {
		return err
	}
	return s.frame(string(kind), body)
}

// shown encodes an object in the form that was asked for; a Table sends its columns once (API-59).
func (s *stream) shown(o *cache.Object) ([]byte, error) {
	switch accepted := s.target.accepted; accepted.As {
	case schema.AsTable:
		table, err := s.handler.table(s.target, []*cache.Object{o}, metav1.ListMeta{ResourceVersion: format(o.Revision)},
			schema.TableOptions{Version: accepted.Version, IncludeObject: s.include, NoHeaders: s.started})
		if err != nil {
			return nil, err
		}
		s.started = true
		return schema.EncodeTable(table)
	case schema.AsPartialObjectMetadata, schema.AsPartialObjectMetadataList:
		return partial(o, accepted.Version)
	}
	return s.handler.view(s.request, s.target, []*cache.Object{o}, metav1.ListMeta{}, true)
}

// bookmark tells the client where it stands; initial ends the state it asked for (API-131).
func (s *stream) bookmark(revision int64, initial bool) error {
	obj := s.target.lens.fresh()
	obj.GetObjectKind().SetGroupVersionKind(s.target.lens.kind)
	m := metaOf(obj)
	m.SetResourceVersion(format(revision))
	if initial {
		m.SetAnnotations(map[string]string{metav1.InitialEventsAnnotationKey: "true"})
	}
	switch accepted := s.target.accepted; accepted.As {
	case schema.AsTable:
		include := s.include
		if include == metav1.IncludeNone && initial {
			include = metav1.IncludeMetadata // whoever waits for the end of the beginning must see it
		}
		table, err := schema.Table(s.target.lens.kind, []schema.TableItem{{Object: obj}}, metav1.ListMeta{ResourceVersion: format(revision)},
			schema.TableOptions{Version: accepted.Version, IncludeObject: include, NoHeaders: s.started, Now: s.handler.Clock.Now(), SecretsColumn: s.handler.SecretsColumn, Resource: s.target.res.GroupResource()})
		if err != nil {
			return err
		}
		s.started, obj = true, table
	case schema.AsPartialObjectMetadata, schema.AsPartialObjectMetadataList:
		obj = schema.PartialMetadata(m, accepted.Version)
	}
	return s.line("BOOKMARK", obj)
}

// fail ends the stream with the reason in it (API-126).
func (s *stream) fail(err error) error {
	if lerr := s.line("ERROR", schema.StatusOf(err)); lerr != nil {
		return lerr
	}
	return s.flush()
}

func (s *stream) line(kind string, obj runtime.Object) error {
	b, err := schema.EncodeJSON(obj)
	if err != nil {
		return err
	}
	return s.frame(kind, b)
}

func (s *stream) frame(kind string, body []byte) error {
	line := make([]byte, 0, len(body)+40)
	line = append(append(append(line, `{"type":"`...), kind...), `","object":`...)
	return s.emit(append(append(line, body...), '}', '\n'))
}
