package kubelet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"
)

// Bounds of what a container prints.
const (
	maxLogFile = 10 << 20 // then the file becomes the older of two, as a kubelet rotates them
	maxLogLine = 16 << 10 // longer ones are kept in pieces
)

// logFile is where one run of a container prints to: a line of the log is a time of the cluster, a
// stream, F for a whole line or P for a piece of one, and the text, as container runtimes write it.
// The file is made with the first line, so that silent containers cost none.
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
	if end := bytes.LastIndexByte(s.rest, '\n') + 1; end > 0 || len(s.rest) > maxLogLine {
		if end == 0 {
			end = len(s.rest)
		}
		if err := s.put(end); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}

// Flush writes what was printed without a line end. It is called when the container has ended.
func (s *logStream) Flush() error {
	s.file.mu.Lock()
	defer s.file.mu.Unlock()
	if len(s.rest) == 0 {
		return nil
	}
	return s.put(len(s.rest))
}

// put writes the first end bytes of what is there. logFile.mu is held.
func (s *logStream) put(end int) error {
	var out bytes.Buffer
	stamp := s.file.kubelet.now().UTC().Format(time.RFC3339Nano)
	for line := range bytes.Lines(s.rest[:end]) {
		tag := "F"
		if line[len(line)-1] != '\n' {
			tag = "P"
		}
		fmt.Fprintf(&out, "%s %s %s %s", stamp, s.name, tag, line)
		if tag == "P" {
			out.WriteByte('\n')
		}
	}
	s.rest = append([]byte(nil), s.rest[end:]...)
	return s.file.append(out.Bytes())
}

// logName is the log of a run, below the container's directory for logs.
func logName(attempt int32) string { return fmt.Sprintf("%d.log", attempt) }

func (l *logFile) append(b []byte) error {
	root := l.kubelet.root
	if err := root.MkdirAll(l.dir, 0o750); err != nil {
		return err
	}
	name := l.dir + "/" + logName(l.attempt)
	if info, err := root.Stat(name); err == nil && info.Size()+int64(len(b)) > maxLogFile {
		if err := root.Rename(name, name+".1"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o640)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}
