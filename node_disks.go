package kubemint

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/kubemint/kubemint/kubelet"
)

// disks are the simulated disks of the nodes: DATA/nodes/NODE/disk. Each is a root of its own, out of which no path and no link leads.
type disks struct{ nodes string }

// Remove implements volumes.Disks.
func (d disks) Remove(node, onNode string) error {
	return d.each(node, onNode, func(disk *os.Root, name string) error { return disk.RemoveAll(name) })
}

// Clear implements volumes.Disks.
func (d disks) Clear(node, onNode string) error {
	return d.each(node, onNode, func(disk *os.Root, name string) error {
		dir, err := disk.OpenRoot(name)
		if err != nil {
			return err
		}
		entries, err := fs.ReadDir(dir.FS(), ".")
		errs := []error{err}
		for _, e := range entries {
			errs = append(errs, dir.RemoveAll(e.Name()))
		}
		return errors.Join(append(errs, dir.Close())...)
	})
}

// each calls f for the disk of a node, or of every node, with the name of a directory on it. What is not there is passed over.
func (d disks) each(node, onNode string, f func(disk *os.Root, name string) error) error {
	name := strings.TrimPrefix(path.Clean("/"+onNode), "/")
	if name == "" {
		return errors.New("the whole disk of a node is not given up")
	}
	all, err := os.OpenRoot(d.nodes)
	if err != nil {
		return fmt.Errorf("disks of nodes: %w", err)
	}
	defer func() { _ = all.Close() }()
	names := []string{node}
	if node == "" {
		entries, err := fs.ReadDir(all.FS(), ".")
		if err != nil {
			return fmt.Errorf("disks of nodes: %w", err)
		}
		names = nil
		for _, e := range entries {
			names = append(names, e.Name())
		}
	}
	var errs []error
	for _, n := range names {
		disk, err := all.OpenRoot(path.Join(n, kubelet.DiskDir))
		if err == nil {
			err = errors.Join(f(disk, name), disk.Close())
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, fmt.Errorf("disk of node %s: %w", n, err))
		}
	}
	return errors.Join(errs...)
}
