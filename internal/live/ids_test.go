package live_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

func TestIDs(t *testing.T) {
	for _, s := range []struct {
		id         string
		room, user bool
	}{
		{"", false, false}, {"a", true, true}, {" ", true, true}, {"~", true, true}, {"\x1f", false, false}, {"\x7f", false, false},
		{"a\nb", false, false}, {"é", false, false}, {"\xff", false, false}, {"@TIM#SYSTEM", true, true},
		{strings.Repeat("x", 32), true, true}, {strings.Repeat("x", 33), true, false},
		{strings.Repeat("x", 48), true, false}, {strings.Repeat("x", 49), false, false},
	} {
		room, err := live.ParseRoomID(s.id)
		require.Equal(t, s.room, err == nil, "%q as a room", s.id)
		if err == nil {
			require.Equal(t, live.RoomID(s.id), room)
		} else {
			require.Equal(t, live.CodeBadParameter, live.CodeOf(err))
		}
		user, err := live.ParseUserID("Owner_Account", s.id)
		require.Equal(t, s.user, err == nil, "%q as a user", s.id)
		require.Equal(t, s.user, live.ValidUserID(s.id))
		if err == nil {
			require.Equal(t, live.UserID(s.id), user)
		} else {
			require.ErrorContains(t, err, "Owner_Account")
			require.Equal(t, live.CodeBadParameter, live.CodeOf(err))
		}
	}
}

// TestPlatforms: a client may call itself what the contract knows of clients, and neither REST nor anything else.
func TestPlatforms(t *testing.T) {
	for _, word := range []string{"Web", "Android", "iOS", "Windows", "Mac", "iPad"} {
		require.Equal(t, live.Platform(word), live.ParsePlatform(word))
	}
	for _, word := range []string{"", "RESTAPI", "Unknown", "web", "IOS", "macOS", "Web ", "Linux"} {
		require.Equal(t, live.Platform(webhook.PlatformUnknown), live.ParsePlatform(word), word)
	}
}
