package webhook

// AfterCreateBattle reports that a battle between rooms was created (doc 68259).
type AfterCreateBattle struct {
	OperatorAccount string   `json:"Operator_Account"`
	BattleID        string   `json:"BattleId"`
	FromRoomID      string   `json:"FromRoomId"`    // the calling room
	ToRoomIDList    []string `json:"ToRoomIdList"`  // the called rooms
	Timeout         int64    `json:"Timeout"`       // ms that the called rooms have to answer
	Duration        int64    `json:"Duration"`      // ms
	NeedResponse    bool     `json:"NeedResponse"`  // false: it starts at once
	ExtensionInfo   string   `json:"ExtensionInfo"` // the app's own
	EventTime       int64    `json:"EventTime"`     // ms
}

func (AfterCreateBattle) Command() Command { return CommandAfterCreateBattle }

// AfterStartBattle reports that a battle has begun (doc 68260).
type AfterStartBattle struct {
	BattleID     string       `json:"BattleId"`
	Duration     int64        `json:"Duration"`   // ms
	CreateTime   int64        `json:"CreateTime"` // Unix time, seconds
	StartTime    int64        `json:"StartTime"`  // Unix time, seconds
	FromRoomInfo BattleRoom   `json:"FromRoomInfo"`
	ToRoomList   []BattleRoom `json:"ToRoomList"` // those that take part
	EventTime    int64        `json:"EventTime"`  // ms
}

func (AfterStartBattle) Command() Command { return CommandAfterStartBattle }

// BattleRoom is a room in a battle that begins.
type BattleRoom struct {
	RoomID       string `json:"RoomId"`
	OwnerAccount string `json:"Owner_Account"`
}

// The values of [AfterEndBattle].OpType: why a battle is over.
const (
	BattleTimeUp     = 0
	BattleDeserted   = 1 // it had begun, and then every owner left
	BattleNotStarted = 2 // nobody joined it
)

// AfterEndBattle reports that a battle is over (doc 68261).
type AfterEndBattle struct {
	BattleID     string            `json:"BattleId"`
	Duration     int64             `json:"Duration"`   // ms
	CreateTime   int64             `json:"CreateTime"` // Unix time, seconds
	StartTime    int64             `json:"StartTime"`  // Unix time, seconds; 0 when it never began
	EndTime      int64             `json:"EndTime"`    // Unix time, seconds
	OpType       int               `json:"OpType"`     // BattleTimeUp, BattleDeserted, BattleNotStarted
	FromRoomInfo BattleRoomScore   `json:"FromRoomInfo"`
	ToRoomList   []BattleRoomScore `json:"ToRoomList"`
	EventTime    int64             `json:"EventTime"` // ms
}

func (AfterEndBattle) Command() Command { return CommandAfterEndBattle }

// BattleRoomScore is a room in a battle that is over.
type BattleRoomScore struct {
	RoomID       string `json:"RoomId"`
	Score        int64  `json:"Score"`
	OwnerAccount string `json:"Owner_Account"`
}
