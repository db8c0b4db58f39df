package live

import (
	"context"
	"time"

	"github.com/greenroom-live/greenroom/webhook"
)

// Limits of a room's texts, in bytes (docs 63401, 63403, 70474).
const (
	maxRoomName      = 100
	maxNotice        = 100
	maxCoverURL      = 200
	maxBackgroundURL = 200
)

// RoomTypeLive is the only type of room there is (doc 63401).
const RoomTypeLive = webhook.RoomTypeLive

// How members get onto a seat.
const (
	FreeToTake  = webhook.TakeSeatFree  // at once
	ApplyToTake = webhook.TakeSeatApply // after the owner or an administrator agreed
)

// Room is a room as it is now.
type Room struct {
	ID                   RoomID
	Name                 string
	Owner                UserID
	SeatTemplate         string
	SeatLayoutTemplateID int
	TakeSeatMode         string
	SeatEnabled          bool
	MaxSeatCount         int
	MaxMemberCount       int
	MessageDisabled      bool
	PublicVisible        bool
	Unlimited            bool
	KeepOwnerOnSeat      bool
	CoverURL             string
	BackgroundURL        string
	Notice               string
	CustomInfo           string
	Categories           []int
	ActivityStatus       int
	CreatedAt            time.Time // whole seconds
	GiftEnabled          bool
	LikeEnabled          bool
	ViewCount            int64 // entries; a user who enters again counts again
	OnlineCount          int   // members who are not offline
	Totals
}

// Totals are what a room counts in its life.
type Totals struct {
	GiftsSent     int64
	GiftCoins     int64
	GiftSenders   int64 // distinct ones
	LikesReceived int64
	Messages      int64 // the room's last message has this number as its MsgSeq
}

// Statistic is what a room has seen in its life (doc 63406).
type Statistic struct {
	Viewers           int64 // entries, with repeats
	GiftsSent         int64
	GiftCoins         int64
	UniqueGiftSenders int64
	LikesReceived     int64
	Messages          int64
	Lasted            time.Duration // since the room was made
}

type roomReader interface {
	Room(app AppID, id RoomID) (Room, bool, error)
	RoomOwner(app AppID, id RoomID) (UserID, bool, error)
}

type roomWriter interface {
	// NoteListener notes that somebody listens to the room who never entered it perhaps.
	NoteListener(app AppID, room RoomID) error
	InsertRoom(app AppID, r Room) error
	// UpdateRoom writes what of a room can be changed: all but its owner, its creation and what it counts.
	UpdateRoom(app AppID, r Room) error
	SetRoomOwner(app AppID, id RoomID, owner UserID) error
	// DeleteRoom removes the room and all that belongs to it.
	DeleteRoom(app AppID, id RoomID) error
	// CountEntry adds views to the room's view count and online to its count of members online.
	CountEntry(app AppID, id RoomID, views, online int) error
	// AddTotals adds to what the room counts.
	AddTotals(app AppID, id RoomID, add Totals) error
}

// RoomCreated is the change that made a room.
type RoomCreated struct{ Room Room }

// Webhook tells the new room (doc 64422).
func (c RoomCreated) Webhook(e Event) webhook.Event {
	r := c.Room
	return webhook.AfterCreateRoom{
		OperatorAccount: string(e.By.User),
		RoomInfo: webhook.CreatedRoom{
			RoomID: string(r.ID), RoomName: r.Name, RoomType: RoomTypeLive, OwnerAccount: string(r.Owner),
			MaxMemberCount: r.MaxMemberCount, IsMessageDisabled: r.MessageDisabled, CustomInfo: r.CustomInfo,
			IsSeatEnabled: r.SeatEnabled, TakeSeatMode: r.takeSeatModeTold(), MaxSeatCount: r.MaxSeatCount,
			CreateTime: r.CreatedAt.Unix(), IsPublicVisible: r.PublicVisible, CoverURL: r.CoverURL, Category: r.Categories,
		},
		EventTime: e.At.UnixMilli(),
	}
}

// takeSeatModeTold is the room's mode in the words of webhooks, which know one more for rooms without seats (doc 64422).
func (r Room) takeSeatModeTold() string {
	if !r.SeatEnabled {
		return webhook.TakeSeatNone
	}
	return r.TakeSeatMode
}

// RoomDestroyed is the change that ended a room.
type RoomDestroyed struct {
	Room      Room // as it was
	Statistic Statistic
}

// Webhook tells the room as it was and what it has seen (doc 64423).
func (c RoomDestroyed) Webhook(e Event) webhook.Event {
	r, eventType := c.Room, webhook.DestroyByUser
	if e.By.Kind == KindSystem {
		eventType = webhook.DestroyBySystem
	}
	return webhook.AfterDestroyRoom{
		OperatorAccount: string(e.By.User), RoomID: string(r.ID), EventType: eventType, EventTime: e.At.UnixMilli(),
		RoomInfo: webhook.DestroyedRoom{
			RoomID: string(r.ID), RoomName: r.Name, RoomType: RoomTypeLive, OwnerAccount: string(r.Owner),
			IsSeatEnabled: r.SeatEnabled, TakeSeatMode: r.takeSeatModeTold(), MaxMemberCount: r.MaxMemberCount,
			MaxSeatCount: r.MaxSeatCount, Category: r.Categories, CustomInfo: r.CustomInfo,
			IsMessageDisabled: r.MessageDisabled, CoverURL: r.CoverURL, ActivityStatus: r.ActivityStatus,
			IsPublicVisible: r.PublicVisible, ViewCount: r.ViewCount, BackgroundURL: r.BackgroundURL,
			IsUnlimitedRoomEnabled: r.Unlimited,
		},
		Statistic: webhook.RoomStatistic{
			TotalViewers: c.Statistic.Viewers, TotalGiftsSent: c.Statistic.GiftsSent,
			TotalGiftCoins: c.Statistic.GiftCoins, TotalUniqueGiftSenders: c.Statistic.UniqueGiftSenders,
			TotalLikesReceived: c.Statistic.LikesReceived,
		},
	}
}

// RoomSpec is what a caller asks of a new room. A nil field was not given.
type RoomSpec struct {
	ID                   RoomID // made up when empty
	Type                 string
	Name                 *string
	Owner                UserID // the caller when empty
	SeatTemplate         *string
	SeatLayoutTemplateID *int
	TakeSeatMode         *string
	SeatEnabled          *bool
	MaxSeatCount         *int
	MaxMemberCount       *int
	MessageDisabled      bool
	PublicVisible        *bool
	Unlimited            bool
	KeepOwnerOnSeat      bool
	CoverURL             string
	BackgroundURL        string
	Notice               string
	Categories           []int
	ActivityStatus       int
	GiftEnabled          *bool
	LikeEnabled          *bool
}

// CreateRoom makes a room. Codes: [CodeBadParameter], [CodeBadRoomType], [CodeTooManyTags],
// [CodeOwnRoomExists] when the id is in use by a room of the same owner, [CodeRoomExists] when by another's, [CodeOverLimit]
// when the app may have no more rooms, and [CodeCreateTooOften] where the server imitates the cloud's limits.
func (s *Service) CreateRoom(ctx context.Context, caller Caller, spec RoomSpec) (Room, error) {
	room, err := s.newRoom(caller, spec)
	if err != nil {
		return Room{}, err
	}
	if err := s.recent.create(caller.App, room.ID, s.now()); err != nil {
		return Room{}, err
	}
	err = s.store.Update(ctx, func(tx Tx) error { return s.createRoom(tx, caller, room) })
	return room, err
}

func (s *Service) createRoom(tx Tx, caller Caller, room Room) error {
	owner, exists, err := tx.RoomOwner(caller.App, room.ID)
	if err != nil {
		return err
	}
	if exists {
		return roomExists(room, owner)
	}
	if err := s.allowRoom(tx, caller.App); err != nil {
		return err
	}
	if err := s.admit(tx, caller.App, "Owner_Account", room.Owner); err != nil {
		return err
	}
	if err := tx.InsertRoom(caller.App, room); err != nil {
		return err
	}
	if err := tx.Emit(s.event(caller, room.ID, RoomCreated{room})); err != nil {
		return err
	}
	return s.tellQuota(tx, caller)
}

func roomExists(room Room, owner UserID) error {
	if owner == room.Owner {
		return Refuse(CodeOwnRoomExists, "room %q exists already and belongs to %q, who can use it", room.ID, owner)
	}
	return Refuse(CodeRoomExists, "room %q exists already", room.ID)
}

// newRoom judges a spec and fills in what it leaves open.
func (s *Service) newRoom(caller Caller, spec RoomSpec) (Room, error) {
	if err := s.checkSpec(spec); err != nil {
		return Room{}, err
	}
	room := Room{
		ID: spec.ID, Owner: spec.Owner, TakeSeatMode: FreeToTake, MaxMemberCount: s.limits.MaxMembers,
		MessageDisabled: spec.MessageDisabled, PublicVisible: true, Unlimited: spec.Unlimited,
		KeepOwnerOnSeat: spec.KeepOwnerOnSeat, CoverURL: spec.CoverURL, BackgroundURL: spec.BackgroundURL,
		Notice: spec.Notice, Categories: spec.Categories, ActivityStatus: spec.ActivityStatus,
		GiftEnabled: true, LikeEnabled: true,
		CreatedAt: s.now().Truncate(time.Second),
	}
	if room.ID == "" {
		room.ID = RoomID(newID("live_"))
	}
	room.Name = string(room.ID)
	if spec.Name != nil && *spec.Name != "" {
		room.Name = *spec.Name
	}
	if room.Owner == "" {
		room.Owner = caller.User
	}
	replace(&room.TakeSeatMode, spec.TakeSeatMode)
	replace(&room.MaxMemberCount, spec.MaxMemberCount)
	replace(&room.PublicVisible, spec.PublicVisible)
	replace(&room.GiftEnabled, spec.GiftEnabled)
	replace(&room.LikeEnabled, spec.LikeEnabled)
	return room, s.furnish(&room, spec)
}

func (s *Service) checkSpec(spec RoomSpec) error {
	switch spec.Type {
	case RoomTypeLive:
	case "":
		return badParameter("RoomType is missing")
	default:
		return Refuse(CodeBadRoomType, "RoomType must be %q", RoomTypeLive)
	}
	if err := s.checkCategories(spec.Categories); err != nil {
		return err
	}
	if err := checkTakeSeatMode(spec.TakeSeatMode); err != nil {
		return err
	}
	if err := s.checkMaxMembers(spec.MaxMemberCount); err != nil {
		return err
	}
	name := ""
	if spec.Name != nil {
		name = *spec.Name
	}
	return checkTexts([]textLimit{
		{"RoomName", name, maxRoomName}, {"Notice", spec.Notice, maxNotice},
		{"CoverURL", spec.CoverURL, maxCoverURL}, {"BackgroundURL", spec.BackgroundURL, maxBackgroundURL},
	})
}

func (s *Service) checkCategories(categories []int) error {
	if len(categories) > s.limits.MaxCategories {
		return Refuse(CodeTooManyTags, "Category may have %d elements at most", s.limits.MaxCategories)
	}
	return nil
}

func checkTakeSeatMode(mode *string) error {
	if mode != nil && *mode != FreeToTake && *mode != ApplyToTake {
		return badParameter("TakeSeatMode must be %s or %s", FreeToTake, ApplyToTake)
	}
	return nil
}

func (s *Service) checkMaxMembers(n *int) error {
	if n != nil && *n < 1 {
		return badParameter("MaxMemberCount must be at least 1")
	}
	if n != nil && *n > s.limits.MaxMembers {
		return Refuse(CodeOverLimit, "MaxMemberCount may be %d at most", s.limits.MaxMembers)
	}
	return nil
}

type textLimit struct {
	field, value string
	max          int
}

func checkTexts(texts []textLimit) error {
	for _, t := range texts {
		if len(t.value) > t.max {
			return badParameter("%s has %d bytes, at most %d are allowed", t.field, len(t.value), t.max)
		}
	}
	return nil
}

// Room returns the room as it is, or refuses with [CodeNoRoom]. Everybody who is logged in may ask.
func (s *Service) Room(ctx context.Context, caller Caller, id RoomID) (Room, error) {
	var room Room
	err := s.store.View(ctx, func(r Reader) (err error) {
		room, err = roomRow(r, caller.App, id)
		return err
	})
	return room, err
}

func roomRow(r Reader, app AppID, id RoomID) (Room, error) {
	room, ok, err := r.Room(app, id)
	if err == nil && !ok {
		err = noRoom(id)
	}
	return room, err
}

// DestroyRoom ends a room and removes all that belonged to it; its id is free again at once. A user must be its owner.
func (s *Service) DestroyRoom(ctx context.Context, caller Caller, id RoomID) (Statistic, error) {
	var statistic Statistic
	err := s.store.Update(ctx, func(tx Tx) error {
		if err := authorize(tx, caller, id, RoleOwner); err != nil {
			return err
		}
		room, err := roomRow(tx, caller.App, id)
		if err != nil {
			return err
		}
		statistic, err = s.destroyRoom(tx, caller, room)
		return err
	})
	return statistic, err
}

// destroyRoom ends a room, whoever asks for it.
func (s *Service) destroyRoom(tx Tx, caller Caller, room Room) (Statistic, error) {
	if err := s.leaveBattle(tx, caller, room.ID); err != nil {
		return Statistic{}, err
	}
	if err := tx.DeleteRoom(caller.App, room.ID); err != nil {
		return Statistic{}, err
	}
	statistic := room.statistic(s.now())
	return statistic, tx.Emit(s.event(caller, room.ID, RoomDestroyed{room, statistic}))
}

// statistic sums up what the room has seen until now.
func (r Room) statistic(now time.Time) Statistic {
	return Statistic{
		Viewers: r.ViewCount, GiftsSent: r.GiftsSent, GiftCoins: r.GiftCoins, UniqueGiftSenders: r.GiftSenders,
		LikesReceived: r.LikesReceived, Messages: r.Messages, Lasted: now.Sub(r.CreatedAt),
	}
}
