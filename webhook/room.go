package webhook

// RoomTypeLive is the RoomType of every live room.
const RoomTypeLive = "Live"

// The values of TakeSeatMode: how members come to a seat.
const (
	TakeSeatNone  = "None"        // the room has no seats to take
	TakeSeatFree  = "FreeToTake"  // by themselves
	TakeSeatApply = "ApplyToTake" // by asking the owner or an admin
)

// AfterCreateRoom reports that a room was created, through REST or by a client (doc 64422).
type AfterCreateRoom struct {
	OperatorAccount string      `json:"Operator_Account"` // who asked for it; through REST the call's identifier
	RoomInfo        CreatedRoom `json:"RoomInfo"`         // the new room
	EventTime       int64       `json:"EventTime"`        // when it happened, Unix time in ms
}

func (AfterCreateRoom) Command() Command { return CommandAfterCreateRoom }

// CreatedRoom is a room as [AfterCreateRoom] shows it.
type CreatedRoom struct {
	RoomID            string `json:"RoomId"`             // the room
	RoomName          string `json:"RoomName"`           // its name
	RoomType          string `json:"RoomType"`           // RoomTypeLive
	OwnerAccount      string `json:"Owner_Account"`      // its owner
	MaxMemberCount    int    `json:"MaxMemberCount"`     // most members at the same time
	IsMessageDisabled bool   `json:"IsMessageDisabled"`  // nobody may send text
	CustomInfo        string `json:"CustomInfo"`         // the app's own
	IsSeatEnabled     bool   `json:"IsSeatEnabled"`      // it has seats
	TakeSeatMode      string `json:"TakeSeatMode"`       // TakeSeatNone, TakeSeatFree, TakeSeatApply
	MaxSeatCount      int    `json:"MaxSeatCount"`       // number of seats
	CreateTime        int64  `json:"CreateTime"`         // when it was created, Unix time in seconds
	IsPublicVisible   bool   `json:"IsPublicVisible"`    // in the public list
	CoverURL          string `json:"CoverURL"`           // cover picture
	Category          []int  `json:"Category,omitempty"` // categories; not sent when empty
}

// The values of [AfterDestroyRoom].EventType: who dissolved the room.
const (
	DestroyByUser   = "DestroyByUser"   // its owner, or a REST call
	DestroyBySystem = "DestroyBySystem" // the server: it stayed empty, or its owner did not come back
)

// SystemAccount is the OperatorAccount of what the server does by itself.
const SystemAccount = "@TIM#SYSTEM"

// AfterDestroyRoom reports that a room was dissolved (doc 64423). It is the last event of a room: nothing is sent for
// the members who were in it.
type AfterDestroyRoom struct {
	OperatorAccount string        `json:"Operator_Account"` // SystemAccount for DestroyBySystem
	RoomID          string        `json:"RoomId"`           // the room
	EventType       string        `json:"EventType"`        // DestroyByUser, DestroyBySystem
	EventTime       int64         `json:"EventTime"`        // when it happened, Unix time in ms
	RoomInfo        DestroyedRoom `json:"RoomInfo"`         // the room as it was
	Statistic       RoomStatistic `json:"Statistic"`        // what it has seen in its life
}

func (AfterDestroyRoom) Command() Command { return CommandAfterDestroyRoom }

// DestroyedRoom is the last state of a room, as [AfterDestroyRoom] shows it.
type DestroyedRoom struct {
	RoomID                 string `json:"RoomId"`                 // the room
	RoomName               string `json:"RoomName"`               // its name
	RoomType               string `json:"RoomType"`               // RoomTypeLive
	OwnerAccount           string `json:"Owner_Account"`          // its owner
	IsSeatEnabled          bool   `json:"IsSeatEnabled"`          // it has seats
	TakeSeatMode           string `json:"TakeSeatMode"`           // TakeSeatNone, TakeSeatFree, TakeSeatApply
	MaxMemberCount         int    `json:"MaxMemberCount"`         // most members at the same time
	MaxSeatCount           int    `json:"MaxSeatCount"`           // number of seats
	Category               []int  `json:"Category,omitempty"`     // categories; not sent when empty
	CustomInfo             string `json:"CustomInfo"`             // the app's own
	IsMessageDisabled      bool   `json:"IsMessageDisabled"`      // nobody may send text
	CoverURL               string `json:"CoverURL"`               // cover picture
	ActivityStatus         int    `json:"ActivityStatus"`         // the app's own
	IsPublicVisible        bool   `json:"IsPublicVisible"`        // in the public list
	ViewCount              int64  `json:"ViewCount"`              // how often users entered
	BackgroundURL          string `json:"BackgroundURL"`          // background picture
	IsUnlimitedRoomEnabled bool   `json:"IsUnlimitedRoomEnabled"` // as it was set
}

// RoomStatistic is what happened in a room from its creation to its end.
type RoomStatistic struct {
	TotalViewers           int64 `json:"TotalViewers"`           // entries, a user who comes back counts again
	TotalGiftsSent         int64 `json:"TotalGiftsSent"`         // gifts
	TotalGiftCoins         int64 `json:"TotalGiftCoins"`         // what they were worth together, in coins
	TotalUniqueGiftSenders int64 `json:"TotalUniqueGiftSenders"` // users who sent one, each once
	TotalLikesReceived     int64 `json:"TotalLikesReceived"`     // likes
}

// AfterUpdateRoomInfo reports that a room's information was changed (doc 67938).
type AfterUpdateRoomInfo struct {
	OperatorAccount string      `json:"Operator_Account"` // who did it
	RoomInfo        UpdatedRoom `json:"RoomInfo"`         // the room as it is now
	EventTime       int64       `json:"EventTime"`        // when it happened, Unix time in ms
}

func (AfterUpdateRoomInfo) Command() Command { return CommandAfterUpdateRoomInfo }

// UpdatedRoom is a room as [AfterUpdateRoomInfo] shows it: every field as it is after the change, changed or not.
type UpdatedRoom struct {
	RoomID            string `json:"RoomId"`            // the room
	RoomName          string `json:"RoomName"`          // its name
	MaxMemberCount    int    `json:"MaxMemberCount"`    // most members at the same time
	IsMessageDisabled bool   `json:"IsMessageDisabled"` // nobody may send text
	CoverURL          string `json:"CoverURL"`          // cover picture
	Category          []int  `json:"Category"`          // categories; an empty list when there are none (any more)
	ActivityStatus    int    `json:"ActivityStatus"`    // the app's own
	IsPublicVisible   bool   `json:"IsPublicVisible"`   // in the public list
	TakeSeatMode      string `json:"TakeSeatMode"`      // TakeSeatNone, TakeSeatFree, TakeSeatApply
	CustomInfo        string `json:"CustomInfo"`        // the app's own
}
