package rootfs

import (
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"
)

// Node is a file that is not on disk, such as those of /proc: exactly one of Text, Names and Link is meant,
// by Mode. Its text is at most maxVirtual bytes.
type Node struct {
	Mode  fs.FileMode
	Text  string
	Names []string // of a directory
	Link  string
	Owner Owner
}

// Virtual finds the files below a directory by their absolute path.
type Virtual func(name string) (Node, bool)

// maxVirtual bounds a virtual file in bytes.
const maxVirtual = 1 << 20

// node finds a virtual file by a path without links; ok is false for paths that are not below a virtual
// directory, found for files that are not there.
func (f *FS) node(abs string) (n Node, found, ok bool) {
	at := f.VirtualAt
	if f.Virtual == nil || at == "" || abs != at && !strings.HasPrefix(abs, at+"/") {
		return Node{}, false, false
	}
	n, found = f.Virtual(abs)
	return n, found, true
}

// virtualInfo is the FileInfo of a Node.
type virtualInfo struct {
	name string
	node Node
	now  time.Time
}

func (i virtualInfo) Name() string       { return i.name }
func (i virtualInfo) Size() int64        { return 0 }
func (i virtualInfo) Mode() fs.FileMode  { return i.node.Mode }
func (i virtualInfo) ModTime() time.Time { return i.now }
func (i virtualInfo) IsDir() bool        { return i.node.Mode.IsDir() }
func (i virtualInfo) Sys() any           { return sysOf(i.node.Owner) }
func (i virtualInfo) owner() Owner       { return i.node.Owner }

func (f *FS) virtualInfo(abs string) (fs.FileInfo, bool) {
	n, found, ok := f.node(abs)
	if !ok || !found {
		return nil, false
	}
	now := time.Time{}
	if f.Now != nil {
		now = f.Now()
	}
	return virtualInfo{base(abs), n, now}, true
}

func (f *FS) readVirtualDir(abs string) []fs.FileInfo {
	n, _, _ := f.node(abs)
	var out []fs.FileInfo
	for _, name := range n.Names {
		if i, ok := f.virtualInfo(abs + "/" + name); ok {
			out = append(out, i)
		}
	}
	slices.SortFunc(out, func(a, b fs.FileInfo) int { return strings.Compare(a.Name(), b.Name()) })
	return out
}

// openVirtual gives the text as a pipe that somebody writes it to, for as long as it is read.
func openVirtual(n Node) (*os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	go func() {
		_, _ = io.WriteString(w, n.Text[:min(len(n.Text), maxVirtual)]) // it fails when nobody reads any more
		_ = w.Close()
	}()
	return r, nil
}
