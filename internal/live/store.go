package live

import "context"

// Store keeps the state. An implementation makes each Update atomic and durable before it returns nil, and hands
// the events it emitted on, in commit order, only after the commit.
type Store interface {
	// Update runs f in a transaction and commits it. When f fails nothing of it remains and its error is returned.
	// f may be run more than once, of which only the last run counts: it must leave nothing behind but through Tx, and set
	// anew whatever it sets. Errors of the store that f gets must be returned as they are, or wrapped.
	// When ctx ends while the update waits for its turn it does not happen; once begun it is carried through.
	Update(ctx context.Context, f func(Tx) error) error
	// View runs f on a consistent, committed state.
	View(ctx context.Context, f func(Reader) error) error
}

// Reader reads the state as one transaction sees it. A row that does not exist is told by a false ok, never by an
// error; an error means that the store failed.
type Reader interface {
	roomReader
	metadataReader
	memberReader
	attendanceReader
	adminReader
	accountReader
	callbackReader
	timerReader
	muteReader
	robotReader
	roomListReader
	roomCountReader
	mixReader
	profileReader
	followReader
	revocationReader
	banReader
	messageReader
	seatReader
	giftReader
	battleReader
}

// Tx reads and changes the state.
type Tx interface {
	Reader
	roomWriter
	metadataWriter
	memberWriter
	attendanceWriter
	adminWriter
	accountWriter
	callbackWriter
	timerWriter
	muteWriter
	robotWriter
	mixWriter
	profileWriter
	followWriter
	revocationWriter
	banWriter
	messageWriter
	seatWriter
	giftWriter
	battleWriter

	// Emit records what happened. The webhook is stored with the transaction, encoded as it is now, when the app
	// has a callback URL and has switched that command on; the room's clients are told after the commit.
	Emit(Event) error
}
