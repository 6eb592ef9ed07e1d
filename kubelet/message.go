package kubelet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubemint/kubemint/kubelet/container"
	"github.com/kubemint/kubemint/kubelet/volume"
)

// Bounds of what the containers of a pod say of their ends, in bytes but for the lines.
const (
	maxMessage      = 4 << 10  // of one of them
	maxMessages     = 12 << 10 // of all, each having an equal share
	maxMessageLog   = 2 << 10  // taken from the log
	maxMessageLines = 80
)

// messageName is the file that a container may write to why it ended, beside its root.
const messageName = "termination-log"

func containerDir(uid types.UID, name string) string {
	return podDir(uid) + "/containers/" + name
}

// messageMount puts the file at the path that the container's spec names, as a real kubelet mounts one there that
// everybody may write to. Images without a command never write it, and cost no file.
func (k *Kubelet) messageMount(p *pod, c *corev1.Container, again bool) ([]container.Mount, error) {
	if c.TerminationMessagePath == "" || len(c.Command)+len(c.Args) == 0 {
		return nil, nil
	}
	dir := containerDir(p.uid, c.Name)
	if err := k.root.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	name := dir + "/" + messageName
	if again { // what the last run said is in the status
		if err := k.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	f, err := k.root.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(f.Chmod(0o666), f.Close()); err != nil { // the umask took bits away
		return nil, err
	}
	volume.Stamp(k.root, name, k.now())
	return []container.Mount{{
		Path: path.Clean("/" + c.TerminationMessagePath),
		Dir:  filepath.Join(k.hostDir(p.uid), "containers", c.Name, messageName),
	}}, nil
}

// terminated is the end of the present run as a status tells it, with what the container itself said of it. That is
// read once.
func (k *Kubelet) terminated(object *corev1.Pod, c *corev1.Container, r *run, e container.Exit) *corev1.ContainerStateTerminated {
	t := terminated(r.handle, e)
	if _, told := r.handle.(endedHandle); told {
		return t // by an earlier kubelet
	}
	if r.lastWords == nil {
		s := k.lastWords(object, c, r, e)
		r.lastWords = &s
	}
	if t.Message != "" && *r.lastWords != "" {
		t.Message += ": "
	}
	t.Message += *r.lastWords
	return t
}

// lastWords is what the container's file says, or the end of its log if that is empty, the container failed and its
// spec wants it so.
func (k *Kubelet) lastWords(object *corev1.Pod, c *corev1.Container, r *run, e container.Exit) string {
	if c.TerminationMessagePath == "" {
		return ""
	}
	dir := containerDir(object.UID, c.Name)
	b, err := k.readEnd(dir, messageName, maxMessage)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Sprintf("Error on reading termination log %s: %v", c.TerminationMessagePath, err)
	case len(b) == 0 && e.Code != 0 && c.TerminationMessagePolicy == corev1.TerminationMessageFallbackToLogsOnError:
		// A container that printed nothing has no log.
		b, _ = k.readEnd(dir+"/logs", logName(r.restarts), 8*maxMessageLog)
		b = logged(b)
	}
	share := maxMessages / (len(object.Spec.InitContainers) + len(object.Spec.Containers) + len(object.Spec.EphemeralContainers))
	return strings.ToValidUTF8(string(b[:min(len(b), share)]), "\uFFFD")
}

// readEnd is the end of a file in a directory of the node's. Only a plain file is read: containers write there.
func (k *Kubelet) readEnd(dir, name string, most int64) ([]byte, error) {
	root, err := k.root.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	info, err := root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no plain file", name)
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.NewSectionReader(f, max(0, info.Size()-most), most))
}

// logged is what was printed, of the last lines of a log.
func logged(b []byte) []byte {
	var printed []byte
	var starts []int
	begins := true
	for line := range bytes.Lines(b) {
		fields := bytes.SplitN(line, []byte(" "), 4) // time, stream, tag, text
		if len(fields) < 4 {
			continue
		}
		if begins {
			starts = append(starts, len(printed))
		}
		text := fields[3]
		if begins = string(fields[2]) != "P"; !begins {
			text = bytes.TrimSuffix(text, []byte("\n"))
		}
		printed = append(printed, text...)
	}
	if n := len(starts) - maxMessageLines; n > 0 {
		printed = printed[starts[n]:]
	}
	return printed[max(0, len(printed)-maxMessageLog):]
}
