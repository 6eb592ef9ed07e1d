package memory_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/kubemint/kubemint/storage"
	"github.com/kubemint/kubemint/storage/memory"
)

// List what is there, then watch from the revision of the list: nothing is
// missed and nothing comes twice.
func Example() {
	ctx := context.Background()
	s := memory.New()
	defer s.Close()

	seen, err := s.Create(ctx, "/registry/configmaps/default/colours", []byte("red"))
	if err != nil {
		log.Fatal(err)
	}
	page, err := s.List(ctx, "/registry/configmaps/", storage.ListOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for _, e := range page.Entries {
		fmt.Printf("listed %s: %s\n", e.Key, e.Value)
	}

	events, err := s.Watch(ctx, "/registry/configmaps/", page.Revision)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := s.Update(ctx, "/registry/configmaps/default/colours", []byte("blue"), seen); err != nil {
		log.Fatal(err)
	}
	for _, e := range <-events {
		fmt.Printf("%s %s: %s, was %s\n", e.Type, e.Key, e.Value, e.PrevValue)
	}

	// A second writer who has seen what the first one saw comes too late.
	_, err = s.Update(ctx, "/registry/configmaps/default/colours", []byte("green"), seen)
	fmt.Println(errors.Is(err, storage.ErrConflict), err)

	// Output:
	// listed /registry/configmaps/default/colours: red
	// put /registry/configmaps/default/colours: blue, was red
	// true storage: update /registry/configmaps/default/colours: changed since the revision named
}
