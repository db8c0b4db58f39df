package delivery

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"strings"
	"time"
)

const eventIDPrefix = "evt_"

// eventIDDigits writes bytes so that the texts sort as the bytes do.
var eventIDDigits = base32.HexEncoding.WithPadding(base32.NoPadding)

// NewEventID returns an id for an event that was committed at that time: evt_ and 26 characters of 0-9 and A-V, made of
// 6 bytes of Unix milliseconds and 10 random ones. So ids sort by time.
func NewEventID(at time.Time) string {
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:], uint64(at.UnixMilli())<<16)
	rand.Read(raw[6:])
	text := [30]byte{'e', 'v', 't', '_'}
	eventIDDigits.Encode(text[len(eventIDPrefix):], raw[:])
	return string(text[:])
}

// TimeOfEventID returns the Unix milliseconds of an id, and 0 when it does not tell: ids of older versions are random
// throughout. Read as a time, theirs mostly lies in the future, and else, most likely, long before anything that is kept.
func TimeOfEventID(id string, now time.Time) int64 {
	digits, ok := strings.CutPrefix(id, eventIDPrefix)
	if !ok || len(digits) != 26 {
		return 0
	}
	raw, err := eventIDDigits.DecodeString(digits)
	if err != nil {
		return 0
	}
	at := int64(binary.BigEndian.Uint64(raw) >> 16)
	if at > now.UnixMilli() {
		return 0
	}
	return at
}
