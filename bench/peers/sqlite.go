package main

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"path/filepath"
	"sync"

	_ "modernc.org/sqlite" // the driver

	"github.com/greenroom-live/greenroom/bench/rig"
)

// sqliteLoop is about the least that a durable outbox can be: one writer that gathers events and acknowledgements into commits
// with an fsync, and workers that post. Events of a room go through one worker. There is no API, no signature, no retry.
type sqliteLoop struct {
	file    string
	workers int
	poster  *rig.Poster
	hook    *url.URL
	db      *sql.DB
	events  chan outboxEvent
	acks    chan int64
	lanes   []chan outboxEvent
	stopped chan struct{}
	failed  chan error // the first failure of a part; buffered for one
	posting sync.WaitGroup
	writing sync.WaitGroup
}

type outboxEvent struct {
	seq    int64
	room   int
	body   []byte
	commit chan<- error
}

const (
	outboxBatch = 128
	outboxLane  = 4096 // events that wait for one worker in memory
)

func newSQLiteLoop(folder string, workers int) *sqliteLoop {
	return &sqliteLoop{file: filepath.Join(folder, "loop.db"), workers: workers}
}

func (l *sqliteLoop) open(_ context.Context, hook *url.URL) error {
	if err := l.close(); err != nil {
		return err
	}
	if err := l.openFile(); err != nil {
		return err
	}
	l.hook, l.poster = hook, rig.NewPoster(l.workers)
	l.events, l.acks = make(chan outboxEvent, outboxBatch), make(chan int64, outboxBatch)
	l.lanes = make([]chan outboxEvent, l.workers)
	l.stopped, l.failed = make(chan struct{}), make(chan error, 1)
	for i := range l.lanes {
		l.lanes[i] = make(chan outboxEvent, outboxLane)
		l.posting.Go(func() { l.post(l.lanes[i]) })
	}
	l.writing.Go(l.write)
	return nil
}

func (l *sqliteLoop) openFile() (err error) {
	if l.db, err = sql.Open("sqlite", "file:"+l.file+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"); err != nil {
		return err
	}
	l.db.SetMaxOpenConns(1)
	_, err = l.db.Exec("CREATE TABLE IF NOT EXISTS outbox (seq INTEGER PRIMARY KEY, room INTEGER NOT NULL, body BLOB NOT NULL)")
	return err
}

// write is the writer: first it hands out what is there, then it commits what comes.
func (l *sqliteLoop) write() {
	err := l.resume()
	for err == nil {
		select {
		case e := <-l.events:
			err = l.commit([]outboxEvent{e}, nil)
		case seq := <-l.acks:
			err = l.commit(nil, []int64{seq})
		case <-l.stopped:
			return
		}
	}
	l.failed <- err
	for { // callers are told, workers do not hang
		select {
		case e := <-l.events:
			e.commit <- err
		case <-l.acks:
		case <-l.stopped:
			return
		}
	}
}

// resume hands out the backlog, page by page, while acknowledgements go on.
func (l *sqliteLoop) resume() error {
	for after := int64(0); ; {
		page, err := l.page(after)
		if err != nil || len(page) == 0 {
			return err
		}
		after = page[len(page)-1].seq
		if err := l.handOut(page); err != nil {
			return err
		}
	}
}

func (l *sqliteLoop) page(after int64) (page []outboxEvent, err error) {
	rows, err := l.db.Query("SELECT seq, room, body FROM outbox WHERE seq > ? ORDER BY seq LIMIT 1000", after)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var e outboxEvent
		if err := rows.Scan(&e.seq, &e.room, &e.body); err != nil {
			return nil, err
		}
		page = append(page, e)
	}
	return page, rows.Err()
}

// handOut gives events to their workers. Acknowledgements are committed meanwhile, so that no worker waits for the writer that
// waits for it.
func (l *sqliteLoop) handOut(events []outboxEvent) error {
	for _, e := range events {
		for lane := l.lanes[e.room%l.workers]; lane != nil; {
			select {
			case lane <- e:
				lane = nil
			case seq := <-l.acks:
				if err := l.commit(nil, []int64{seq}); err != nil {
					return err
				}
			case <-l.stopped:
				return nil
			}
		}
	}
	return nil
}

// commit writes what is given and what else waits, in one transaction.
func (l *sqliteLoop) commit(events []outboxEvent, acks []int64) error {
	for more := true; more && len(events) < outboxBatch && len(acks) < outboxBatch; {
		select {
		case e := <-l.events:
			events = append(events, e)
		case seq := <-l.acks:
			acks = append(acks, seq)
		default:
			more = false
		}
	}
	err := l.transact(events, acks)
	for _, e := range events {
		e.commit <- err
	}
	if err != nil {
		return err
	}
	return l.handOut(events)
}

func (l *sqliteLoop) transact(events []outboxEvent, acks []int64) error {
	tx, err := l.db.Begin()
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after the commit
	for i := range events {
		r, err := tx.Exec("INSERT INTO outbox (room, body) VALUES (?, ?)", events[i].room, events[i].body)
		if err != nil {
			return err
		}
		if events[i].seq, err = r.LastInsertId(); err != nil {
			return err
		}
	}
	for _, seq := range acks {
		if _, err := tx.Exec("DELETE FROM outbox WHERE seq = ?", seq); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// post is one worker.
func (l *sqliteLoop) post(lane <-chan outboxEvent) {
	for {
		select {
		case e := <-lane:
			if err := l.poster.Post(context.Background(), l.hook, e.body); err != nil {
				continue // it stays in the table, for the next start
			}
			select {
			case l.acks <- e.seq:
			case <-l.stopped:
				return
			}
		case <-l.stopped:
			return
		}
	}
}

func (l *sqliteLoop) prepare(context.Context, int, int) error { return nil }

func (l *sqliteLoop) publish(ctx context.Context, m rig.Mark) error {
	commit := make(chan error, 1)
	select {
	case l.events <- outboxEvent{room: m.Room, body: body(m), commit: commit}:
		return <-commit
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *sqliteLoop) fill(_ context.Context, rooms, n int) error {
	if err := l.close(); err != nil {
		return err
	}
	if err := l.openFile(); err != nil {
		return err
	}
	for from := 0; from < n; from += outboxBatch {
		batch := make([]outboxEvent, 0, outboxBatch)
		for i := from; i < min(n, from+outboxBatch); i++ {
			m := backlogMark(i, rooms)
			batch = append(batch, outboxEvent{room: m.Room, body: body(m)})
		}
		if err := l.transact(batch, nil); err != nil {
			return err
		}
	}
	return nil
}

func (l *sqliteLoop) close() error {
	if l.db == nil {
		return nil
	}
	var failed error
	if l.stopped != nil {
		close(l.stopped)
		l.posting.Wait()
		l.writing.Wait()
		l.poster.Close()
		select {
		case failed = <-l.failed:
		default:
		}
	}
	err := errors.Join(failed, l.db.Close())
	l.db, l.stopped = nil, nil
	return err
}
