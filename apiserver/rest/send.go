package rest

import (
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/util/net"

	"github.com/kubemint/kubemint/apiserver/request"
	"github.com/kubemint/kubemint/apiserver/schema"
)

// gzipFrom is the size from which answers are compressed for those who accept it (API-8).
const gzipFrom = 128 << 10

func send(w http.ResponseWriter, r *http.Request, code int, contentType string, body []byte) {
	h := w.Header()
	h["Content-Type"] = []string{contentType}
	warnings(w, r)
	if len(body) > gzipFrom && acceptsGzip(r) {
		z, done := compress(w)
		w.WriteHeader(code)
		_, _ = z.Write(body) // a client that went away is not our error
		done()
		return
	}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(code)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

// compress announces an answer as compressed and returns where to write it; done ends it.
func compress(w http.ResponseWriter) (z *gzip.Writer, done func()) {
	w.Header().Set("Content-Encoding", "gzip")
	w.Header().Add("Vary", "Accept-Encoding")
	z = compressors.Get().(*gzip.Writer)
	z.Reset(w)
	return z, func() {
		_ = z.Close()
		z.Reset(nil)
		compressors.Put(z)
	}
}

// compressors are reused: each holds a quarter of a megabyte.
var compressors = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	return z
}}

// acceptsGzip wants the bare word, as a real server does: one with a weight does not count (API-8).
func acceptsGzip(r *http.Request) bool {
	accept := r.Header.Get("Accept-Encoding")
	if accept == "" || r.Method == http.MethodHead {
		return false
	}
	for token := range strings.SplitSeq(accept, ",") {
		if strings.TrimSpace(token) == "gzip" {
			return true
		}
	}
	return false
}

func pretty(r *http.Request) bool {
	asked := ""
	if r.URL.RawQuery != "" {
		asked = r.URL.Query().Get("pretty")
	}
	return schema.Pretty(asked, r.UserAgent())
}

// The bounds of what warnings may take of an answer, in characters (API-98).
const (
	warningsTotal = 4096
	warningsEach  = 256
)

// warnings sends the texts that were collected, cut when they are long together. A text that no header can carry is left out.
func warnings(w http.ResponseWriter, r *http.Request) {
	scope := request.ScopeFrom(r.Context())
	if scope == nil {
		return
	}
	texts := scope.Warnings()
	total := 0
	for _, t := range texts {
		total += utf8.RuneCountInString(t)
	}
	cut := total > warningsTotal
	total = 0
	for _, t := range texts {
		if cut {
			if total >= warningsTotal {
				return
			}
			if runes := []rune(t); len(runes) > warningsEach {
				t = string(runes[:warningsEach])
			}
			total += utf8.RuneCountInString(t)
		}
		if header, err := net.NewWarningHeader(299, "", t); err == nil {
			w.Header().Add("Warning", header)
		}
	}
}

// buffers are reused for answers that are put together out of cached bytes.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 4096); return &b }}

func withBuffer(f func(b []byte) []byte) {
	p := buffers.Get().(*[]byte)
	*p = f((*p)[:0])
	if cap(*p) <= 8<<20 {
		buffers.Put(p)
	}
}
