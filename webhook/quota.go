package webhook

// AfterCreateRoomReachingThreshold reports, after a room was created, that the app has at least 70 % of the rooms it may
// have (doc 70485). It belongs to no room.
type AfterCreateRoomReachingThreshold struct {
	OperatorAccount string `json:"Operator_Account"` // who created the room
	EventTime       int64  `json:"EventTime"`        // when it happened, Unix time in ms
	CurRoomCount    int    `json:"CurRoomCount"`     // rooms now, the new one among them
	MaxRoomCount    int    `json:"MaxRoomCount"`     // the app's quota
}

func (AfterCreateRoomReachingThreshold) Command() Command {
	return CommandAfterCreateRoomReachingThreshold
}
