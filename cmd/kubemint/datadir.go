package main

import (
	"os"
	"path/filepath"
	"runtime"

	"github.com/kubemint/kubemint/internal/say"
)

// dataDir is where the cluster lives: --data-dir, else KUBEMINT_DATA_DIR, else
// the system's place for a user's application data. It is absolute.
func (p *program) dataDir() (string, error) {
	dir := p.dataDirFlag
	if dir == "" {
		dir = p.env("KUBEMINT_DATA_DIR")
	}
	if dir == "" {
		dir = p.defaultDataDir()
	}
	if dir == "" {
		return "", say.Failure("datadir.unknown", nil, nil)
	}
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return "", say.Failure("datadir.unknown", nil, err)
	}
	return absolute, nil
}

func (p *program) defaultDataDir() string {
	if base := p.env("XDG_DATA_HOME"); filepath.IsAbs(base) {
		return filepath.Join(base, "kubemint")
	}
	switch runtime.GOOS {
	case "windows":
		if base := p.env("LocalAppData"); base != "" {
			return filepath.Join(base, "kubemint")
		}
	case "darwin":
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, "Library", "Application Support", "kubemint")
		}
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".local", "share", "kubemint")
}

// kubeconfigPath is the file that leads to the cluster: --kubeconfig, else that
// of the data directory.
func (p *program) kubeconfigPath() (string, error) {
	if p.kubeconfigFlag != "" {
		return p.kubeconfigFlag, nil
	}
	dir, err := p.dataDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "admin.kubeconfig"), nil
}
