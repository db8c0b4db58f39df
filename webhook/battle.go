package webhook

// AfterCreateBattle reports that a battle between rooms was created (doc 68259).
type AfterCreateBattle struct {
	OperatorAccount string   `json:"Operator_Account"` // who created it
	BattleID        string   `json:"BattleId"`         // the battle, new
	FromRoomID      string   `json:"FromRoomId"`       // the calling room
	ToRoomIDList    []string `json:"ToRoomIdList"`     // the called rooms
	Timeout         int64    `json:"Timeout"`          // ms that the called rooms have to answer
	Duration        int64    `json:"Duration"`         // how long it will last, in ms
	NeedResponse    bool     `json:"NeedResponse"`     // false: it starts at once
	ExtensionInfo   string   `json:"ExtensionInfo"`    // the app's own
	EventTime       int64    `json:"EventTime"`        // when it happened, Unix time in ms
}

func (AfterCreateBattle) Command() Command { return CommandAfterCreateBattle }

// AfterStartBattle reports that a battle has begun (doc 68260).
type AfterStartBattle struct {
	BattleID     string       `json:"BattleId"`     // the battle
	Duration     int64        `json:"Duration"`     // how long it will last, in ms
	CreateTime   int64        `json:"CreateTime"`   // when it was created, Unix time in seconds
	StartTime    int64        `json:"StartTime"`    // when it began, Unix time in seconds
	FromRoomInfo BattleRoom   `json:"FromRoomInfo"` // the calling room
	ToRoomList   []BattleRoom `json:"ToRoomList"`   // those that take part
	EventTime    int64        `json:"EventTime"`    // when it happened, Unix time in ms
}

func (AfterStartBattle) Command() Command { return CommandAfterStartBattle }

// BattleRoom is a room in a battle that begins.
type BattleRoom struct {
	RoomID       string `json:"RoomId"`        // the room
	OwnerAccount string `json:"Owner_Account"` // its owner
}

// The values of [AfterEndBattle].OpType: why a battle is over.
const (
	BattleTimeUp     = 0 // it lasted as long as it was to
	BattleDeserted   = 1 // it had begun, and then every owner left
	BattleNotStarted = 2 // nobody joined it
)

// AfterEndBattle reports that a battle is over (doc 68261).
type AfterEndBattle struct {
	BattleID     string            `json:"BattleId"`     // the battle
	Duration     int64             `json:"Duration"`     // how long it was to last, in ms
	CreateTime   int64             `json:"CreateTime"`   // when it was created, Unix time in seconds
	StartTime    int64             `json:"StartTime"`    // when it began, Unix time in seconds; 0 when it never did
	EndTime      int64             `json:"EndTime"`      // when it ended, Unix time in seconds
	OpType       int               `json:"OpType"`       // BattleTimeUp, BattleDeserted, BattleNotStarted
	FromRoomInfo BattleRoomScore   `json:"FromRoomInfo"` // the calling room
	ToRoomList   []BattleRoomScore `json:"ToRoomList"`   // the other rooms that took part
	EventTime    int64             `json:"EventTime"`    // when it happened, Unix time in ms
}

func (AfterEndBattle) Command() Command { return CommandAfterEndBattle }

// BattleRoomScore is a room in a battle that is over.
type BattleRoomScore struct {
	RoomID       string `json:"RoomId"`        // the room
	Score        int64  `json:"Score"`         // its points at the end
	OwnerAccount string `json:"Owner_Account"` // its owner
}
