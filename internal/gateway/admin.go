package gateway

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

func setAdministrator(ctx context.Context, c *call, in *userParams) (*none, error) {
	room, user, err := c.userMeant(in.LiveID, in.UserID)
	if err != nil {
		return nil, err
	}
	return &none{}, c.g.live.Appoint(ctx, c.caller, room, user)
}

func revokeAdministrator(ctx context.Context, c *call, in *userParams) (*none, error) {
	room, user, err := c.userMeant(in.LiveID, in.UserID)
	if err != nil {
		return nil, err
	}
	return &none{}, c.g.live.ModifyAdmins(ctx, c.caller, room, []live.UserID{user}, false)
}
