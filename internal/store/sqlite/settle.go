package sqlite

import (
	"errors"

	"github.com/greenroom-live/greenroom/internal/delivery"
)

// errNotWaiting says that an event which was delivered is not in the outbox: it was purged while it was in flight.
var errNotWaiting = errors.New("a delivered event is not in the outbox")

// settle writes outcomes down, with their attempts. With careful false it takes it that each event is still in the
// outbox, and fails with errNotWaiting, half done, when a delivered one is not; with careful true it looks at each.
func (w *writer) settle(outcomes []delivery.Outcome, careful bool) error {
	w.counts, w.paused = w.counts[:0], w.paused[:0]
	var delivered runs
	for i := range outcomes {
		o := &outcomes[i]
		var err error
		switch o.Fate {
		case delivery.Delivered:
			delivered.add(&o.Event, careful)
		case delivery.Failed:
			err = w.c.do("UPDATE outbox SET attempts = ?, last_error = ? WHERE app = ? AND room = ? AND seq = ?",
				o.Event.Attempts, o.Event.LastError, o.Event.Lane.App, o.Event.Lane.Room, o.Event.Seq)
		case delivery.Dead:
			err = w.bury(o.Event)
		}
		if err == nil && o.Gone != "" {
			err = w.pauseGone(o)
		}
		if err != nil {
			return err
		}
	}
	for _, r := range delivered.all {
		if err := w.remove(r, careful); err != nil {
			return err
		}
	}
	if !careful {
		w.countDelivered(outcomes)
	}
	return w.keep(outcomes)
}

// remove takes a run of delivered events from the outbox. A careful caller has runs of one event, which may be missing.
func (w *writer) remove(r run, careful bool) error {
	removed, err := w.c.exec("DELETE FROM outbox WHERE app = ? AND room = ? AND seq BETWEEN ? AND ?",
		r.lane.App, r.lane.Room, r.first, r.last)
	switch {
	case err != nil:
		return err
	case !careful && removed != int64(r.events):
		return errNotWaiting
	case careful && removed > 0:
		w.counts = append(w.counts, count{r.lane.App, r.second, -1, 0})
	}
	return nil
}

// countDelivered counts the delivered events, all of which were in the outbox.
func (w *writer) countDelivered(outcomes []delivery.Outcome) {
	for i := range outcomes {
		if e := &outcomes[i].Event; outcomes[i].Fate == delivery.Delivered {
			w.counts = append(w.counts, count{e.Lane.App, secondOf(*e), -1, 0})
		}
	}
}

// bury moves an event to the dead letters, unless it is not in the outbox any more.
func (w *writer) bury(e delivery.Event) error {
	buried, err := w.c.exec(`INSERT INTO dead_letters (seq, id, app, room, command, body, client_ip, platform, created_at,
			queued_at, attempts, last_error, died_at)
		SELECT seq, id, app, room, command, body, client_ip, platform, created_at, queued_at, ?, ?, ? FROM outbox
		WHERE app = ? AND room = ? AND seq = ?`,
		e.Attempts, e.LastError, w.opts.Now().UnixMilli(), e.Lane.App, e.Lane.Room, e.Seq)
	if err != nil || buried == 0 {
		return err
	}
	w.counts = append(w.counts, count{e.Lane.App, secondOf(e), -1, 1})
	return w.c.do("DELETE FROM outbox WHERE app = ? AND room = ? AND seq = ?", e.Lane.App, e.Lane.Room, e.Seq)
}

// pauseGone pauses the app whose server answered 410 Gone. It does not when the app has another URL by now, is paused
// already, or had a pause ended after the attempt began: an end in the future is one from before the clock was set back.
func (w *writer) pauseGone(o *delivery.Outcome) error {
	app := o.Event.Lane.App
	paused, err := w.c.exec(`INSERT INTO delivery_pauses (app, paused, since, reason, gone, resumed_at)
		SELECT app, 1, ?, ?, 1, 0 FROM callbacks WHERE app = ? AND url = ?
		ON CONFLICT DO UPDATE SET paused = 1, since = excluded.since, reason = excluded.reason, gone = 1
		WHERE paused = 0 AND (resumed_at <= ? OR resumed_at > excluded.since)`,
		w.opts.Now().UnixMilli(), reasonGone, app, o.Gone, o.Attempt.At.UnixMilli())
	if paused > 0 {
		w.paused = append(w.paused, app)
	}
	return err
}

// runs collects for each lane from where to where its events were delivered. Within a lane events are settled in order,
// so those of one lane that were delivered lie next to each other and go with one statement.
type runs struct {
	all  []run
	lane map[delivery.Lane]int // the place of its last run in all
}

type run struct {
	lane        delivery.Lane
	first, last int64
	events      int
	second      int64 // when the first was committed
}

// add adds a delivered event, to its lane's run unless it is to be alone.
func (r *runs) add(e *delivery.Event, alone bool) {
	if i, ok := r.lane[e.Lane]; ok && !alone && e.Seq > r.all[i].last {
		r.all[i].last = e.Seq
		r.all[i].events++
		return
	}
	if r.lane == nil {
		r.lane = make(map[delivery.Lane]int)
	}
	r.lane[e.Lane] = len(r.all)
	r.all = append(r.all, run{e.Lane, e.Seq, e.Seq, 1, secondOf(*e)})
}

// tell adds up what the commit's outcomes and updates have done to the counts.
func (w *writer) tell(webhooks []delivery.Event) {
	for _, e := range webhooks {
		w.counts = append(w.counts, count{e.Lane.App, secondOf(e), 1, 0})
	}
	for _, j := range w.batch {
		if j.tx.err == nil {
			w.counts = append(w.counts, j.tx.counts...)
		}
	}
	w.backlog.apply(w.counts)
}
