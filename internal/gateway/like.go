package gateway

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

type sendLikeParams struct {
	LiveID string `json:"liveID"`
	Count  *int   `json:"count"`
}

func sendLike(ctx context.Context, c *call, in *sendLikeParams) (*none, error) {
	room, err := c.roomMeant(in.LiveID)
	if err != nil {
		return nil, err
	}
	count := 1
	if in.Count != nil {
		count = *in.Count
	}
	return &none{}, c.g.live.SendLikes(ctx, c.caller, room, count)
}

type likesReply struct {
	TotalLikesReceived int64 `json:"totalLikesReceived"`
}

func getLikesCount(ctx context.Context, c *call, in *liveParams) (*likesReply, error) {
	room, err := c.roomMeant(in.LiveID)
	if err != nil {
		return nil, err
	}
	likes, err := c.g.live.Likes(ctx, c.caller, room)
	return &likesReply{likes}, err
}

type likesReceived struct {
	Count              int    `json:"count"`
	TotalLikesReceived int64  `json:"totalLikesReceived"`
	Sender             person `json:"sender"`
}

func likesNotice(c live.LikesSent) notice {
	return notice{event: "like.onReceiveLikesMessage", data: likesReceived{c.Count, c.Total, newPerson(c.Sender)}}
}
