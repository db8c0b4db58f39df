package restapi

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

type muteMemberRequest struct {
	RoomID   string   `json:"RoomId" req:"true" doc:"The room, 1 to 48 bytes of printable ASCII."`
	Accounts []string `json:"MemberList_Account" req:"true" doc:"Whom, 1 to 500 accounts. They need not be in the room."`
	MuteTime *int     `json:"MuteTime" req:"true" doc:"For how many seconds; 0 lets them send again, 4294967295, the most, is for ever."`
}

// muteMember is mute_member (doc 66969).
func muteMember(ctx context.Context, c *call, in *muteMemberRequest) (*none, error) {
	id, err := live.ParseRoomID(in.RoomID)
	if err != nil {
		return nil, err
	}
	users, err := memberAccounts(in.Accounts)
	if err != nil {
		return nil, err
	}
	if in.MuteTime == nil {
		return nil, live.Refuse(live.CodeBadParameter, "MuteTime is missing")
	}
	return nil, c.live.MuteMembers(ctx, c.caller, id, users, *in.MuteTime)
}

// memberAccounts reads MemberList_Account.
func memberAccounts(list []string) ([]live.UserID, error) {
	return parseAccountsAs(live.CodeBadParameter, "MemberList_Account", list)
}

// pageRequest is the body of the commands whose lists are paged by offsets. Older clients say Next and Count.
type pageRequest struct {
	RoomID string    `json:"RoomId" req:"true" doc:"The room, 1 to 48 bytes of printable ASCII."`
	Offset *looseInt `json:"Offset" doc:"How many entries to leave out, 0 by default; a number or a text of digits."`
	Limit  *looseInt `json:"Limit" doc:"How many entries to answer at most; a number or a text of digits. 0 and no Limit mean as many as there can be."`
	Next   *looseInt `json:"Next" doc:"An older name of Offset, which goes before it."`
	Count  *looseInt `json:"Count" doc:"An older name of Limit, which goes before it; of a Count that is too high the most is answered that there can be."`
}

// page returns which part of a list is asked for, where one answer has at most most entries. A limit of 0 means none.
func (r *pageRequest) page(most int) (offset, limit int) {
	switch {
	case r.Offset != nil:
		offset = int(*r.Offset)
	case r.Next != nil:
		offset = int(*r.Next)
	}
	switch {
	case r.Limit != nil:
		limit = int(*r.Limit)
	case r.Count != nil:
		limit = min(int(*r.Count), most)
	}
	return offset, limit
}

type getMutedMemberListResponse struct {
	MutedAccountList []mutedAccount `json:"MutedAccountList" doc:"Who is muted now, ordered by account."`
}

type mutedAccount struct {
	MemberAccount string `json:"Member_Account" doc:"The account."`
	MutedUntil    int64  `json:"MutedUntil" doc:"Until when, Unix seconds; 4294967295 is for ever."`
}

// getMutedMemberList is get_muted_member_list (doc 69894).
func getMutedMemberList(ctx context.Context, c *call, in *pageRequest) (*getMutedMemberListResponse, error) {
	id, err := live.ParseRoomID(in.RoomID)
	if err != nil {
		return nil, err
	}
	offset, limit := in.page(live.MaxMutesPage)
	mutes, err := c.live.Mutes(ctx, c.caller, id, offset, limit)
	if err != nil {
		return nil, err
	}
	out := &getMutedMemberListResponse{make([]mutedAccount, len(mutes))}
	for i, m := range mutes {
		out.MutedAccountList[i] = mutedAccount{string(m.User), m.Until.Unix()}
	}
	return out, nil
}
