package webhook

// AfterSeatInfoChanged reports that something about a room's seats changed: who sits where, or what is locked (doc 64425).
type AfterSeatInfoChanged struct {
	RoomID    string `json:"RoomId"`    // the room
	SeatList  []Seat `json:"SeatList"`  // all seats of the room, as they are after the change
	EventTime int64  `json:"EventTime"` // when it happened, Unix time in ms
}

func (AfterSeatInfoChanged) Command() Command { return CommandAfterSeatInfoChanged }

// Seat is one seat of a room.
type Seat struct {
	Index           int    `json:"Index"`                    // from 0
	MemberAccount   string `json:"Member_Account,omitempty"` // who sits there; not sent when nobody does
	IsTakenDisabled bool   `json:"IsTakenDisabled"`          // nobody may take it
	IsVideoDisabled bool   `json:"IsVideoDisabled"`          // its video is switched off
	IsAudioDisabled bool   `json:"IsAudioDisabled"`          // its audio is switched off
}
