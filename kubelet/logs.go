package kubelet

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// logFile is where one run of a container prints to: a line of the log is a time of the cluster, a
// stream, F for a whole line, and the text, as container runtimes write it. The file is made with
// the first line, so that silent containers cost none.
type logFile struct {
	kubelet *Kubelet
	dir     string // below the node's directory
	attempt int32

	mu sync.Mutex
}

func (l *logFile) Stdout() io.Writer { return &logStream{file: l, name: "stdout"} }
func (l *logFile) Stderr() io.Writer { return &logStream{file: l, name: "stderr"} }

type logStream struct {
	file *logFile
	name string
	rest []byte // of a line that has not ended
}

func (s *logStream) Write(b []byte) (int, error) {
	s.file.mu.Lock()
	defer s.file.mu.Unlock()
	s.rest = append(s.rest, b...)
	end := bytes.LastIndexByte(s.rest, '\n')
	if end < 0 {
		return len(b), nil
	}
	var out bytes.Buffer
	stamp := s.file.kubelet.now().UTC().Format(time.RFC3339Nano)
	for line := range bytes.Lines(s.rest[:end+1]) {
		fmt.Fprintf(&out, "%s %s F %s", stamp, s.name, line)
	}
	s.rest = append([]byte(nil), s.rest[end+1:]...)
	if err := s.file.append(out.Bytes()); err != nil {
		return 0, err
	}
	return len(b), nil
}

func (l *logFile) append(b []byte) error {
	root := l.kubelet.root
	if err := root.MkdirAll(l.dir, 0o750); err != nil {
		return err
	}
	f, err := root.OpenFile(fmt.Sprintf("%s/%d.log", l.dir, l.attempt), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o640)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}
