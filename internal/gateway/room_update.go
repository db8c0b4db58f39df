package gateway

import (
	"context"
	"slices"

	"github.com/greenroom-live/greenroom/internal/live"
)

// liveChange is what of a live a client can change. What is absent stays.
type liveChange struct {
	LiveID           string  `json:"liveID"`
	LiveName         *string `json:"liveName"`
	Notice           *string `json:"notice"`
	IsMessageDisable *bool   `json:"isMessageDisable"`
	IsGiftEnabled    *bool   `json:"isGiftEnabled"`
	IsLikeEnabled    *bool   `json:"isLikeEnabled"`
	IsPublicVisible  *bool   `json:"isPublicVisible"`
	SeatMode         *string `json:"seatMode"`
	CoverURL         *string `json:"coverURL"`
	BackgroundURL    *string `json:"backgroundURL"`
	CategoryList     *[]int  `json:"categoryList"`
	ActivityStatus   *int    `json:"activityStatus"`
}

// liveFields are the fields of a live that change, by the names that clients know, and how a client's are taken over; a
// field without take is changed by the app server alone.
var liveFields = []struct {
	name  string
	field live.RoomField
	take  func(from *liveChange, to *live.RoomUpdate) (given bool)
}{
	{"liveName", live.FieldName, func(l *liveChange, u *live.RoomUpdate) bool { return take(l.LiveName, &u.Name) }},
	{"notice", live.FieldNotice, func(l *liveChange, u *live.RoomUpdate) bool { return take(l.Notice, &u.Notice) }},
	{"isMessageDisable", live.FieldMessageDisabled, func(l *liveChange, u *live.RoomUpdate) bool {
		return take(l.IsMessageDisable, &u.MessageDisabled)
	}},
	{"isGiftEnabled", live.FieldGiftEnabled, func(l *liveChange, u *live.RoomUpdate) bool { return take(l.IsGiftEnabled, &u.GiftEnabled) }},
	{"isLikeEnabled", live.FieldLikeEnabled, func(l *liveChange, u *live.RoomUpdate) bool { return take(l.IsLikeEnabled, &u.LikeEnabled) }},
	{"isPublicVisible", live.FieldPublicVisible, func(l *liveChange, u *live.RoomUpdate) bool {
		return take(l.IsPublicVisible, &u.PublicVisible)
	}},
	{"seatMode", live.FieldTakeSeatMode, func(l *liveChange, u *live.RoomUpdate) bool { return take(l.SeatMode, &u.TakeSeatMode) }},
	{"coverURL", live.FieldCoverURL, func(l *liveChange, u *live.RoomUpdate) bool { return take(l.CoverURL, &u.CoverURL) }},
	{"backgroundURL", live.FieldBackgroundURL, func(l *liveChange, u *live.RoomUpdate) bool { return take(l.BackgroundURL, &u.BackgroundURL) }},
	{"categoryList", live.FieldCategories, func(l *liveChange, u *live.RoomUpdate) bool { return take(l.CategoryList, &u.Categories) }},
	{"activityStatus", live.FieldActivityStatus, func(l *liveChange, u *live.RoomUpdate) bool {
		return take(l.ActivityStatus, &u.ActivityStatus)
	}},
	{name: "isUnlimitedRoomEnabled", field: live.FieldUnlimited},
}

// take takes a value over and tells whether there was one.
func take[T any](from *T, to **T) bool {
	*to = from
	return from != nil
}

type updateLiveInfoParams struct {
	LiveInfo       *liveChange `json:"liveInfo"`
	ModifyFlagList *[]string   `json:"modifyFlagList"`
}

// updateLiveInfo changes the fields that modifyFlagList names or, without that list, those that liveInfo has.
func updateLiveInfo(ctx context.Context, c *call, in *updateLiveInfoParams) (*none, error) {
	if in.LiveInfo == nil {
		return nil, badParameter("liveInfo is missing")
	}
	room, err := c.roomMeant(in.LiveInfo.LiveID)
	if err != nil {
		return nil, err
	}
	update, err := in.update()
	if err != nil {
		return nil, err
	}
	return &none{}, c.g.live.UpdateRoom(ctx, c.caller, room, update)
}

func (in *updateLiveInfoParams) update() (live.RoomUpdate, error) {
	var update live.RoomUpdate
	var err error
	if mode := in.LiveInfo.SeatMode; mode != nil {
		if in.LiveInfo.SeatMode, err = takeSeatMode(*mode); err != nil {
			return update, err
		}
	}
	named := in.ModifyFlagList
	if named != nil {
		if err := knownFields(*named); err != nil {
			return update, err
		}
	}
	for _, f := range liveFields {
		if f.take == nil || named != nil && !slices.Contains(*named, f.name) {
			continue
		}
		if given := f.take(in.LiveInfo, &update); !given && named != nil {
			return update, badParameter("modifyFlagList names %s, which liveInfo does not have", f.name)
		}
	}
	if len(update.Fields()) == 0 {
		return update, badParameter("nothing is named that can be changed")
	}
	return update, nil
}

// knownFields refuses names of fields that clients cannot change.
func knownFields(names []string) error {
	for _, name := range names {
		known := false
		for _, f := range liveFields {
			known = known || f.name == name && f.take != nil
		}
		if !known {
			return badParameter("modifyFlagList names %q, which cannot be changed", name)
		}
	}
	return nil
}

// takeSeatMode puts a client's word for a mode into the domain's.
func takeSeatMode(word string) (*string, error) {
	mode := live.ApplyToTake
	switch word {
	case seatModeFree:
		mode = live.FreeToTake
	case seatModeApply:
	default:
		return nil, badParameter("seatMode must be %s or %s", seatModeFree, seatModeApply)
	}
	return &mode, nil
}

type liveInfoChanged struct {
	LiveInfo       liveInfo `json:"liveInfo"`
	ModifyFlagList []string `json:"modifyFlagList"`
}

// updateNotices tell a room's new looks, if anything changed that its people can see.
func updateNotices(c live.RoomUpdated) []notice {
	changed := liveInfoChanged{LiveInfo: newLiveInfo(c.Room, c.Owner)}
	for _, f := range liveFields {
		if slices.Contains(c.Fields, f.field) {
			changed.ModifyFlagList = append(changed.ModifyFlagList, f.name)
		}
	}
	if len(changed.ModifyFlagList) == 0 {
		return nil
	}
	return []notice{{event: "live.onLiveInfoChanged", data: changed}}
}
