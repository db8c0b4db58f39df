package postgres

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
)

// roomsHopped bounds the lanes that one statement goes through, this node's or not.
const roomsHopped = 4096

// Rooms implements delivery.Outbox, of the lanes in this node's baskets. It hops from lane to lane through the index, so its cost
// is that of the app's lanes, other nodes' too, and not of the events in them.
func (s *Store) Rooms(ctx context.Context, app live.AppID, after *live.RoomID, limit int) ([]live.RoomID, error) {
	var rooms []live.RoomID
	hops := min(max(2*limit, 64), roomsHopped)
	for len(rooms) < limit {
		lanes, err := s.lanes(ctx, app, after, hops)
		if err != nil {
			return nil, err
		}
		for _, l := range lanes {
			if len(rooms) < limit && s.node.owns(l.basket) {
				rooms = append(rooms, l.room)
			}
		}
		if len(lanes) < hops {
			break
		}
		after = &lanes[len(lanes)-1].room
	}
	return rooms, nil
}

// laneHead is a lane that holds events, and the basket that they are in.
type laneHead struct {
	room   live.RoomID
	basket int64
}

// lanes returns up to limit lanes of app in order, those behind the given room, whosever they are.
func (s *Store) lanes(ctx context.Context, app live.AppID, after *live.RoomID, limit int) (lanes []laneHead, err error) {
	query, args := hopAll, []any{int64(app), limit}
	if after != nil {
		query, args = hopBehind, append(args, string(*after))
	}
	err = s.read(ctx, func(c *conn) error {
		return c.each(func(scan func(...any) error) error {
			var l laneHead
			err := scan((*string)(&l.room), &l.basket)
			lanes = append(lanes, l)
			return err
		}, query, args...)
	})
	return lanes, err
}

const (
	hopAll    = "WITH RECURSIVE l AS ((SELECT room, basket FROM outbox WHERE app = $1 ORDER BY room, seq LIMIT 1)" + hop
	hopBehind = "WITH RECURSIVE l AS ((SELECT room, basket FROM outbox WHERE app = $1 AND room > $3 ORDER BY room, seq LIMIT 1)" + hop
	hop       = ` UNION ALL
		SELECT n.room, n.basket FROM l CROSS JOIN LATERAL
			(SELECT room, basket FROM outbox WHERE app = $1 AND room > l.room ORDER BY room, seq LIMIT 1) n
		) SELECT room, basket FROM l LIMIT $2`
)

// Pending implements delivery.Outbox: a lane that is not in a basket of this node holds nothing for it.
func (s *Store) Pending(ctx context.Context, lane delivery.Lane, after int64, limit int) ([]delivery.Event, error) {
	var events []delivery.Event
	var basket int64
	owner := s.node.state.Load()
	err := s.read(ctx, func(c *conn) error {
		return c.each(func(scan func(...any) error) error {
			e, err := scanPending(scan, lane, &basket)
			e.Node = owner.id
			events = append(events, e)
			return err
		}, pendingEvents, int64(lane.App), string(lane.Room), after, limit)
	})
	if err != nil || len(events) == 0 {
		return nil, err
	}
	if !owner.owns(basket) {
		return nil, nil
	}
	return events, nil
}

// pendingEvents reads a lane. All events of a lane are in one basket.
const pendingEvents = `SELECT seq, id, command, body, client_ip, platform, created_at, queued_at, attempts, last_error, basket
	FROM outbox WHERE app = $1 AND room = $2 AND seq > $3 ORDER BY seq LIMIT $4`

// pending returns up to limit events of a lane in order, whosever it is.
func pending(c *conn, lane delivery.Lane, after int64, limit int) (events []delivery.Event, err error) {
	var basket int64
	err = c.each(func(scan func(...any) error) error {
		e, err := scanPending(scan, lane, &basket)
		events = append(events, e)
		return err
	}, pendingEvents, int64(lane.App), string(lane.Room), after, limit)
	return events, err
}

func scanPending(scan func(...any) error, lane delivery.Lane, basket *int64) (delivery.Event, error) {
	e := delivery.Event{Lane: lane}
	var at, queued int64
	err := scan(&e.Seq, &e.ID, (*string)(&e.Command), &e.Body, &e.ClientIP, &e.Platform, &at, &queued, &e.Attempts, &e.LastError,
		basket)
	store.SetTimes(&e, at, queued)
	return e, err
}

// Settle implements delivery.Outbox: the outcome becomes durable together with others, soon.
func (s *Store) Settle(o delivery.Outcome) { s.settler.add(o) }
