package sqlite

import "errors"

const (
	// mergeBlocks is how many small blocks are merged at a time. Commits write a block each, so under light load blocks are
	// of few records, which would make searches as slow as one row an attempt.
	mergeBlocks = 256
	// smallBlock is below how many bytes a block is merged with others.
	smallBlock = blockSize / 2
)

// mergeLog merges the small blocks of the log from that record on, in small updates, and returns the number of the first
// record that it has not decided on.
func (s *Store) mergeLog(from int64) (int64, error) {
	for !s.writer.stopping() {
		var run []logBlock
		next := from
		err := s.read(background, func(c *conn) (err error) {
			run, next, err = findRun(c, from)
			return err
		})
		if err != nil || next == from {
			return from, err
		}
		if len(run) > 1 {
			err = s.change(background, func(t *tx) error { return t.mergeBlocks(run) })
		}
		if err != nil && !errors.Is(err, errBrokenBlock) {
			return from, err
		}
		if from = next; err != nil {
			return from, err // what is broken stays as it is
		}
	}
	return from, nil
}

// findRun finds the first run of small blocks that lie next to each other, from that record on. It returns the number
// behind it, and from when there is none, or it may go on growing.
func findRun(c *conn, from int64) (run []logBlock, next int64, err error) {
	size, rows, ended := int64(0), 0, false
	next = from
	err = c.each(func(scan func(...any) error) error {
		var b logBlock
		rows++
		if err := scan(&b.first, &b.count, &b.written, &b.before, &b.size); err != nil || ended {
			return err
		}
		small := b.size > 0 && b.size < smallBlock
		if len(run) > 0 && (!small || size+b.size > blockSize) {
			ended = true
			return nil
		}
		if next = b.first + b.count; small {
			run, size = append(run, b), size+b.size
		}
		return nil
	}, `SELECT first, count, written_at, bytes_before, length(marks) + length(records) FROM delivery_log
		WHERE first >= ? ORDER BY first LIMIT ?`, from, mergeBlocks)
	if len(run) > 0 && !ended && rows < mergeBlocks {
		next = run[0].first
		return nil, next, err
	}
	return run, next, err
}

// mergeBlocks makes one block of several. It says that it was written when the last of them was: all in it was then.
func (t *tx) mergeBlocks(run []logBlock) error {
	b, count := &t.w.block, int64(0)
	b.reset()
	for _, part := range run {
		var marks, records []byte
		there, err := t.c.first("SELECT marks, records FROM delivery_log WHERE first = ? AND count = ?",
			[]any{part.first, part.count}, &marks, &records)
		if err != nil || !there {
			return err // when it is not there any more, neither is the run
		}
		if err := b.join(marks, records); err != nil {
			return err
		}
		count += part.count
	}
	first, last := run[0].first, run[len(run)-1]
	if err := t.put("DELETE FROM delivery_log WHERE first > ? AND first <= ?", first, last.first); err != nil {
		return err
	}
	return t.put("UPDATE delivery_log SET count = ?, written_at = ?, marks = ?, records = ? WHERE first = ?",
		count, last.written, b.pack(), b.records, first)
}
