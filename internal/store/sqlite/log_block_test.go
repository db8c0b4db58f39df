package sqlite

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
	"github.com/greenroom-live/greenroom/webhook"
)

var anyBytes = rapid.SliceOfN(rapid.Byte(), 0, 300)

func anyOutcome(t *rapid.T) delivery.Outcome {
	text := func(name string) string { return string(anyBytes.Draw(t, name)) }
	number := func(name string) int { return rapid.IntRange(0, 1<<40).Draw(t, name) }
	at := time.UnixMilli(rapid.Int64Range(-1<<50, 1<<50).Draw(t, "at"))
	o := delivery.Outcome{
		Event: delivery.Event{
			Seq: rapid.Int64().Draw(t, "seq"), ID: text("id"), Lane: delivery.Lane{App: live.AppID(rapid.Uint32().Draw(t, "app")),
				Room: live.RoomID(text("room"))}, Command: webhook.Command(text("command")), Body: anyBytes.Draw(t, "body"),
			ClientIP: text("ip"), Platform: text("platform"), At: at, Queued: at, Attempts: number("attempts"),
			LastError: text("last error"),
		},
		Fate: delivery.Fate(rapid.IntRange(0, 2).Draw(t, "fate")),
		Attempt: delivery.Attempt{
			Number: number("number"), At: time.UnixMicro(rapid.Int64Range(-1<<55, 1<<55).Draw(t, "began")),
			Took: time.Duration(number("took")) * time.Microsecond, Status: number("status"), AnswerBytes: number("read"),
			Error: text("error"),
		},
	}
	if rapid.Bool().Draw(t, "replayed") {
		o.Event.Queued = at.Add(time.Duration(rapid.Int64Range(-1e6, 1e6).Draw(t, "later")) * time.Millisecond)
	}
	if rapid.Bool().Draw(t, "same error") {
		o.Event.LastError = o.Attempt.Error
	}
	if answer := anyBytes.Draw(t, "answer"); len(answer) > 0 {
		o.Attempt.Answer = answer
	}
	return o
}

func TestABlockIsReadBackAsItWasWritten(t *testing.T) {
	var b block // used again, as the writer does
	rapid.Check(t, func(t *rapid.T) {
		outcomes := rapid.SliceOfN(rapid.Custom(anyOutcome), 1, 8).Draw(t, "outcomes")
		b.reset()
		for i := range outcomes {
			b.add(&outcomes[i])
		}
		packed := b.pack()
		if !slices.IsSorted(b.marks) || len(packed) != 4*len(b.marks) || b.count != len(outcomes) {
			t.Fatal("marks are sorted, each once")
		}
		read := 0
		err := eachRecord(bytes.Clone(b.records), func(place int, r *record) bool {
			o := outcomes[place]
			for _, m := range []uint32{markOfApp(o.Event.Lane.App), markOfRoom(o.Event.Lane.App, o.Event.Lane.Room),
				markOfEvent(o.Event.Lane.App, o.Event.ID)} {
				if !hasMark(packed, m) {
					t.Fatalf("mark %d is missing", m)
				}
			}
			if o.Fate != delivery.Delivered {
				o.Event.Body, o.Event.ClientIP, o.Event.Platform = nil, "", ""
			}
			if r.replayed() != !o.Event.Queued.Equal(o.Event.At) {
				t.Fatal("replayed or not")
			}
			require.Equal(t, delivery.Logged{Event: o.Event, Fate: o.Fate, Attempt: o.Attempt}, r.logged())
			read++
			return true
		})
		require.NoError(t, err)
		require.Equal(t, len(outcomes), read)
	})
}

func TestWhatIsNoBlockIsAnError(t *testing.T) {
	var b block
	b.reset()
	o := delivered(newClock(), 1, 50)
	b.add(&o)
	b.add(&o)
	nothing := func(int, *record) bool { return true }
	require.NoError(t, eachRecord(b.records, nothing))
	require.NoError(t, eachRecord(nil, nothing), "it was trimmed")
	ends := map[int]bool{1: true, 1 + (len(b.records)-1)/2: true, len(b.records): true} // where records end
	for end := 1; end < len(b.records); end++ {
		if err := eachRecord(b.records[:end], nothing); !ends[end] {
			require.ErrorIs(t, err, errBrokenBlock, "cut off after %d bytes", end)
		}
	}
	for _, broken := range [][]byte{{0}, {2}, {1, 0, 0, 0, 0}, {1, 255, 255, 255, 255}, {1, 1, 0, 0, 0, 0}} {
		require.ErrorIs(t, eachRecord(broken, nothing), errBrokenBlock)
	}
}

// FuzzBlock reads anything as a block: it is one, or an error.
func FuzzBlock(f *testing.F) {
	var b block
	b.reset()
	o := delivered(newClock(), 1, 50)
	b.add(&o)
	o.Fate, o.Event.Queued, o.Event.LastError = delivery.Failed, o.Event.At.Add(time.Hour), "refused"
	b.add(&o)
	f.Add(b.records)
	f.Add([]byte{1, 3, 0, 0, 0, 2, 255, 255})
	f.Fuzz(func(t *testing.T, text []byte) {
		err := eachRecord(text, func(_ int, r *record) bool {
			l := r.logged()
			_ = l.Fate.String()
			r.matches(delivery.Filter{App: r.app})
			return true
		})
		if err != nil {
			require.ErrorIs(t, err, errBrokenBlock)
		}
		hasMark(text, 7)
	})
}

// FuzzCursor reads anything as a cursor: it is one, or refused.
func FuzzCursor(f *testing.F) {
	f.Add(string(store.EncodeCursor(store.CursorWaiting, "a room", 35)))
	f.Add(string(store.EncodeCursor(store.CursorDelivered, "", 1, 2)))
	f.Fuzz(func(t *testing.T, text string) {
		var n int64
		room, err := store.DecodeCursor(delivery.Cursor(text), store.CursorWaiting, &n)
		if err != nil {
			require.ErrorIs(t, err, delivery.ErrBadCursor)
			return
		}
		var again int64
		same, err := store.DecodeCursor(store.EncodeCursor(store.CursorWaiting, room, n), store.CursorWaiting, &again)
		require.NoError(t, err)
		require.Equal(t, room, same)
		require.Equal(t, n, again)
	})
}

func TestEventIDsSortByTime(t *testing.T) {
	now := time.UnixMilli(1765001300444)
	last := ""
	for i := range 2000 {
		at := now.Add(time.Duration(i*i) * time.Millisecond)
		id := delivery.NewEventID(at)
		require.Regexp(t, `^evt_[0-9A-V]{26}$`, id)
		require.True(t, i == 0 || id > last)
		require.Equal(t, at.UnixMilli(), delivery.TimeOfEventID(id, at))
		last = id
	}
	require.NotEqual(t, delivery.NewEventID(now), delivery.NewEventID(now))
	for _, id := range []string{"", "evt_", "4YUIYUNIBWBX3VLKRQHMFLXXKC", "evt_4YUIYUNIBWBX3VLKRQHMFLXXKC",
		"evt_not of this form at all!!", delivery.NewEventID(now.Add(time.Hour)), "evt_00000000000000000000000000"} {
		require.Zero(t, delivery.TimeOfEventID(id, now), id)
	}
	require.Zero(t, delivery.TimeOfEventID(delivery.NewEventID(time.Time{}), now))
}

// BenchmarkEncode measures one record of the log.
func BenchmarkEncode(b *testing.B) {
	var bl block
	bl.reset()
	o := delivered(newClock(), 1, 400)
	o.Attempt.Answer = []byte(`{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}`)
	b.ReportAllocs()
	for b.Loop() {
		if bl.add(&o); len(bl.records) >= blockSize {
			bl.pack()
			bl.reset()
		}
	}
}
