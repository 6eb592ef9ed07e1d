package rest

import (
	"io"
	"net/http"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubemint/kubemint/apiserver/cache"
	"github.com/kubemint/kubemint/apiserver/registry"
	"github.com/kubemint/kubemint/apiserver/schema"
)

// listChunk is how much of a list is put together before it is sent: enough that handing it over costs little beside copying it, and so
// little that a list of any length takes no more memory than this.
const listChunk = 128 << 10

// sendList writes a list of cached bytes as compact JSON, piece by piece.
func sendList(w http.ResponseWriter, r *http.Request, res *registry.Resource, objs []*cache.Object, lm metav1.ListMeta) {
	head := appendListHead(nil, res, lm)
	size := len(head) + len(listTail)
	for _, o := range objs {
		size += len(o.Body) + 1
	}
	if len(objs) > 0 {
		size-- // there is one comma fewer than items
	}
	h := w.Header()
	h.Set("Content-Type", schema.MediaTypeJSON)
	warnings(w, r)
	var out io.Writer = w
	if size > gzipFrom && acceptsGzip(r) {
		z, done := compress(w)
		defer done()
		out = z
	} else {
		h.Set("Content-Length", strconv.Itoa(size))
	}
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return
	}
	withBuffer(func(b []byte) []byte {
		b = append(b, head...)
		for i, o := range objs {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, o.Body...)
			if len(b) >= listChunk {
				if _, err := out.Write(b); err != nil {
					return b
				}
				b = b[:0]
			}
		}
		b = append(b, listTail...)
		_, _ = out.Write(b)
		return b
	})
}

// listTail ends a list: the answer ends in a newline (API-9).
const listTail = "]}\n"

func appendListHead(b []byte, res *registry.Resource, lm metav1.ListMeta) []byte {
	b = append(b, `{"kind":"`...)
	b = append(b, res.Kind...)
	b = append(b, `List","apiVersion":"`...)
	b = append(b, res.GroupVersion()...)
	b = append(b, `","metadata":`...)
	b = append(b, raw(lm)...)
	return append(b, `,"items":[`...)
}
