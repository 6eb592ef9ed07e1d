package rest

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"time"
)

// Document answers with a ready-made document, or with 304 to who has it: by the ETag that the caller has set, or by its age. modified is
// wall time.
func Document(w http.ResponseWriter, r *http.Request, contentType string, modified time.Time, doc []byte) {
	w.Header().Set("Content-Type", contentType)
	if len(doc) > gzipFrom && acceptsGzip(r) {
		z := &zipped{ResponseWriter: w}
		defer z.close()
		w = z
	}
	http.ServeContent(w, r, "", modified, bytes.NewReader(doc))
}

// zipped compresses a whole body, and leaves alone what is none: 304, a range.
type zipped struct {
	http.ResponseWriter
	z    *gzip.Writer
	done func()
}

func (w *zipped) WriteHeader(code int) {
	if code == http.StatusOK {
		w.Header().Del("Content-Length")
		w.Header().Del("Accept-Ranges")
		w.z, w.done = compress(w.ResponseWriter)
	}
	w.ResponseWriter.WriteHeader(code)
}

func (w *zipped) Write(b []byte) (int, error) {
	if w.z == nil {
		return w.ResponseWriter.Write(b)
	}
	return w.z.Write(b)
}

func (w *zipped) close() {
	if w.done != nil {
		w.done()
	}
}
