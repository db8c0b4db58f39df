package gateway

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

type messageDisabled struct {
	Audience  person `json:"audience"`
	IsDisable bool   `json:"isDisable"`
}

// muteNotices tell the room of each person on its own.
func muteNotices(c live.MembersMuted) []notice {
	told := make([]notice, len(c.Members))
	for i, member := range c.Members {
		told[i] = notice{event: "audience.onAudienceMessageDisabled", data: messageDisabled{newPerson(member), c.Muted}}
	}
	return told
}

type disableSendMessageParams struct {
	LiveID    string `json:"liveID"`
	UserID    string `json:"userID"`
	IsDisable *bool  `json:"isDisable"`
}

// disableSendMessage mutes a member for ever, or ends any mute.
func disableSendMessage(ctx context.Context, c *call, in *disableSendMessageParams) (*none, error) {
	room, user, err := c.userMeant(in.LiveID, in.UserID)
	if err != nil {
		return nil, err
	}
	if in.IsDisable == nil {
		return nil, badParameter("isDisable is missing")
	}
	seconds := 0
	if *in.IsDisable {
		seconds = live.SecondsForever
	}
	return &none{}, c.g.live.MuteMembers(ctx, c.caller, room, []live.UserID{user}, seconds)
}
