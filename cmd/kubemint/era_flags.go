package main

import (
	"strconv"

	"github.com/kubemint/kubemint"
	"github.com/kubemint/kubemint/internal/era"
	"github.com/kubemint/kubemint/internal/say"
)

// eraFlags reads the flags that choose an era or move one of its axes.
func (p *program) eraFlags(o upFlags, c *kubemint.Config) error {
	if _, err := era.Parse(o.version); err != nil {
		return say.Failure("era.unknown", say.Params{"version": o.version}, err)
	}
	switch kind := era.PodToken(o.podToken); kind {
	case "", era.LegacySecret, era.Projected:
		c.PodToken = o.podToken
	default:
		return say.Failure("up.pod-token", say.Params{"value": o.podToken}, nil)
	}
	if o.autoSecret != "" {
		on, err := strconv.ParseBool(o.autoSecret)
		if err != nil {
			return say.Failure("up.auto-secret", say.Params{"value": o.autoSecret}, err)
		}
		c.AutoSecret = &on
	}
	return nil
}
