package client

import (
	"context"
	"iter"
)

// The values of [RoomQuery].SortDirection.
const (
	SortDescending = "descend" // most views first
	SortAscending  = "ascend"  // fewest views first
)

// RoomQuery asks for a page of rooms. The zero value is the first page of 20, most views first.
type RoomQuery struct {
	Next          string `json:"Next"`                   // RoomPage.Next of the page before; empty for the first
	Count         int    `json:"Count,omitzero"`         // 1 to 20; 20 when 0
	SortDirection string `json:"SortDirection,omitzero"` // SortDescending (default), SortAscending
}

// RoomPage is a page of rooms.
type RoomPage struct {
	Rooms []RoomInfo `json:"RoomList"`
	Next  string     `json:"Next"` // for the next page; empty when there is none
}

// RoomList returns one page of the app's publicly visible rooms (doc 63405).
func (c *Client) RoomList(ctx context.Context, q RoomQuery) (RoomPage, error) {
	if q.Count == 0 {
		q.Count = 20
	}
	var page RoomPage
	err := c.Do(ctx, rooms+"get_room_list", q, &page)
	return page, err
}

// Rooms goes through all publicly visible rooms of the app, from the page that q asks for, and asks for each page when it
// gets there. After an error it ends. A room whose views grow meanwhile can come twice, or not at all.
func (c *Client) Rooms(ctx context.Context, q RoomQuery) iter.Seq2[RoomInfo, error] {
	return func(yield func(RoomInfo, error) bool) {
		for {
			page, err := c.RoomList(ctx, q)
			if err != nil {
				yield(RoomInfo{}, err)
				return
			}
			for _, room := range page.Rooms {
				if !yield(room, nil) {
					return
				}
			}
			if page.Next == "" || page.Next == q.Next {
				return
			}
			q.Next = page.Next
		}
	}
}

// Statistic returns what has happened in a room so far (doc 80421). It fails with [CodeRoomNotFound].
func (c *Client) Statistic(ctx context.Context, roomID string) (Statistic, error) {
	var out Statistic
	err := c.Do(ctx, rooms+"get_room_stats", roomRequest{roomID}, &out)
	return out, err
}
