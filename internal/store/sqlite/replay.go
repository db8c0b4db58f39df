package sqlite

import (
	"cmp"
	"context"
	"time"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
)

// Replay implements delivery.Records.
func (s *Store) Replay(ctx context.Context, app live.AppID, id string) error {
	story, err := s.Story(ctx, app, id)
	if err != nil {
		return err
	}
	if story.State == delivery.Waiting {
		return delivery.ErrStillWaiting
	}
	return s.change(ctx, func(t *tx) error {
		if moved, err := t.revive(app, id); err != nil || moved {
			return err
		}
		if story.State != delivery.Done {
			return t.notRevived(app, id)
		}
		copied, err := t.copyBack(story.Event)
		if err == nil && !copied {
			err = delivery.ErrStillWaiting // somebody else has replayed it meanwhile
		}
		return err
	})
}

// notRevived says why there is no such dead letter: somebody else has replayed it meanwhile, or it is nowhere.
func (t *tx) notRevived(app live.AppID, id string) error {
	_, _, waits, err := replayed(t.c, app, id)
	if err == nil && waits {
		return delivery.ErrStillWaiting
	}
	return cmp.Or(err, delivery.ErrUnknownEvent)
}

// ReplayDead implements delivery.Records; it moves maxMoved dead letters at once at most.
func (s *Store) ReplayDead(ctx context.Context, f delivery.Filter, limit int) (int, error) {
	return s.treat(ctx, store.ReplayDead, f, limit, func(t *tx, f delivery.Filter, found []place) (moved int, err error) {
		for _, p := range found {
			ok, err := t.revive(f.App, p.id)
			if err != nil {
				return 0, err
			}
			if ok {
				moved++
			}
		}
		return moved, nil
	})
}

// revive moves a dead letter back into its lane. It tells whether there was one.
func (t *tx) revive(app live.AppID, id string) (moved bool, err error) {
	letter, found, err := deadLetter(t.c, app, id)
	if err != nil || !found {
		return false, err
	}
	if err := t.put("DELETE FROM dead_letters WHERE id = ? AND app = ?", id, app); err != nil {
		return false, err
	}
	t.counts = append(t.counts, count{app, 0, 0, -1})
	return true, t.requeue(letter.Event)
}

// copyBack puts a delivered event back into its lane, unless it waits there already. If it died after it was delivered,
// the dead letter is moved: an event is in one place at a time.
func (t *tx) copyBack(e delivery.Event) (copied bool, err error) {
	if _, _, waits, err := replayed(t.c, e.Lane.App, e.ID); err != nil || waits {
		return false, err
	}
	if moved, err := t.revive(e.Lane.App, e.ID); err != nil || moved {
		return moved, err
	}
	return true, t.requeue(e)
}

// requeue puts an event behind what waits in its lane, as if it were new.
func (t *tx) requeue(e delivery.Event) error {
	seq, err := t.nextSeq()
	if err != nil {
		return err
	}
	queued := max(t.w.opts.Now().UnixMilli(), e.At.UnixMilli()+1) // what was replayed is known by Queued not being At
	e.Seq, e.Attempts, e.LastError, e.Queued = seq, 0, "", time.UnixMilli(queued)
	t.webhooks = append(t.webhooks, e)
	return t.insertOutbox(e)
}

// ReplayDelivered implements delivery.Records; it copies maxMoved events at once at most, and none that waits already.
func (s *Store) ReplayDelivered(ctx context.Context, f delivery.Filter, after delivery.Cursor, limit int) (
	copied int, next delivery.Cursor, err error,
) {
	p := replayPage{filter: f, mark: markFor(f), limit: min(max(limit, 1), maxMoved)}
	if after != "" {
		if _, err := store.DecodeCursor(after, store.CursorDelivered, &p.next, &p.end); err != nil {
			return 0, "", err
		}
	}
	if err := s.read(ctx, p.fill); err != nil {
		return 0, "", err
	}
	if err := s.dropRepeated(ctx, &p); err != nil {
		return 0, "", err
	}
	if len(p.lines) > 0 {
		err = s.change(ctx, func(t *tx) error {
			for _, l := range p.lines {
				ok, err := t.copyBack(l.event)
				if err != nil {
					return err
				}
				if ok {
					copied++
				}
			}
			return nil
		})
	}
	if err != nil {
		return 0, "", err
	}
	if p.next < p.end {
		next = store.EncodeCursor(store.CursorDelivered, "", p.next, p.end)
	}
	return copied, next, nil
}

// replayPage is the part of the log that one call of a series replays.
type replayPage struct {
	filter delivery.Filter
	mark   uint32
	limit  int
	next   int64 // number of the next record to look at
	end    int64 // number of the first record that is not in the series
	lines  []deliveredLine
	bytes  int
}

// deliveredLine is a record of the log that says delivered.
type deliveredLine struct {
	number   int64
	event    delivery.Event
	replayed bool // it may have been delivered before
}

// fill reads the log forwards until the page is full, or enough has been read, or the series is at its end.
func (p *replayPage) fill(c *conn) (err error) {
	if p.end == 0 {
		if err := p.begin(c); err != nil {
			return err
		}
	}
	opened := 0
	for range readBlocks / headPage {
		heads, err := blocksFrom(c, p.next, headPage)
		if err != nil {
			return err
		}
		for _, h := range heads {
			if h.first >= p.end {
				p.next = p.end
				return nil
			}
			if hasMark(h.marks, p.mark) {
				if opened++; opened > openBlocks {
					return nil
				}
				if full, err := p.take(c, h.first); err != nil || full {
					return err
				}
			}
			p.next = max(p.next, h.end())
		}
		if len(heads) < headPage {
			p.next = p.end
			return nil
		}
	}
	return nil
}

// begin finds out where the series begins and ends.
func (p *replayPage) begin(c *conn) (err error) {
	_, err = c.first("SELECT first + count FROM delivery_log ORDER BY first DESC LIMIT 1", nil, &p.end)
	if err == nil && !p.filter.From.IsZero() {
		p.next, err = blockSince(c, p.filter.From.UnixMilli())
	}
	return err
}

// take picks the delivered events of a block, and tells whether the page is full.
func (p *replayPage) take(c *conn, first int64) (full bool, err error) {
	err = blockRecords(c, first, func(number int64, r *record) bool {
		if number < p.next {
			return true
		}
		if number >= p.end {
			return false
		}
		p.next = number + 1
		if r.fate == delivery.Delivered && r.matches(p.filter) {
			p.lines = append(p.lines, deliveredLine{number, r.logged().Event, r.replayed()})
			p.bytes += len(r.body)
		}
		full = len(p.lines) == p.limit || p.bytes >= pageBytes
		return !full
	})
	return full, err
}

// dropRepeated drops the events of a page that the log has as delivered before: they had their place in the series there.
// Only what was replayed can have been delivered before.
func (s *Store) dropRepeated(ctx context.Context, p *replayPage) error {
	b := lookBack{app: p.filter.App, marks: make(map[uint32]bool), suspects: make(map[string]int64), repeated: make(map[int64]bool)}
	var earliest int64
	seen := make(map[string]bool)
	for _, l := range p.lines {
		if seen[l.event.ID] {
			b.repeated[l.number] = true
		} else if l.replayed {
			b.suspects[l.event.ID] = l.number
			b.marks[markOfEvent(b.app, l.event.ID)] = true
			if at := l.event.At.UnixMilli(); earliest == 0 || at < earliest {
				earliest = at
			}
			b.end = l.number
		}
		seen[l.event.ID] = true
	}
	for done := len(b.suspects) == 0; !done; {
		err := s.read(ctx, func(c *conn) (err error) {
			if b.next == 0 {
				if b.next, err = blockSince(c, earliest); err != nil {
					return err
				}
			}
			done, err = b.read(c)
			return err
		})
		if err != nil {
			return err
		}
	}
	kept := p.lines[:0]
	for _, l := range p.lines {
		if !b.repeated[l.number] {
			kept = append(kept, l)
		}
	}
	p.lines = kept
	return nil
}

// lookBack searches the log for earlier deliveries of some events.
type lookBack struct {
	app      live.AppID
	marks    map[uint32]bool  // of the suspects
	suspects map[string]int64 // the numbers of their records, by id
	next     int64            // number of the next record to look at
	end      int64            // number of the last suspect
	repeated map[int64]bool   // numbers of suspects that were delivered before
}

// read reads some blocks, and tells whether all have been read.
func (b *lookBack) read(c *conn) (done bool, err error) {
	opened := 0
	for range readBlocks / headPage {
		heads, err := blocksFrom(c, b.next, headPage)
		if err != nil {
			return false, err
		}
		for _, h := range heads {
			if h.first >= b.end {
				return true, nil
			}
			if anyMark(h.marks, b.marks) {
				if opened++; opened > openBlocks {
					b.next = h.first
					return false, nil
				}
				if err := blockRecords(c, h.first, b.compare); err != nil {
					return false, err
				}
			}
			b.next = h.end()
		}
		if len(heads) < headPage {
			return true, nil
		}
	}
	return false, nil
}

func (b *lookBack) compare(number int64, r *record) (more bool) {
	if r.app == b.app && r.fate == delivery.Delivered {
		if suspect, ok := b.suspects[string(r.id)]; ok && number < suspect {
			b.repeated[suspect] = true
		}
	}
	return number < b.end
}
