package volume

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Limits on a projected path: bytes of the whole, and of each name in it.
const (
	maxPath = 4096
	maxName = 255
)

// Payload is what a volume is to hold: slash-separated paths below its directory, and their files.
type Payload map[string]File

// File is one file of a Payload.
type File struct {
	Data []byte
	Mode fs.FileMode // permission bits
	User *int64      // owner; nil leaves it
	From string      // the kind of its source, as the field is named: serviceAccountToken, configMap …
	Name string      // the name of the ConfigMap or Secret, or the audience of the token
}

// clean checks every path and brings it into its shortest form (step 1 of KUB-22).
func (p Payload) clean() (Payload, error) {
	out := make(Payload, len(p))
	for name, f := range p {
		if err := CheckPath(name); err != nil {
			return nil, err
		}
		out[path.Clean(name)] = f
	}
	return out, nil
}

// CheckPath says why a path may not be projected into a volume, or nil.
func CheckPath(p string) error {
	switch {
	case p == "":
		return fmt.Errorf("invalid path: must not be empty: %q", p)
	case path.IsAbs(p):
		return fmt.Errorf("invalid path: must be relative path: %s", p)
	case len(p) > maxPath:
		return fmt.Errorf("invalid path: must be less than or equal to %d characters", maxPath)
	case strings.ContainsRune(p, 0):
		return fmt.Errorf("invalid path: must not contain a zero byte: %q", p)
	}
	names := strings.Split(p, "/")
	for _, n := range names {
		if n == ".." {
			return fmt.Errorf("invalid path: must not contain '..': %s", p)
		}
		if len(n) > maxName {
			return fmt.Errorf("invalid path: filenames must be less than or equal to %d characters", maxName)
		}
	}
	if strings.HasPrefix(names[0], "..") {
		return fmt.Errorf("invalid path: must not start with '..': %s", p)
	}
	if c := path.Clean(p); c == "." {
		return fmt.Errorf("invalid path: names no file: %q", p)
	}
	return nil
}

// top is the first name of a clean path: what a container sees at the mount point.
func top(p string) string {
	first, _, _ := strings.Cut(p, "/")
	return first
}
