package webhook

// AfterChangeOwner reports that a room has a new owner (doc 72553). Its query has neither ClientIP nor OptPlatform.
type AfterChangeOwner struct {
	RoomID               string `json:"RoomId"`                // the room
	EventTime            int64  `json:"EventTime"`             // when it happened, Unix time in ms
	OperatorAccount      string `json:"Operator_Account"`      // who changed it
	CurrentOwnerAccount  string `json:"CurrentOwner_Account"`  // who owns it now
	OriginalOwnerAccount string `json:"OriginalOwner_Account"` // who owned it before
}

func (AfterChangeOwner) Command() Command { return CommandAfterChangeOwner }
