package sqlite

import (
	"context"
	"slices"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/store"
)

const (
	// pageRows bounds what one page of a list holds, pageBytes the bodies and answers in it.
	pageRows, pageBytes = 1000, 4 << 20
	// readBlocks is how many blocks of the log one read transaction looks at, openBlocks how many of them it opens.
	readBlocks, openBlocks = 2048, 64
	// headPage is how many blocks' marks are in memory at a time.
	headPage = 64
)

// logEnd is where the next block of the log goes. The writer keeps it; whoever rolls a block back puts it back too.
type logEnd struct {
	next    int64 // number of the next record
	bytes   int64 // sizes of all blocks so far
	written int64 // Unix milliseconds of the last block
}

// endOfLog reads where the log ends.
func endOfLog(c *conn) (end logEnd, err error) {
	var count int64
	_, err = c.first(`SELECT first, count, bytes_before + length(marks) + length(records), written_at FROM delivery_log
		ORDER BY first DESC LIMIT 1`, nil, &end.next, &count, &end.bytes, &end.written)
	end.next = max(1, end.next+count)
	return end, err
}

// findLog finds out where the log ends and where it begins.
func (w *writer) findLog() (err error) {
	if w.log, err = endOfLog(w.c); err != nil {
		return err
	}
	w.logStart = w.log.bytes
	_, err = w.c.first("SELECT bytes_before FROM delivery_log ORDER BY first LIMIT 1", nil, &w.logStart)
	w.logTrimmed = w.logStart
	w.opts.Metrics.DeliveryLogBytes.Set(float64(w.log.bytes - w.logStart))
	return err
}

// keep writes the attempts of a commit into the log, and has it tidied when that is due.
func (w *writer) keep(outcomes []delivery.Outcome) error {
	if w.opts.LogKeep <= 0 || len(outcomes) == 0 {
		return nil
	}
	b := &w.block
	b.reset()
	for i := range outcomes {
		b.add(&outcomes[i])
		if len(b.records) >= blockSize || i == len(outcomes)-1 {
			if err := w.writeBlock(); err != nil {
				return err
			}
			b.reset()
		}
	}
	w.small++
	if w.small >= mergeBlocks || w.opts.LogMaxBytes > 0 && w.log.bytes-w.logStart > w.opts.LogMaxBytes {
		w.small = 0
		select {
		case w.tidyC <- struct{}{}:
		default:
		}
	}
	return nil
}

// writeBlock adds the block to the log. The time that it says is not before the commit of any event in it, so that all
// attempts for an event lie in the blocks written at its commit or later.
func (w *writer) writeBlock() error {
	b, marks := &w.block, w.block.pack()
	w.log.written = max(w.log.written, w.opts.Now().UnixMilli(), b.latest)
	err := w.c.do(`INSERT INTO delivery_log (first, count, written_at, bytes_before, marks, records)
		VALUES (?, ?, ?, ?, ?, ?)`, w.log.next, b.count, w.log.written, w.log.bytes, marks, b.records)
	w.log.next += int64(b.count)
	w.log.bytes += int64(len(marks) + len(b.records))
	return err
}

// blockHead is a block of the log without its records.
type blockHead struct {
	first, count, written int64
	marks                 []byte
}

// end is the number of the first record behind the block.
func (h blockHead) end() int64 { return h.first + h.count }

// blocksFrom returns up to limit blocks in order, from the one on that is to hold the record of that number.
func blocksFrom(c *conn, number int64, limit int) ([]blockHead, error) {
	_, err := c.first("SELECT first FROM delivery_log WHERE first <= ? ORDER BY first DESC LIMIT 1", []any{number}, &number)
	if err != nil {
		return nil, err
	}
	return blockHeads(c, limit, `SELECT first, count, written_at, marks FROM delivery_log WHERE first >= ?
		ORDER BY first LIMIT ?`, number)
}

// blocksBefore returns up to limit blocks, latest first, that hold records before that number.
func blocksBefore(c *conn, number int64, limit int) ([]blockHead, error) {
	return blockHeads(c, limit,
		"SELECT first, count, written_at, marks FROM delivery_log WHERE first < ? ORDER BY first DESC LIMIT ?", number)
}

func blockHeads(c *conn, limit int, query string, number int64) (heads []blockHead, err error) {
	err = c.each(func(scan func(...any) error) error {
		var h blockHead
		err := scan(&h.first, &h.count, &h.written, &h.marks)
		heads = append(heads, h)
		return err
	}, query, number, limit)
	return heads, err
}

// blockRecords calls visit with each record of a block and its number.
func blockRecords(c *conn, first int64, visit func(number int64, r *record) (more bool)) error {
	var records []byte
	if _, err := c.first("SELECT records FROM delivery_log WHERE first = ?", []any{first}, &records); err != nil {
		return err
	}
	return eachRecord(records, func(place int, r *record) bool { return visit(first+int64(place), r) })
}

// blockSince returns the number of the first record that was written at that time, in Unix milliseconds, or later; when
// there is none, the number that the next one will have or less. It halves the numbers, as the times rise with them.
func blockSince(c *conn, written int64) (int64, error) {
	var low, high int64
	if _, err := c.first("SELECT first FROM delivery_log ORDER BY first LIMIT 1", nil, &low); err != nil {
		return 0, err
	}
	if _, err := c.first("SELECT first + count FROM delivery_log ORDER BY first DESC LIMIT 1", nil, &high); err != nil {
		return 0, err
	}
	for low < high { // blocks that begin before low are older; one that begins at high or behind is not, or there is none
		middle := low + (high-low)/2
		var first, at int64
		found, err := c.first("SELECT first, written_at FROM delivery_log WHERE first >= ? ORDER BY first LIMIT 1",
			[]any{middle}, &first, &at)
		if err != nil {
			return 0, err
		}
		if found && at < written {
			low = first + 1
		} else {
			high = middle
		}
	}
	return low, nil
}

// markFor is the mark of the blocks that can hold what a filter picks.
func markFor(f delivery.Filter) uint32 {
	if f.Room != nil {
		return markOfRoom(f.App, *f.Room)
	}
	return markOfApp(f.App)
}

// Log implements delivery.Records.
func (s *Store) Log(ctx context.Context, f delivery.Filter, fates []delivery.Fate, after delivery.Cursor, limit int) (
	[]delivery.Logged, delivery.Cursor, error,
) {
	p := logPage{filter: f, fates: fates, before: 1<<63 - 1, limit: min(max(limit, 1), pageRows)}
	if after != "" {
		if _, err := store.DecodeCursor(after, store.CursorLog, &p.before); err != nil {
			return nil, "", err
		}
	}
	var more bool
	if err := s.read(ctx, func(c *conn) (err error) { more, err = p.fill(c); return err }); err != nil {
		return nil, "", err
	}
	if !more {
		return p.lines, "", nil
	}
	return p.lines, store.EncodeCursor(store.CursorLog, "", p.before), nil
}

// logPage is a page of the log, latest first, while it is put together.
type logPage struct {
	filter delivery.Filter
	fates  []delivery.Fate
	before int64 // records from this number on have been looked at
	limit  int
	lines  []delivery.Logged
	bytes  int
}

// fill reads blocks backwards until the page is full, or enough has been read. It tells whether there may be more.
func (p *logPage) fill(c *conn) (more bool, err error) {
	mark, opened := markFor(p.filter), 0
	for range readBlocks / headPage {
		heads, err := blocksBefore(c, p.before, headPage)
		if err != nil {
			return false, err
		}
		for _, h := range heads {
			if !p.filter.From.IsZero() && h.written < p.filter.From.UnixMilli() {
				return false, nil // and all before it: an attempt is later than the commit
			}
			if !hasMark(h.marks, mark) {
				p.before = h.first
				continue
			}
			if opened++; opened > openBlocks {
				return true, nil
			}
			if full, err := p.take(c, h.first); err != nil || full {
				return true, err
			}
		}
		if len(heads) < headPage {
			return false, nil
		}
	}
	return true, nil
}

// take adds the lines of a block, and tells whether the page is full.
func (p *logPage) take(c *conn, first int64) (full bool, err error) {
	type line struct {
		number int64
		record record
	}
	var picked []line
	err = blockRecords(c, first, func(number int64, r *record) bool {
		if number < p.before && (len(p.fates) == 0 || slices.Contains(p.fates, r.fate)) && r.matches(p.filter) {
			picked = append(picked, line{number, *r})
		}
		return number < p.before
	})
	if err != nil {
		return false, err
	}
	for _, l := range slices.Backward(picked) {
		p.lines = append(p.lines, l.record.logged())
		p.before = l.number
		p.bytes += len(l.record.body) + len(l.record.answer)
		if len(p.lines) == p.limit || p.bytes >= pageBytes {
			return true, nil
		}
	}
	p.before = first
	return false, nil
}
