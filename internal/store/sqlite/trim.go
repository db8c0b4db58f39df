package sqlite

import (
	"errors"
	"time"
)

const (
	// trimMost and trimLeast bound how often the log is looked at for blocks that are too old.
	trimMost, trimLeast = time.Minute, time.Second
	// trimPart is the part of the time that an attempt is kept by which it may be there too long.
	trimPart = 10
	// trimBlocks and trimBytes bound what one transaction removes from the log: about as much as one page of updates
	// writes, so that updates between two of them hardly wait.
	trimBlocks, trimBytes = 64, 512 << 10
	// trimBelow is by which part the log is made smaller than it may be, so that not every commit makes it too large again.
	trimBelow = 32
)

// tidy merges small blocks of the log and trims it: at start, from time to time, and when the writer says so, until the
// store is closed. What lay there before the start has been merged before, but for little.
func (s *Store) tidy(merged int64) {
	tick := time.NewTicker(trimEvery(s.opts.LogKeep))
	defer tick.Stop()
	for {
		err := s.trim()
		if err == nil {
			merged, err = s.mergeLog(merged)
		}
		asked := s.writer.tidyC
		if err != nil && !errors.Is(err, errClosed) {
			s.opts.Log.Error("the delivery log cannot be trimmed", "error", err)
			asked = nil // the writer may ask many times a second
		}
		select {
		case <-tick.C:
		case <-asked:
		case <-s.writer.closing:
			return
		}
	}
}

// trimEvery is how often the log is looked at when attempts are kept for that long.
func trimEvery(keep time.Duration) time.Duration { return min(max(keep/trimPart, trimLeast), trimMost) }

// trim removes what the log holds too long or too much, in small updates that take turns with others: after each it
// rests for as long as that took.
func (s *Store) trim() error {
	most := s.opts.LogMaxBytes
	for !s.writer.stopping() {
		due, err := s.trimDue(most)
		if err != nil || !due {
			return err
		}
		began := time.Now()
		var large bool
		err = s.change(background, func(t *tx) (err error) {
			large, err = t.trimLog(most)
			return err
		})
		if err != nil {
			return err
		}
		if large {
			most = s.opts.LogMaxBytes - s.opts.LogMaxBytes/trimBelow
		}
		rest := time.NewTimer(time.Since(began))
		select {
		case <-rest.C:
		case <-s.writer.closing:
			rest.Stop()
		}
	}
	return nil
}

// trimDue tells whether there is anything to trim, without bothering the writer.
func (s *Store) trimDue(most int64) (due bool, err error) {
	err = s.read(background, func(c *conn) error {
		oldest, err := oldestBlocks(c, 1)
		if err != nil || len(oldest) == 0 {
			return err
		}
		end, err := endOfLog(c)
		due = s.opts.expires(oldest[0], end, most) && (oldest[0].size > 0 || oldest[0].first+oldest[0].count < end.next)
		return err
	})
	return due, err
}

// expires tells whether a block is too old, or the log from it on has more than most bytes.
func (o Options) expires(b logBlock, end logEnd, most int64) bool {
	return o.LogKeep <= 0 || b.written < o.Now().Add(-o.LogKeep).UnixMilli() || tooLarge(b, end, most)
}

func tooLarge(b logBlock, end logEnd, most int64) bool { return most > 0 && end.bytes-b.before > most }

// logBlock is a block as trimming looks at it.
type logBlock struct{ first, count, written, before, size int64 }

// trimLog removes the oldest blocks, as many as may go in one update, while they are too old or the log has more than
// most bytes. It tells whether some went because of that.
func (t *tx) trimLog(most int64) (large bool, err error) {
	blocks, err := oldestBlocks(t.c, trimBlocks+1)
	if err != nil {
		return false, err
	}
	end, removed := t.w.log, int64(0)
	for i, b := range blocks {
		if !t.w.opts.expires(b, end, most) {
			break
		}
		large = large || tooLarge(b, end, most)
		if i == len(blocks)-1 && i < trimBlocks {
			return large, t.emptyBlock(b) // it is the newest
		}
		if err := t.put("DELETE FROM delivery_log WHERE first = ?", b.first); err != nil {
			return false, err
		}
		t.w.logStart = blocks[i+1].before
		if removed += b.size; removed >= trimBytes || i == trimBlocks-1 {
			break
		}
	}
	return large, nil
}

// oldestBlocks returns the oldest blocks.
func oldestBlocks(c *conn, limit int) (blocks []logBlock, err error) {
	err = c.each(func(scan func(...any) error) error {
		var b logBlock
		err := scan(&b.first, &b.count, &b.written, &b.before, &b.size)
		blocks = append(blocks, b)
		return err
	}, `SELECT first, count, written_at, bytes_before, length(marks) + length(records) FROM delivery_log
		WHERE first > 0 ORDER BY first LIMIT ?`, limit)
	return blocks, err
}

// emptyBlock removes the records of the newest block. Its row stays, because the records that come are numbered from
// there on; it goes once it is not the newest.
func (t *tx) emptyBlock(b logBlock) error {
	t.w.logStart = t.w.log.bytes
	return t.put("UPDATE delivery_log SET marks = x'', records = x'' WHERE first = ?", b.first)
}
