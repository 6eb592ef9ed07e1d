package main

import (
	"context"

	"github.com/kubemint/kubemint/internal/footprint"
)

// keepSmall keeps this process small in memory until stop, which waits for the
// end of it.
func keepSmall(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		footprint.Keeper{}.Run(ctx)
	}()
	return func() {
		cancel()
		<-ended
	}
}
