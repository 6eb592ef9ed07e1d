package bolt

import (
	"context"
	"errors"
)

// Journaled returns when the store has a journal: it makes one when there is room.
func (s *Store) Journaled() error {
	for range 100 {
		var has bool
		err := s.queue.doDirect(context.Background(), func(*batch) error {
			has = s.ahead.journal != nil && !s.ahead.over
			return nil
		})
		if has || err != nil {
			return err
		}
	}
	return errors.New("no journal was made")
}
