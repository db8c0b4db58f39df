package store

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/greenroom-live/greenroom/internal/delivery"
)

// Kinds of cursors, by the list of [delivery.Records] that gives them out.
const (
	CursorLog       = "l" // number of the last record seen
	CursorWaiting   = "w" // Seq and room of the last event seen
	CursorDead      = "d" // Seq of the last dead letter seen
	CursorDelivered = "r" // numbers of the next record, of the first behind the last, and of the first that there was
)

// EncodeCursor writes a cursor so that it can stand in a URL as it is.
func EncodeCursor(kind, text string, numbers ...int64) delivery.Cursor {
	for _, n := range numbers {
		kind += " " + strconv.FormatInt(n, 36)
	}
	return delivery.Cursor(base64.RawURLEncoding.EncodeToString([]byte(kind + " " + text)))
}

// DecodeCursor reads what EncodeCursor wrote for that kind and so many numbers; delivery.ErrBadCursor when it did not.
func DecodeCursor(c delivery.Cursor, kind string, numbers ...*int64) (text string, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(string(c))
	if err != nil {
		return "", delivery.ErrBadCursor
	}
	parts := strings.SplitN(string(raw), " ", len(numbers)+2)
	if len(parts) != len(numbers)+2 || parts[0] != kind {
		return "", delivery.ErrBadCursor
	}
	for i, n := range numbers {
		if *n, err = strconv.ParseInt(parts[i+1], 36, 64); err != nil || *n < 0 {
			return "", delivery.ErrBadCursor
		}
	}
	return parts[len(parts)-1], nil
}
