package restapi

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

type banMemberRequest struct {
	RoomID   string   `json:"RoomId" req:"true" doc:"The room, 1 to 48 bytes of printable ASCII."`
	Accounts []string `json:"MemberList_Account" req:"true" doc:"Whom, 1 to 20 accounts. They need not be in the room."`
	Duration *int     `json:"Duration" req:"true" doc:"For how many seconds, at least 1; 4294967295, the most, is for ever."`
	Reason   string   `json:"Reason" doc:"Why, at most 1,000 bytes; who is removed from the room is told."`
}

// banMember is ban_member (doc 63407).
func banMember(ctx context.Context, c *call, in *banMemberRequest) (*none, error) {
	id, err := live.ParseRoomID(in.RoomID)
	if err != nil {
		return nil, err
	}
	users, err := memberAccounts(in.Accounts)
	if err != nil {
		return nil, err
	}
	if in.Duration == nil {
		return nil, live.Refuse(live.CodeBadParameter, "Duration is missing")
	}
	return nil, c.live.BanMembers(ctx, c.caller, id, users, *in.Duration, in.Reason)
}

type unbanMemberRequest struct {
	RoomID   string   `json:"RoomId" req:"true" doc:"The room, 1 to 48 bytes of printable ASCII."`
	Accounts []string `json:"MemberList_Account" req:"true" doc:"Who may enter again, 1 to 20 accounts; those who are not banned are passed over."`
}

// unbanMember is unban_member (doc 63410).
func unbanMember(ctx context.Context, c *call, in *unbanMemberRequest) (*none, error) {
	id, err := live.ParseRoomID(in.RoomID)
	if err != nil {
		return nil, err
	}
	users, err := memberAccounts(in.Accounts)
	if err != nil {
		return nil, err
	}
	return nil, c.live.UnbanMembers(ctx, c.caller, id, users)
}

type getBannedMemberListResponse struct {
	BannedAccountList []bannedAccount `json:"BannedAccountList" doc:"Who is banned now, ordered by account; at most 100."`
	NextOffset        int             `json:"NextOffset" doc:"The Offset to go on with; 0 at the end."`
}

type bannedAccount struct {
	MemberAccount string `json:"Member_Account" doc:"The account."`
	BannedUntil   int64  `json:"BannedUntil" doc:"Until when, Unix seconds; 4294967295 is for ever."`
	Reason        string `json:"Reason" doc:"Why, as it was given; empty when it was not."`
}

// getBannedMemberList is get_banned_member_list (doc 63408).
func getBannedMemberList(ctx context.Context, c *call, in *pageRequest) (*getBannedMemberListResponse, error) {
	id, err := live.ParseRoomID(in.RoomID)
	if err != nil {
		return nil, err
	}
	offset, limit := in.page(live.MaxBansPage)
	bans, next, err := c.live.Bans(ctx, c.caller, id, offset, limit)
	if err != nil {
		return nil, err
	}
	out := &getBannedMemberListResponse{make([]bannedAccount, len(bans)), next}
	for i, b := range bans {
		out.BannedAccountList[i] = bannedAccount{string(b.User), b.Until.Unix(), b.Reason}
	}
	return out, nil
}
