package webhook

// The values of [AfterMemberStateChanged].EventType.
const (
	MemberOnline  = "Online"  // they came
	MemberOffline = "Offline" // they went
)

// The values of [AfterMemberStateChanged].EventCause.
const (
	CauseEnter              = "Enter"              // Online: came in
	CauseHeartbeatRecover   = "HeartbeatRecover"   // Online: is heard from again
	CauseLeave              = "Leave"              // Offline: went out
	CauseHeartbeatInterrupt = "HeartbeatInterrupt" // Offline: was not heard from for some 90 s
	CauseKicked             = "Kicked"             // Offline: was kicked out or banned
)

// AfterMemberStateChanged reports that members of a room went online or offline, all for the same cause (doc 64424).
// Its query has neither ClientIP nor OptPlatform. Dissolving a room sends none.
type AfterMemberStateChanged struct {
	RoomID     string   `json:"RoomId"`     // the room
	EventType  string   `json:"EventType"`  // MemberOnline, MemberOffline
	EventCause string   `json:"EventCause"` // CauseEnter, CauseLeave, ...
	MemberList []Member `json:"MemberList"` // one or more
	EventTime  int64    `json:"EventTime"`  // when it happened, Unix time in ms
}

func (AfterMemberStateChanged) Command() Command { return CommandAfterMemberStateChanged }

// Member is a user in a room.
type Member struct {
	MemberAccount string `json:"Member_Account"` // the user
}
