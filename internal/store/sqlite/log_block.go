package sqlite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

// The delivery log is kept in blocks: one row for many attempts, so that an attempt costs the writer little. A block is a
// version byte and its records; a record is its length in four bytes and, one behind the other, the fields that
// [block.add] writes. Numbers are varints, strings have their length in front.
const blockVersion = 1

// blockSize is from how many bytes on a block takes no more records.
const blockSize = 128 << 10

// maxRecord bounds what one record may claim to be long.
const maxRecord = 1 << 30

// Flags of a record. The two lowest bits are its fate.
const (
	fateBits     = 3
	flagReplayed = 1 << 2 // it was put back into its lane, and says when
	flagSameText = 1 << 3 // the event's last error is the attempt's, and left out
)

// block collects records. Its buffers are used again.
type block struct {
	records []byte
	marks   []uint32
	packed  []byte // the marks as they are stored
	count   int
	latest  int64 // commit of the latest event in it, Unix milliseconds
	app     live.AppID
	room    live.RoomID // of the record added last: lanes come in runs, and need their marks once
}

func (b *block) reset() {
	b.records, b.marks, b.count, b.latest = append(b.records[:0], blockVersion), b.marks[:0], 0, 0
}

// add encodes an outcome.
func (b *block) add(o *delivery.Outcome) {
	e, a := &o.Event, &o.Attempt
	at, queued := e.At.UnixMilli(), e.Queued.UnixMilli()
	flags := byte(o.Fate) & fateBits
	if queued != at {
		flags |= flagReplayed
	}
	if e.LastError == a.Error {
		flags |= flagSameText
	}
	start := len(b.records)
	r := append(b.records, 0, 0, 0, 0, flags)
	r = binary.AppendUvarint(r, uint64(e.Lane.App))
	r = appendText(r, string(e.Lane.Room))
	r = appendText(r, e.ID)
	r = appendText(r, string(e.Command))
	r = binary.AppendVarint(r, at)
	if flags&flagReplayed != 0 {
		r = binary.AppendVarint(r, queued)
	}
	r = binary.AppendVarint(r, e.Seq)
	r = binary.AppendVarint(r, int64(e.Attempts))
	r = binary.AppendVarint(r, int64(a.Number))
	r = binary.AppendVarint(r, a.At.UnixMicro())
	r = binary.AppendVarint(r, a.Took.Microseconds())
	r = binary.AppendVarint(r, int64(a.Status))
	r = binary.AppendVarint(r, int64(a.AnswerBytes))
	r = appendText(r, a.Answer)
	r = appendText(r, a.Error)
	if flags&flagSameText == 0 {
		r = appendText(r, e.LastError)
	}
	if o.Fate == delivery.Delivered { // else the outbox has them, or the dead letters
		r = appendText(r, e.Body)
		r = appendText(r, e.ClientIP)
		r = appendText(r, e.Platform)
	}
	binary.LittleEndian.PutUint32(r[start:], uint32(len(r)-start-4))
	b.records = r
	b.mark(e.Lane, e.ID)
	b.count++
	b.latest = max(b.latest, at)
}

func appendText[T string | []byte](r []byte, text T) []byte {
	return append(binary.AppendUvarint(r, uint64(len(text))), text...)
}

func (b *block) mark(l delivery.Lane, id string) {
	first := b.count == 0
	if first || b.app != l.App {
		b.marks = append(b.marks, markOfApp(l.App))
	}
	if first || b.app != l.App || b.room != l.Room {
		b.marks = append(b.marks, markOfRoom(l.App, l.Room))
	}
	b.app, b.room = l.App, l.Room
	b.marks = append(b.marks, markOfEvent(l.App, id))
}

// join adds the records of a stored block, and its marks.
func (b *block) join(marks, records []byte) error {
	if len(records) == 0 || records[0] != blockVersion {
		return fmt.Errorf("%w: it cannot be merged", errBrokenBlock)
	}
	b.records = append(b.records, records[1:]...)
	for ; len(marks) >= 4; marks = marks[4:] {
		b.marks = append(b.marks, binary.LittleEndian.Uint32(marks))
	}
	return nil
}

// pack returns the marks as they are stored: sorted, each once, in four bytes.
func (b *block) pack() []byte {
	slices.Sort(b.marks)
	b.marks = slices.Compact(b.marks)
	b.packed = b.packed[:0]
	for _, m := range b.marks {
		b.packed = binary.LittleEndian.AppendUint32(b.packed, m)
	}
	return b.packed
}

// A mark is a hash of what a search asks for. It is stored, so it must stay as it is.
func markOfApp(app live.AppID) uint32                    { return mark('a', app, "") }
func markOfRoom(app live.AppID, room live.RoomID) uint32 { return mark('r', app, string(room)) }
func markOfEvent(app live.AppID, id string) uint32       { return mark('e', app, id) }
func mark(kind byte, app live.AppID, name string) uint32 {
	const offset, prime = 14695981039346656037, 1099511628211 // FNV-1a
	h := (uint64(offset) ^ uint64(kind)) * prime
	h = (h ^ uint64(app)) * prime
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * prime
	}
	return uint32(h ^ h>>32)
}

// hasMark tells whether a block's stored marks have m.
func hasMark(packed []byte, m uint32) bool {
	low, high := 0, len(packed)/4
	for low < high {
		middle := (low + high) / 2
		switch at := binary.LittleEndian.Uint32(packed[4*middle:]); {
		case at == m:
			return true
		case at < m:
			low = middle + 1
		default:
			high = middle
		}
	}
	return false
}

// record is a record of a block; its texts are parts of the block.
type record struct {
	fate                                                 delivery.Fate
	app                                                  live.AppID
	room, id, command                                    []byte
	at, queued                                           int64 // Unix milliseconds
	seq                                                  int64
	attempts, number                                     int
	began, took                                          int64 // microseconds
	status, answerBytes                                  int
	answer, failure, lastError, body, clientIP, platform []byte
}

var errBrokenBlock = errors.New("a block of the delivery log is broken")

// eachRecord calls visit with every record of a block and its place in it, until visit says that it is enough.
func eachRecord(block []byte, visit func(place int, r *record) (more bool)) error {
	if len(block) == 0 {
		return nil // trimmed
	}
	if block[0] != blockVersion {
		return fmt.Errorf("%w: its version is %d", errBrokenBlock, block[0])
	}
	block = block[1:]
	for place := 0; len(block) > 0; place++ {
		if len(block) < 4 {
			return fmt.Errorf("%w: it ends within record %d", errBrokenBlock, place)
		}
		size := int(min(binary.LittleEndian.Uint32(block), maxRecord))
		if size > len(block)-4 {
			return fmt.Errorf("%w: record %d is longer than it", errBrokenBlock, place)
		}
		var r record
		if !r.decode(block[4 : 4+size]) {
			return fmt.Errorf("%w: record %d", errBrokenBlock, place)
		}
		if !visit(place, &r) {
			return nil
		}
		block = block[4+size:]
	}
	return nil
}

// decode reads what block.add wrote and tells whether it was that.
func (r *record) decode(text []byte) bool {
	f := fields{rest: text}
	flags := f.byte()
	r.fate = delivery.Fate(flags & fateBits)
	app := f.unsigned()
	r.app = live.AppID(app)
	r.room, r.id, r.command = f.text(), f.text(), f.text()
	r.at = f.signed()
	r.queued = r.at
	if flags&flagReplayed != 0 {
		r.queued = f.signed()
	}
	r.seq, r.attempts, r.number = f.signed(), f.int(), f.int()
	r.began, r.took = f.signed(), f.signed()
	r.status, r.answerBytes = f.int(), f.int()
	r.answer, r.failure = f.text(), f.text()
	r.lastError = r.failure
	if flags&flagSameText == 0 {
		r.lastError = f.text()
	}
	if r.fate == delivery.Delivered {
		r.body, r.clientIP, r.platform = f.text(), f.text(), f.text()
	}
	return !f.broken && len(f.rest) == 0 && r.fate <= delivery.Dead && app == uint64(r.app) && flags < flagSameText<<1
}

// replayed tells whether the event had been put back into its lane before the attempt.
func (r *record) replayed() bool { return r.queued != r.at }

// matches tells whether a filter picks the record's event.
func (r *record) matches(f delivery.Filter) bool {
	return r.app == f.App && // first, as it is cheap
		f.Matches(delivery.Event{Lane: r.lane(), Command: webhook.Command(r.command), At: time.UnixMilli(r.at)})
}

func (r *record) lane() delivery.Lane { return delivery.Lane{App: r.app, Room: live.RoomID(r.room)} }

// logged returns a copy of the record.
func (r *record) logged() delivery.Logged {
	l := delivery.Logged{
		Event: delivery.Event{
			Seq: r.seq, ID: string(r.id), Lane: r.lane(), Command: webhook.Command(r.command), At: time.UnixMilli(r.at),
			Queued: time.UnixMilli(r.queued), Attempts: r.attempts, LastError: string(r.lastError),
			ClientIP: string(r.clientIP), Platform: string(r.platform),
		},
		Fate: r.fate,
		Attempt: delivery.Attempt{
			Number: r.number, At: time.UnixMicro(r.began), Took: time.Duration(r.took) * time.Microsecond, Status: r.status,
			AnswerBytes: r.answerBytes, Error: string(r.failure),
		},
	}
	if len(r.answer) > 0 {
		l.Attempt.Answer = slices.Clone(r.answer)
	}
	if r.fate == delivery.Delivered {
		l.Event.Body = append([]byte{}, r.body...)
	}
	return l
}

// fields reads a record field by field. After the first that is not there all others are empty.
type fields struct {
	rest   []byte
	broken bool
}

func (f *fields) fail() { f.rest, f.broken = nil, true }

func (f *fields) byte() byte {
	if len(f.rest) == 0 {
		f.fail()
		return 0
	}
	b := f.rest[0]
	f.rest = f.rest[1:]
	return b
}

func (f *fields) unsigned() uint64 {
	v, n := binary.Uvarint(f.rest)
	if n <= 0 {
		f.fail()
		return 0
	}
	f.rest = f.rest[n:]
	return v
}

func (f *fields) signed() int64 {
	v, n := binary.Varint(f.rest)
	if n <= 0 {
		f.fail()
		return 0
	}
	f.rest = f.rest[n:]
	return v
}

func (f *fields) int() int { return int(f.signed()) }

func (f *fields) text() []byte {
	n := f.unsigned()
	if n > uint64(len(f.rest)) {
		f.fail()
		return nil
	}
	text := f.rest[:n:n]
	f.rest = f.rest[n:]
	return text
}

// anyMark tells whether a block's stored marks have one of those.
func anyMark(packed []byte, of map[uint32]bool) bool {
	for m := range of {
		if hasMark(packed, m) {
			return true
		}
	}
	return false
}
