package postgres

import (
	"fmt"
	"time"
)

// tidyEvery is how often a node puts in order what many have left.
const tidyEvery = time.Minute

// tidy runs until the store is closed. What fails is tried again the next time.
func (s *Store) tidy() {
	for sleep(tidyEvery, s.stopping) {
		if err := s.tidyUp(); err != nil {
			s.failures.add(s.opts.Log, "cannot tidy up the database", err)
		}
	}
}

func (s *Store) tidyUp() error {
	if err := s.mergeCounts(); err != nil {
		return fmt.Errorf("put the counts of rooms together: %w", err)
	}
	if _, err := s.readers.Exec(background, forgetMarks); err != nil {
		return fmt.Errorf("forget old sessions: %w", err)
	}
	return nil
}
