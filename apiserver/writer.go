package apiserver

import (
	"bufio"
	"net"
	"net/http"
	"strings"
)

// countingWriter remembers the code of an answer.
type countingWriter struct {
	http.ResponseWriter
	code int
	// began, if set, is told the code as the answer begins.
	began func(code int)
}

func (w *countingWriter) note(code int) {
	if w.code != 0 {
		return
	}
	w.code = code
	if w.began != nil {
		w.began(code)
	}
}

// answered is the code of the whole answer: what was sent, or what will be sent for a handler that wrote nothing.
func (w *countingWriter) answered(panicked bool) int {
	switch {
	case w.code != 0:
		return w.code
	case panicked:
		return http.StatusInternalServerError
	}
	return http.StatusOK
}

func (w *countingWriter) WriteHeader(code int) {
	w.note(code)
	w.ResponseWriter.WriteHeader(code)
}

func (w *countingWriter) Write(b []byte) (int, error) {
	w.note(http.StatusOK)
	return w.ResponseWriter.Write(b)
}

// Flush and Hijack pass through to what is below; a ResponseController finds the rest by Unwrap.
func (w *countingWriter) Flush() {
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}

func (w *countingWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.note(http.StatusSwitchingProtocols)
	return http.NewResponseController(w.ResponseWriter).Hijack()
}

func (w *countingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func impersonates(h http.Header) bool {
	for name := range h {
		if isImpersonation(name) {
			return true
		}
	}
	return false
}

func isImpersonation(name string) bool {
	return name == "Impersonate-User" || name == "Impersonate-Group" || name == "Impersonate-Uid" || strings.HasPrefix(name, "Impersonate-Extra-")
}
