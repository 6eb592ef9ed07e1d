package main

import (
	"errors"
	"io/fs"
	"syscall"

	"github.com/kubemint/kubemint"
	"github.com/kubemint/kubemint/internal/say"
	"github.com/kubemint/kubemint/storage"
)

// startSentence says in one sentence why a cluster did not start.
func startSentence(c kubemint.Config, err error) error {
	var failure *say.Error
	var path *fs.PathError
	switch {
	case errors.As(err, &failure):
		return err
	case errors.Is(err, storage.ErrInUse):
		return say.Failure("datadir.in-use-unknown", say.Params{"dir": c.DataDir}, err)
	case errors.Is(err, storage.ErrDamaged):
		return say.Failure("datadir.damaged", say.Params{"dir": c.DataDir, "why": err.Error()}, err)
	case errors.Is(err, syscall.EADDRINUSE):
		return say.Failure("up.port-busy", say.Params{"listen": c.Listen}, err)
	case errors.As(err, &path):
		return say.Failure("file.unreadable", say.Params{"path": path.Path, "why": path.Err.Error()}, err)
	}
	return say.Failure("up.failed", say.Params{"why": err.Error()}, err)
}
