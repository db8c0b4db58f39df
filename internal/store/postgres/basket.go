package postgres

import (
	"fmt"
	"slices"
	"time"
)

// basketAge is for how long a basket was another's before it may be removed: far longer than a transaction lasts that its maker
// began before it was given up.
const basketAge = time.Hour

// usedBaskets finds the baskets in which there are events: of each lane's first event, as a lane is in one basket.
const usedBaskets = `WITH RECURSIVE lanes AS (
		(SELECT app, room, basket FROM outbox ORDER BY app, room, seq LIMIT 1)
		UNION ALL
		SELECT n.app, n.room, n.basket FROM lanes l CROSS JOIN LATERAL (
			SELECT o.app, o.room, o.basket FROM outbox o WHERE (o.app, o.room) > (l.app, l.room) ORDER BY o.app, o.room, o.seq LIMIT 1
		) AS n
	) SELECT DISTINCT basket FROM lanes`

// tidy removes baskets that this node has taken over and that nobody puts anything into any more, so that they do not become
// more and more with every node that stops. One that was made by another life of a node may get an event even so, when that
// node had stood still, perhaps for hours, and does not know yet that it is given up: it makes its baskets again when it
// learns of that, see register. Should it end before it does, the event is found here, by any node, and its basket made again.
func (h *heir) tidy(state *nodeState) error {
	var used, removed []int64
	empty := make(map[int64]bool)
	err := h.s.alter(func(c *conn) error {
		err := c.each(func(scan func(...any) error) error {
			var b int64
			err := scan(&b)
			used = append(used, b)
			return err
		}, usedBaskets)
		if err != nil {
			return err
		}
		var candidates []int64
		for _, b := range state.baskets() {
			if !slices.Contains(used, b) && !slices.Contains(state.fresh[:], b) {
				empty[b] = true
				if h.useless[b] { // last time, too
					candidates = append(candidates, b)
				}
			}
		}
		c.later("INSERT INTO baskets (basket) SELECT unnest($1::bigint[]) ON CONFLICT DO NOTHING", used)
		return c.each(func(scan func(...any) error) error {
			var b int64
			err := scan(&b)
			removed = append(removed, b)
			return err
		}, `DELETE FROM baskets WHERE basket = ANY ($1) AND node = $2 AND taken_at < clock_timestamp() - $3 * interval '1 second'
			RETURNING basket`, candidates, int64(state.id), int64(h.age/time.Second))
	})
	if err != nil {
		return fmt.Errorf("look through the baskets: %w", err)
	}
	h.useless = empty
	h.s.node.disown(state.id, removed)
	h.s.showBaskets()
	return nil
}
