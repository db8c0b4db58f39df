package live

import (
	"context"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// How many rooms one page may have.
const (
	maxRoomsREST     = 20 // doc 63405
	maxRoomsClient   = 50 // doc 64186
	defaultRoomsPage = 20
)

// RoomView is a room with its owner's profile.
type RoomView struct {
	Room
	OwnerProfile Account
}

// RoomQuery asks for a page of an app's rooms.
type RoomQuery struct {
	Next      string // where the page before ended; empty or "0" for the first page
	Count     *int   // 20 when nil; at most 20 over REST and 50 for clients
	Ascending bool   // rooms with few views first
}

// RoomPage is a page of an app's rooms.
type RoomPage struct {
	Rooms []RoomView
	Next  string // where the next page begins; empty when there is none
}

// RoomPosition is a place in the list of an app's rooms: behind the room that has, or had, these figures. Rooms of
// as many views are ordered by their age, and then by their id.
type RoomPosition struct {
	Views   int64
	Created time.Time // whole seconds
	Room    RoomID
}

type roomListReader interface {
	// PublicRooms returns up to limit rooms of the app that are publicly visible, the one with most views first and of
	// those with equally many the newest, or the other way round when ascending. When after is not nil, only rooms
	// behind that position.
	PublicRooms(app AppID, after *RoomPosition, ascending bool, limit int) ([]Room, error)
}

// Rooms returns a page of the app's publicly visible rooms (doc 63405). A page costs as much as it has rooms, however
// many the app has. A position stays good for any number of calls; what views a room gains between two pages can make it
// appear twice, or not at all. Refused with [CodeBadParameter].
func (s *Service) Rooms(ctx context.Context, caller Caller, q RoomQuery) (RoomPage, error) {
	limit, err := q.limit(caller.Kind)
	if err != nil {
		return RoomPage{}, err
	}
	after, err := parsePosition(q.Next)
	if err != nil {
		return RoomPage{}, err
	}
	var page RoomPage
	err = s.store.View(ctx, func(r Reader) error {
		rooms, err := r.PublicRooms(caller.App, after, q.Ascending, limit+1) // one more tells whether there is a next page
		if err != nil {
			return err
		}
		if len(rooms) > limit {
			rooms = rooms[:limit]
			page.Next = rooms[limit-1].position().String()
		}
		page.Rooms, err = viewRooms(r, caller.App, rooms)
		return err
	})
	return page, err
}

func (q RoomQuery) limit(kind Kind) (int, error) {
	if q.Count == nil {
		return defaultRoomsPage, nil
	}
	most := maxRoomsREST
	if kind == KindUser {
		most = maxRoomsClient
	}
	if *q.Count < 1 || *q.Count > most {
		return 0, badParameter("Count must be 1 to %d", most)
	}
	return *q.Count, nil
}

// viewRooms adds the owners' profiles.
func viewRooms(r Reader, app AppID, rooms []Room) ([]RoomView, error) {
	views := make([]RoomView, len(rooms))
	for i, room := range rooms {
		owner, err := profile(r, app, room.Owner)
		if err != nil {
			return nil, err
		}
		views[i] = RoomView{room, owner}
	}
	return views, nil
}

// RoomView returns the room as it is, with its owner's profile, or refuses with [CodeNoRoom]. Everybody who is logged in
// may ask.
func (s *Service) RoomView(ctx context.Context, caller Caller, id RoomID) (RoomView, error) {
	var view RoomView
	err := s.store.View(ctx, func(r Reader) (err error) {
		if view.Room, err = roomRow(r, caller.App, id); err != nil {
			return err
		}
		view.OwnerProfile, err = profile(r, caller.App, view.Owner)
		return err
	})
	return view, err
}

func (r Room) position() RoomPosition { return RoomPosition{r.ViewCount, r.CreatedAt, r.ID} }

// maxPosition is how long a position's text can be, in bytes.
const maxPosition = 160

// String is the position as callers are given it.
func (p RoomPosition) String() string {
	text := strconv.FormatInt(p.Views, 10) + "." + strconv.FormatInt(p.Created.Unix(), 10) + "." + string(p.Room)
	return base64.RawURLEncoding.EncodeToString([]byte(text))
}

// parsePosition reads a position back; nil is the list's beginning.
func parsePosition(s string) (*RoomPosition, error) {
	if s == "" || s == "0" {
		return nil, nil
	}
	broken := badParameter("Next is not what an earlier page said")
	if len(s) > maxPosition {
		return nil, broken
	}
	text, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil {
		return nil, broken
	}
	parts := strings.SplitN(string(text), ".", 3)
	if len(parts) != 3 {
		return nil, broken
	}
	views, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil {
		return nil, broken
	}
	created, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return nil, broken
	}
	room, err := ParseRoomID(parts[2])
	if err != nil {
		return nil, broken
	}
	return &RoomPosition{views, time.Unix(created, 0), room}, nil
}
