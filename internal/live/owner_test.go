package live_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

func TestARoomThatIsGivenAwayObeysItsNewOwner(t *testing.T) {
	w := peopled(t)
	require.NoError(t, w.ChangeOwner(ctx, user("host"), room, "mod"))
	require.Equal(t, live.UserID("mod"), w.room().Owner)
	write := func(id live.UserID) live.Code {
		return live.CodeOf(w.SetMetadata(ctx, user(id), room, []live.Pair{{Key: "k", Value: "v"}}))
	}
	require.Zero(t, write("mod"))
	require.Equal(t, live.CodeNoPermission, write("host"), "the former owner has no rights left")
	require.NoError(t, w.ChangeOwner(ctx, user("mod"), room, "fan"))
	require.Equal(t, live.CodeNoPermission, write("mod"), "who became the owner had ceased to be an administrator")
	admins, err := w.Admins(ctx, user("fan"), room)
	require.NoError(t, err)
	require.Empty(t, admins)
	require.Equal(t, live.RoleOwner, w.enter("fan").Role)
}
