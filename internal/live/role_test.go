package live_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

// TestWhoMayDoWhat is the whole of the permissions in a room.
func TestWhoMayDoWhat(t *testing.T) {
	operations := []struct {
		name string
		do   func(w *world, c live.Caller) error
		// codes of: owner, administrator, member, member who is offline, stranger
		codes [5]live.Code
	}{
		{"read the room", func(w *world, c live.Caller) error { _, err := w.Room(ctx, c, room); return err }, [5]live.Code{}},
		{"read the administrators", func(w *world, c live.Caller) error { _, err := w.Admins(ctx, c, room); return err }, [5]live.Code{}},
		{
			"read the metadata", func(w *world, c live.Caller) error { _, err := w.Metadata(ctx, c, room, nil); return err },
			[5]live.Code{0, 0, 0, 0, live.CodeNotMember},
		},
		{
			"write metadata", func(w *world, c live.Caller) error {
				return w.SetMetadata(ctx, c, room, []live.Pair{{Key: "k", Value: "v"}})
			},
			[5]live.Code{0, 0, live.CodeNoPermission, live.CodeNoPermission, live.CodeNoPermission},
		},
		{
			"delete metadata", func(w *world, c live.Caller) error { return w.DeleteMetadata(ctx, c, room, []string{"theme"}) },
			[5]live.Code{0, 0, live.CodeNoPermission, live.CodeNoPermission, live.CodeNoPermission},
		},
		{
			"make administrators", func(w *world, c live.Caller) error {
				return w.ModifyAdmins(ctx, c, room, []live.UserID{"second"}, true)
			},
			[5]live.Code{0, live.CodeNoPermission, live.CodeNoPermission, live.CodeNoPermission, live.CodeNoPermission},
		},
		{
			"unmake administrators", func(w *world, c live.Caller) error {
				return w.ModifyAdmins(ctx, c, room, []live.UserID{"mod"}, false)
			},
			[5]live.Code{0, live.CodeNoPermission, live.CodeNoPermission, live.CodeNoPermission, live.CodeNoPermission},
		},
		{
			"rename the room", func(w *world, c live.Caller) error {
				return w.UpdateRoom(ctx, c, room, live.RoomUpdate{Name: new("n"), MessageDisabled: new(true)})
			},
			[5]live.Code{0, live.CodeNoPermission, live.CodeNoPermission, live.CodeNoPermission, live.CodeNoPermission},
		},
		{
			"hide the room with muting it", func(w *world, c live.Caller) error {
				return w.UpdateRoom(ctx, c, room, live.RoomUpdate{MessageDisabled: new(true), PublicVisible: new(false)})
			},
			[5]live.Code{0, live.CodeNoPermission, live.CodeNoPermission, live.CodeNoPermission, live.CodeNoPermission},
		},
		{
			"mute the room", func(w *world, c live.Caller) error {
				return w.UpdateRoom(ctx, c, room, live.RoomUpdate{MessageDisabled: new(true)})
			},
			[5]live.Code{0, 0, live.CodeNoPermission, live.CodeNoPermission, live.CodeNoPermission},
		},
		{
			"change nothing", func(w *world, c live.Caller) error { return w.UpdateRoom(ctx, c, room, live.RoomUpdate{}) },
			[5]live.Code{0, live.CodeNoPermission, live.CodeNoPermission, live.CodeNoPermission, live.CodeNoPermission},
		},
		{
			"give the room away", func(w *world, c live.Caller) error { return w.ChangeOwner(ctx, c, room, "next") },
			[5]live.Code{0, live.CodeNoPermission, live.CodeNoPermission, live.CodeNoPermission, live.CodeNoPermission},
		},
		{
			"read the statistic", func(w *world, c live.Caller) error { _, err := w.Statistic(ctx, c, room); return err },
			[5]live.Code{0, 0, live.CodeNoPermission, live.CodeNoPermission, live.CodeNoPermission},
		},
		{
			"lay out the mixed stream", func(w *world, c live.Caller) error {
				return w.SetMixLayout(ctx, c, room, live.MixLayout{})
			},
			[5]live.Code{0, live.CodeNoPermission, live.CodeNoPermission, live.CodeNoPermission, live.CodeNoPermission},
		},
		{
			"dissolve the room", func(w *world, c live.Caller) error { _, err := w.DestroyRoom(ctx, c, room); return err },
			[5]live.Code{0, live.CodeNoPermission, live.CodeNoPermission, live.CodeNoPermission, live.CodeNoPermission},
		},
		{
			"leave the room", func(w *world, c live.Caller) error { return w.Leave(ctx, c, room) },
			[5]live.Code{live.CodeNotMember, live.CodeNotMember, 0, 0, live.CodeNotMember},
		},
	}
	for _, o := range operations {
		t.Run(o.name, func(t *testing.T) {
			w := newWorld(t)
			require.Equal(t, live.CodeNoRoom, live.CodeOf(o.do(w, user("host"))), "a room that is not there is told first")
			for i, id := range []live.UserID{"host", "mod", "fan", "sleeper", "stranger"} {
				w.people()
				err := o.do(w, user(id))
				require.Equal(t, o.codes[i], live.CodeOf(err), "%s: %v", id, err)
				if err != nil {
					require.Empty(t, w.fired())
				}
			}
			if o.name == "leave the room" {
				return // App admins and the server are in no room
			}
			for _, c := range []live.Caller{by(live.KindAdmin, "administrator"), live.System(app)} {
				w.people()
				require.NoError(t, o.do(w, c), "App admins and the server may do everything")
			}
		})
	}
}
