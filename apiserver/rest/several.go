package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"sync"

	"golang.org/x/sync/errgroup"
)

// several calls f for each of all, n at a time, and returns the first error; after that it begins no more. What panics in f panics here:
// in a goroutine of its own it would be the end of the process, out of reach of those who turn a panic into the end of one request.
func several[T any](ctx context.Context, n int, all []T, f func(context.Context, T) error) error {
	group, each := errgroup.WithContext(ctx)
	group.SetLimit(n)
	var first sync.Once
	var fault any
	for _, one := range all {
		if each.Err() != nil {
			break
		}
		group.Go(func() (err error) {
			defer func() {
				v := recover()
				if v == nil {
					return
				}
				stack := debug.Stack()
				first.Do(func() {
					if fault = v; v != http.ErrAbortHandler { // which is told from others by its identity
						fault = fmt.Sprintf("%v\n\n%s", v, stack)
					}
				})
				err = errors.New("a panic") // begins no more
			}()
			return f(each, one)
		})
	}
	err := group.Wait()
	if fault != nil {
		panic(fault)
	}
	if err != nil {
		return err
	}
	return ctx.Err()
}
