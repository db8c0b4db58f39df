package postgres

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/store"
)

// narrow completes a query, of which $1 is the app: {room} in it stands for the condition on the room that the filter has, if it
// has one.
func narrow(f delivery.Filter, query string, args ...any) (string, []any) {
	if f.Room == nil {
		return strings.ReplaceAll(query, "{room}", ""), args
	}
	args = append(args, string(*f.Room))
	return strings.ReplaceAll(query, "{room}", "AND room = $"+strconv.Itoa(len(args))), args
}

// picked is the condition, on rows of the filter's app and room, that the filter picks their events. Its arguments are picks.
const picked = "($2 = '' OR command = $2) AND created_at >= $3 AND created_at < $4"

// picks returns the arguments of a query with the condition picked, and the others that it has.
func picks(f delivery.Filter, others ...any) []any {
	from, to := int64(math.MinInt64), int64(math.MaxInt64)
	if !f.From.IsZero() {
		from = wholeMillis(f.From)
	}
	if !f.To.IsZero() {
		to = wholeMillis(f.To)
	}
	return append([]any{int64(f.App), string(f.Command), from, to}, others...)
}

// wholeMillis is the first whole Unix millisecond that is not before t.
func wholeMillis(t time.Time) int64 {
	ms := t.UnixMilli()
	if time.UnixMilli(ms).Before(t) {
		ms++
	}
	return ms
}

// behind is the condition that an event of the outbox comes behind a place, in the filter's app and room. Its arguments are $1, and
// from the given one on the place's.
func behind(f delivery.Filter, first int) string {
	if f.Room != nil {
		return fmt.Sprintf("app = $1 AND room = $%d AND seq > $%d", first, first+1)
	}
	return fmt.Sprintf("app = $1 AND (room, seq) > ($%d, $%d)", first, first+1)
}

// placeIn is a place as behind needs it.
func placeIn(f delivery.Filter, at store.Place) store.Place {
	if f.Room != nil && at.Room != *f.Room {
		return store.Place{Room: *f.Room}
	}
	return at
}
