package gateway

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

// userParams name somebody in a room.
type userParams struct {
	LiveID string `json:"liveID"`
	UserID string `json:"userID"`
}

// userMeant returns the room meant, as roomMeant does, and the user of that id.
func (c *conn) userMeant(liveID, userID string) (live.RoomID, live.UserID, error) {
	room, err := c.roomMeant(liveID)
	if err != nil {
		return "", "", err
	}
	user, err := live.ParseUserID("userID", userID)
	return room, user, err
}

// attendee is a member as the others in the room see it.
type attendee struct {
	person
	Role              string `json:"role"`
	IsMessageDisabled bool   `json:"isMessageDisabled"`
}

func newAttendee(a live.Attendee) attendee {
	return attendee{newPerson(a.Account), roleName(a.Role), a.Muted}
}

type audienceParams struct {
	LiveID string `json:"liveID"`
	Cursor string `json:"cursor"`
	Count  *int   `json:"count"`
}

type audienceReply struct {
	AudienceList []attendee `json:"audienceList"`
	Cursor       string     `json:"cursor"` // empty at the end
}

// fetchAudienceList pages through the members who are online.
func fetchAudienceList(ctx context.Context, c *call, in *audienceParams) (*audienceReply, error) {
	room, err := c.roomMeant(in.LiveID)
	if err != nil {
		return nil, err
	}
	var after live.UserID
	if in.Cursor != "" {
		if after, err = live.ParseUserID("cursor", in.Cursor); err != nil {
			return nil, err
		}
	}
	count := live.MaxAudiencePage
	if in.Count != nil {
		count = *in.Count
	}
	page, more, err := c.g.live.Audience(ctx, c.caller, room, after, count)
	reply := &audienceReply{AudienceList: make([]attendee, len(page))}
	for i, a := range page {
		reply.AudienceList[i] = newAttendee(a)
	}
	if more {
		reply.Cursor = string(page[len(page)-1].ID)
	}
	return reply, err
}

type userInfoReply struct {
	User attendee `json:"user"`
}

func getUserInfo(ctx context.Context, c *call, in *userParams) (*userInfoReply, error) {
	room, user, err := c.userMeant(in.LiveID, in.UserID)
	if err != nil {
		return nil, err
	}
	a, err := c.g.live.Attendee(ctx, c.caller, room, user)
	return &userInfoReply{newAttendee(a)}, err
}
