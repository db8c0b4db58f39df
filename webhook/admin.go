package webhook

// The values of [AfterModifyAdmin].OpType.
const (
	AdminAdd    = "add"    // they are admins now
	AdminDelete = "delete" // they are no longer
)

// AfterModifyAdmin reports that members became admins of a room, or are no longer (doc 72554). Its query has neither
// ClientIP nor OptPlatform.
type AfterModifyAdmin struct {
	RoomID          string   `json:"RoomId"`           // the room
	EventTime       int64    `json:"EventTime"`        // when it happened, Unix time in ms
	OperatorAccount string   `json:"Operator_Account"` // who did it
	AdminAccount    []string `json:"Admin_Account"`    // whom this call made or unmade
	OpType          string   `json:"opType"`           // AdminAdd, AdminDelete; the name's lower-case initial is the contract's
}

func (AfterModifyAdmin) Command() Command { return CommandAfterModifyAdmin }
