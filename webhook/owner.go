package webhook

// AfterChangeOwner reports that a room has a new owner (doc 72553). Its query has neither ClientIP nor OptPlatform.
type AfterChangeOwner struct {
	RoomID               string `json:"RoomId"`
	EventTime            int64  `json:"EventTime"`        // ms
	OperatorAccount      string `json:"Operator_Account"` // who changed it
	CurrentOwnerAccount  string `json:"CurrentOwner_Account"`
	OriginalOwnerAccount string `json:"OriginalOwner_Account"`
}

func (AfterChangeOwner) Command() Command { return CommandAfterChangeOwner }
