package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/greenroom-live/greenroom/internal/delivery"
)

// ImportLog writes attempts into the delivery log that another engine has made: the numbers of their rows follow each other from
// first on, and they were written at that time.
func ImportLog(ctx context.Context, t pgx.Tx, first int64, written time.Time, attempts []delivery.Outcome) error {
	if len(attempts) == 0 {
		return nil
	}
	l := newLogColumns(len(attempts))
	for i := range attempts {
		l.add(&attempts[i], written)
	}
	// The rows get their numbers from the sequence. Nobody else takes any: nothing serves while there is an import.
	if _, err := t.Exec(ctx, "SELECT setval('delivery_log_numbers', $1, false)", first); err != nil {
		return fmt.Errorf("number the delivery log: %w", err)
	}
	if _, err := t.Exec(ctx, insertLog, encodeTexts(l.args())...); err != nil {
		return fmt.Errorf("write the delivery log: %w", err)
	}
	if _, err := t.Exec(ctx, growLog, 0, l.total); err != nil {
		return fmt.Errorf("count the delivery log: %w", err)
	}
	return nil
}
