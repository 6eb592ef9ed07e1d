package main

import (
	"log/slog"
	"sync"

	"k8s.io/klog/v2"
)

// quietLibraries keeps client-go from writing into a cluster's output. Its log is
// one for the whole process, which may run several clusters at once (era diff):
// hence once, before the first. A process that is kubectl keeps its log.
var quietLibraries = sync.OnceFunc(func() {
	klog.SetSlogLogger(slog.New(slog.DiscardHandler))
})
