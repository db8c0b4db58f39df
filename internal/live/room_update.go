package live

import (
	"context"

	"github.com/greenroom-live/greenroom/webhook"
)

// RoomUpdate is what a caller asks to change in a room. A nil field stays as it is; an empty text clears, but an empty
// name becomes the room's id, as on creation.
type RoomUpdate struct {
	Name            *string // at most 100 bytes
	Notice          *string // at most 100 bytes
	CoverURL        *string // at most 200 bytes
	BackgroundURL   *string // at most 200 bytes
	Categories      *[]int
	ActivityStatus  *int
	TakeSeatMode    *string // FreeToTake, ApplyToTake
	MaxMemberCount  *int    // who is in the room already stays when it falls below
	MessageDisabled *bool
	PublicVisible   *bool
	Unlimited       *bool
	GiftEnabled     *bool
	LikeEnabled     *bool
}

// RoomField names what of a room an update can change.
type RoomField uint8

// The fields of a [RoomUpdate].
const (
	FieldName RoomField = iota
	FieldNotice
	FieldCoverURL
	FieldBackgroundURL
	FieldCategories
	FieldActivityStatus
	FieldTakeSeatMode
	FieldMaxMemberCount
	FieldMessageDisabled
	FieldPublicVisible
	FieldUnlimited
	FieldGiftEnabled
	FieldLikeEnabled
)

// Fields returns which fields the update gives, whether or not their values are new.
func (u RoomUpdate) Fields() []RoomField {
	var given []RoomField
	for field, is := range [...]bool{
		FieldName: u.Name != nil, FieldNotice: u.Notice != nil, FieldCoverURL: u.CoverURL != nil,
		FieldBackgroundURL: u.BackgroundURL != nil, FieldCategories: u.Categories != nil,
		FieldActivityStatus: u.ActivityStatus != nil, FieldTakeSeatMode: u.TakeSeatMode != nil,
		FieldMaxMemberCount: u.MaxMemberCount != nil, FieldMessageDisabled: u.MessageDisabled != nil,
		FieldPublicVisible: u.PublicVisible != nil, FieldUnlimited: u.Unlimited != nil,
		FieldGiftEnabled: u.GiftEnabled != nil, FieldLikeEnabled: u.LikeEnabled != nil,
	} {
		if is {
			given = append(given, RoomField(field))
		}
	}
	return given
}

// RoomUpdated is the change that an update made.
type RoomUpdated struct {
	Room   Room // after it
	Owner  Account
	Fields []RoomField // which the update gave
}

// Webhook tells what the room is like now, in all that an update could have changed (doc 67938).
func (c RoomUpdated) Webhook(e Event) webhook.Event {
	r := c.Room
	return webhook.AfterUpdateRoomInfo{
		OperatorAccount: string(e.By.User),
		RoomInfo: webhook.UpdatedRoom{
			RoomID: string(r.ID), RoomName: r.Name, MaxMemberCount: r.MaxMemberCount, IsMessageDisabled: r.MessageDisabled,
			CoverURL: r.CoverURL, Category: r.Categories, ActivityStatus: r.ActivityStatus,
			IsPublicVisible: r.PublicVisible, TakeSeatMode: r.takeSeatModeTold(), CustomInfo: r.CustomInfo,
		},
		EventTime: e.At.UnixMilli(),
	}
}

// UpdateRoom changes what the update gives and leaves all else (doc 63403); an update that gives nothing, or nothing
// new, is one all the same and is told. A user must be the room's owner; administrators may mute and unmute it. Codes:
// [CodeBadParameter], [CodeNoRoom], [CodeNoPermission], [CodeTooManyTags], [CodeOverLimit].
func (s *Service) UpdateRoom(ctx context.Context, caller Caller, id RoomID, update RoomUpdate) error {
	if err := s.checkUpdate(update); err != nil {
		return err
	}
	least := RoleOwner
	if given := update.Fields(); len(given) == 1 && given[0] == FieldMessageDisabled {
		least = RoleAdmin
	}
	return s.store.Update(ctx, func(tx Tx) error {
		if err := authorize(tx, caller, id, least); err != nil {
			return err
		}
		room, err := roomRow(tx, caller.App, id)
		if err != nil {
			return err
		}
		owner, err := profile(tx, caller.App, room.Owner)
		if err != nil {
			return err
		}
		update.apply(&room)
		if err := tx.UpdateRoom(caller.App, room); err != nil {
			return err
		}
		return tx.Emit(s.event(caller, id, RoomUpdated{room, owner, update.Fields()}))
	})
}

func (s *Service) checkUpdate(u RoomUpdate) error {
	if u.Categories != nil {
		if err := s.checkCategories(*u.Categories); err != nil {
			return err
		}
	}
	if err := checkTakeSeatMode(u.TakeSeatMode); err != nil {
		return err
	}
	if err := s.checkMaxMembers(u.MaxMemberCount); err != nil {
		return err
	}
	var texts []textLimit
	for _, t := range []struct {
		field string
		value *string
		max   int
	}{
		{"RoomName", u.Name, maxRoomName}, {"Notice", u.Notice, maxNotice},
		{"CoverURL", u.CoverURL, maxCoverURL}, {"BackgroundURL", u.BackgroundURL, maxBackgroundURL},
	} {
		if t.value != nil {
			texts = append(texts, textLimit{t.field, *t.value, t.max})
		}
	}
	return checkTexts(texts)
}

// apply puts what the update gives into the room.
func (u RoomUpdate) apply(r *Room) {
	replace(&r.Name, u.Name)
	if r.Name == "" {
		r.Name = string(r.ID)
	}
	replace(&r.Notice, u.Notice)
	replace(&r.CoverURL, u.CoverURL)
	replace(&r.BackgroundURL, u.BackgroundURL)
	replace(&r.Categories, u.Categories)
	replace(&r.ActivityStatus, u.ActivityStatus)
	replace(&r.TakeSeatMode, u.TakeSeatMode)
	replace(&r.MaxMemberCount, u.MaxMemberCount)
	replace(&r.MessageDisabled, u.MessageDisabled)
	replace(&r.PublicVisible, u.PublicVisible)
	replace(&r.Unlimited, u.Unlimited)
	replace(&r.GiftEnabled, u.GiftEnabled)
	replace(&r.LikeEnabled, u.LikeEnabled)
}

// replace sets dst to what was given, if anything was.
func replace[T any](dst, given *T) {
	if given != nil {
		*dst = *given
	}
}
