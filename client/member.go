package client

import (
	"context"
	"iter"
)

// Forever is how many seconds a mute or ban lasts that has no end.
const Forever = 1<<32 - 1

// MutedMember is a user who may send no messages to a room for a while.
type MutedMember struct {
	UserID     string `json:"Member_Account"`
	MutedUntil int64  // Unix seconds; [Forever] has no end
}

// BannedMember is a user who may not enter a room for a while.
type BannedMember struct {
	UserID      string `json:"Member_Account"`
	BannedUntil int64  // Unix seconds; [Forever] has no end
	Reason      string // as it was given
}

type membersRequest struct {
	RoomID string   `json:"RoomId"`
	Users  []string `json:"MemberList_Account"`
}

// MuteMembers keeps users from sending messages to a room for that many seconds, at most [Forever]; at most 500 in a call
// (doc 66969). They need not be in the room. It fails with [CodeRoomNotFound].
func (c *Client) MuteMembers(ctx context.Context, roomID string, seconds int64, users ...string) error {
	in := struct {
		membersRequest
		MuteTime int64
	}{membersRequest{roomID, users}, seconds}
	return c.Do(ctx, rooms+"mute_member", in, nil)
}

// UnmuteMembers lets users send messages to a room again; at most 500 in a call (doc 66969). Those who are not muted are
// passed over. It fails with [CodeRoomNotFound].
func (c *Client) UnmuteMembers(ctx context.Context, roomID string, users ...string) error {
	return c.MuteMembers(ctx, roomID, 0, users...)
}

// MutedMembers returns who is muted in a room, ordered by user; at most 10,000 (doc 69894). It fails with
// [CodeRoomNotFound].
func (c *Client) MutedMembers(ctx context.Context, roomID string) ([]MutedMember, error) {
	var out struct{ MutedAccountList []MutedMember }
	err := c.Do(ctx, rooms+"get_muted_member_list", roomRequest{roomID}, &out)
	return out.MutedAccountList, err
}

// BanMembers removes users from a room and keeps them out of it for that many seconds, 1 to [Forever]; at most 20 in a
// call (doc 63407). The reason, at most 1,000 bytes, is told to those who are removed. It fails with [CodeRoomNotFound],
// and with [CodeNoPermission] when the room's owner is among them.
func (c *Client) BanMembers(ctx context.Context, roomID string, seconds int64, reason string, users ...string) error {
	in := struct {
		membersRequest
		Duration int64
		Reason   string `json:"Reason,omitzero"`
	}{membersRequest{roomID, users}, seconds, reason}
	return c.Do(ctx, rooms+"ban_member", in, nil)
}

// UnbanMembers lets users enter a room again; at most 20 in a call (doc 63410). Those who are not banned are passed over.
// It fails with [CodeRoomNotFound].
func (c *Client) UnbanMembers(ctx context.Context, roomID string, users ...string) error {
	return c.Do(ctx, rooms+"unban_member", membersRequest{roomID, users}, nil)
}

// BannedMembers goes through who is banned from a room, ordered by user, with a call for each 100 (doc 63408). It ends
// with the first error, which may be [CodeRoomNotFound].
func (c *Client) BannedMembers(ctx context.Context, roomID string) iter.Seq2[BannedMember, error] {
	return func(yield func(BannedMember, error) bool) {
		in := struct {
			RoomID string `json:"RoomId"`
			Offset int
		}{RoomID: roomID}
		for {
			var out struct {
				BannedAccountList []BannedMember
				NextOffset        int
			}
			if err := c.Do(ctx, rooms+"get_banned_member_list", in, &out); err != nil {
				yield(BannedMember{}, err)
				return
			}
			for _, banned := range out.BannedAccountList {
				if !yield(banned, nil) {
					return
				}
			}
			if out.NextOffset <= in.Offset {
				return
			}
			in.Offset = out.NextOffset
		}
	}
}

// KickMembers removes users from a room, who may come back; at most 20 in a call (doc 60708). Those who are not in the
// room are passed over. The reason, at most 1,000 bytes, is told to those who are removed. It fails with
// [CodeRoomNotFound], and with [CodeNoPermission] when the room's owner is among them.
func (c *Client) KickMembers(ctx context.Context, roomID, reason string, users ...string) error {
	in := struct {
		membersRequest
		Reason string `json:"Reason,omitzero"`
	}{membersRequest{roomID, users}, reason}
	return c.Do(ctx, "room_engine_http_srv/kick_user_out", in, nil)
}

// Members goes through the users who are online in a room, ordered by id, at most 1,000 of them (doc 78156). It ends with
// the first error, which may be [CodeRoomNotFound].
func (c *Client) Members(ctx context.Context, roomID string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		in := struct {
			RoomID string `json:"RoomId"`
			Next   string
		}{RoomID: roomID}
		for {
			var out struct {
				Next       string
				MemberList []struct {
					UserID string `json:"Member_Account"`
				}
			}
			if err := c.Do(ctx, rooms+"get_member_list", in, &out); err != nil {
				yield("", err)
				return
			}
			for _, member := range out.MemberList {
				if !yield(member.UserID, nil) {
					return
				}
			}
			if out.Next == "" || out.Next == in.Next {
				return
			}
			in.Next = out.Next
		}
	}
}
