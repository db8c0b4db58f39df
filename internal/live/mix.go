package live

import (
	"context"
	"fmt"
)

// Ways of laying out the pictures of a mixed stream (doc 69077).
const (
	MixGrid   = 0    // up to nine equal ones
	MixCustom = 1000 // as the layout says
)

// Bounds of a mixed stream's layout; the contract names none.
const (
	maxMixViews  = 32
	maxMixPixels = 4096
	maxMixStream = 2
	maxMixZOrder = 99
)

// MixLayout is how the pictures of a room's anchors are to be put together into one stream.
type MixLayout struct {
	Mode          int // MixGrid, MixCustom
	Width, Height int // pixels of the whole; 0 for the default of 720p
	Views         []MixView
	Main          *MixView // the big picture of floating layouts; its place and size do not count
}

// MixView is one anchor's picture in a mixed stream.
type MixView struct {
	Room          RoomID
	User          UserID
	X, Y          int // pixels from the left and from the top
	Width, Height int // pixels; place and size all 0 for sound alone
	StreamType    int
	ZOrder        int // higher ones cover lower ones
}

type mixReader interface {
	// MixLayout returns the layout that was last set for the room.
	MixLayout(app AppID, room RoomID) (MixLayout, bool, error)
}

type mixWriter interface {
	PutMixLayout(app AppID, room RoomID, m MixLayout) error
}

// SetMixLayout keeps the layout of the room's mixed stream (doc 69077) in place of the one before. Nothing is mixed
// here: media does not pass through this server. Codes: [CodeBadParameter], [CodeNoRoom], and [CodeNoPermission] for a
// room without seats or not made for mixing. A user must be the room's owner.
func (s *Service) SetMixLayout(ctx context.Context, caller Caller, id RoomID, m MixLayout) error {
	if err := m.check(); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		if err := authorizeMixing(tx, caller, id); err != nil {
			return err
		}
		return tx.PutMixLayout(caller.App, id, m)
	})
}

// ResumeMix is asked to bring back the layout that was last set for the room, or the grid when none was (doc 72333), and
// returns it. Codes as of [Service.SetMixLayout].
func (s *Service) ResumeMix(ctx context.Context, caller Caller, id RoomID) (MixLayout, error) {
	var m MixLayout
	err := s.store.View(ctx, func(r Reader) error {
		if err := authorizeMixing(r, caller, id); err != nil {
			return err
		}
		var err error
		m, _, err = r.MixLayout(caller.App, id)
		return err
	})
	return m, err
}

// authorizeMixing refuses rooms whose streams cannot be mixed: those without seats or without
// IsUnlimitedRoomEnabled (doc 72333).
func authorizeMixing(r Reader, caller Caller, id RoomID) error {
	if err := authorize(r, caller, id, RoleOwner); err != nil {
		return err
	}
	room, err := roomRow(r, caller.App, id)
	switch {
	case err != nil:
		return err
	case !room.SeatEnabled:
		return Refuse(CodeNoPermission, "room %q has no seats, so there is nothing to mix", id)
	case !room.Unlimited:
		return Refuse(CodeNoPermission, "room %q was made without IsUnlimitedRoomEnabled", id)
	}
	return nil
}

func (m MixLayout) check() error {
	if m.Mode != MixGrid && m.Mode != MixCustom {
		return badParameter("LayoutMode must be %d or %d", MixGrid, MixCustom)
	}
	if err := between(0, maxMixPixels, bounded{"VideoEncode.Width", m.Width}, bounded{"VideoEncode.Height", m.Height}); err != nil {
		return err
	}
	if m.Mode == MixCustom && len(m.Views) == 0 && m.Main == nil {
		return badParameter("LayoutInfo is missing or empty, which LayoutMode %d needs", MixCustom)
	}
	if len(m.Views) > maxMixViews {
		return badParameter("LayoutInfo.LayoutList may have %d elements at most", maxMixViews)
	}
	for i, v := range m.Views {
		if err := v.check(fmt.Sprintf("LayoutInfo.LayoutList[%d]", i)); err != nil {
			return err
		}
	}
	if m.Main != nil {
		return m.Main.check("LayoutInfo.MaxUserLayout")
	}
	return nil
}

func (v MixView) check(where string) error {
	err := between(0, maxMixPixels, bounded{where + ".LocationX", v.X}, bounded{where + ".LocationY", v.Y},
		bounded{where + ".ImageWidth", v.Width}, bounded{where + ".ImageHeight", v.Height})
	if err == nil {
		err = between(0, maxMixStream, bounded{where + ".StreamType", v.StreamType})
	}
	if err == nil {
		err = between(0, maxMixZOrder, bounded{where + ".ZOrder", v.ZOrder})
	}
	return err
}

// bounded is a number of a request, under the name that its caller knows.
type bounded struct {
	field string
	value int
}

func between(low, high int, numbers ...bounded) error {
	for _, n := range numbers {
		if n.value < low || n.value > high {
			return badParameter("%s must be %d to %d", n.field, low, high)
		}
	}
	return nil
}
