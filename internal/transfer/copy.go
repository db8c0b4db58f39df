package transfer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
)

const (
	// pageRows and pageBytes bound what is copied in one transaction.
	pageRows, pageBytes = 2000, 4 << 20
	// progressRows is after how many rows at most progress is told.
	progressRows = 5000
)

// errFull ends the reading of a page.
var errFull = errors.New("the page is full")

// copying is the copying of all tables.
type copying struct {
	from        *source
	to          *target
	done, total int64
	progress    func(Progress)
}

// run copies what comes behind so many tables, and behind that key of the next one.
func (c *copying) run(ctx context.Context, place int, after string) error {
	if place > len(c.from.tables) {
		return errors.New("more tables were copied than there are")
	}
	for _, t := range c.from.tables[:place] {
		n, err := c.to.count(ctx, t.name)
		if err != nil {
			return err
		}
		c.done += n
	}
	for ; place < len(c.from.tables); place++ {
		t := c.from.tables[place]
		if err := c.table(ctx, place, t, after); err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
		after = ""
	}
	c.progress(Progress{Doing: "copying", Done: c.total, Total: c.total})
	return nil
}

// table copies a table from behind a key on.
func (c *copying) table(ctx context.Context, place int, t table, after string) error {
	if after != "" {
		n, err := c.to.count(ctx, t.name)
		if err != nil {
			return err
		}
		c.done += n
	}
	for {
		c.progress(Progress{Doing: "copying", Table: t.name, Done: c.done, Total: c.total})
		key, err := decodeKey(after)
		if err != nil {
			return err
		}
		var p page
		switch t.name {
		case tableSequence:
			p, err = c.sequencePage(ctx, t)
		case tableLog:
			p, err = c.logPage(ctx, key)
		default:
			p, err = c.rowsPage(ctx, t, key)
		}
		if err != nil {
			return err
		}
		next := position{place: place + 1}
		if len(p.last) > 0 {
			if after, err = encodeKey(p.last); err != nil {
				return err
			}
			next = position{place, after}
		}
		if err := c.to.write(ctx, p.write, next); err != nil {
			return err
		}
		c.done += p.rows
		if len(p.last) == 0 {
			return nil
		}
	}
}

// page is what one transaction writes. Without a last key there is nothing behind it.
type page struct {
	rows  int64
	last  []any
	write func(context.Context, *writing) error
}

func (c *copying) rowsPage(ctx context.Context, t table, after []any) (page, error) {
	rows, err := c.from.page(ctx, t, after)
	if err != nil || len(rows) == 0 {
		return page{}, err
	}
	last := make([]any, len(t.key))
	for i, name := range t.key {
		last[i] = rows[len(rows)-1][slices.Index(t.columns, name)]
	}
	return page{int64(len(rows)), last, func(ctx context.Context, w *writing) error { return w.insert(ctx, t, rows) }}, nil
}

func (c *copying) sequencePage(ctx context.Context, t table) (page, error) {
	rows, err := c.from.page(ctx, t, nil)
	if err != nil {
		return page{}, err
	}
	if len(rows) != 1 {
		return page{}, fmt.Errorf("it has %d rows in place of one", len(rows))
	}
	return page{rows: 1, write: func(ctx context.Context, w *writing) error { return w.restart(ctx, rows[0][0].(int64)) }}, nil
}

// encodeKey writes a key, of numbers and texts, as JSON; each value has its kind in front.
func encodeKey(key []any) (string, error) {
	var parts []string
	for _, v := range key {
		switch v := v.(type) {
		case int64:
			parts = append(parts, fmt.Sprint("i", v))
		case string:
			parts = append(parts, "t"+v)
		default:
			return "", fmt.Errorf("a key holds %T", v)
		}
	}
	text, err := json.Marshal(parts)
	return string(text), err
}

func decodeKey(text string) (key []any, err error) {
	if text == "" {
		return nil, nil
	}
	var parts []string
	if err := json.Unmarshal([]byte(text), &parts); err != nil {
		return nil, fmt.Errorf("read how far the import is: %w", err)
	}
	for _, part := range parts {
		if strings.HasPrefix(part, "t") {
			key = append(key, part[1:])
			continue
		}
		var n int64
		if _, err := fmt.Sscanf(part, "i%d", &n); err != nil {
			return nil, fmt.Errorf("read how far the import is: %w", err)
		}
		key = append(key, n)
	}
	return key, nil
}
