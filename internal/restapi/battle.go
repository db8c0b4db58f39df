package restapi

import (
	"context"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/greenroom-live/greenroom/internal/live"
)

// oneOrMore is a list of texts, for which older pages have a single one.
type oneOrMore []string

// UnmarshalJSONFrom reads a list of texts, or a text as a list of one.
func (l *oneOrMore) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() != '"' {
		return json.UnmarshalDecode(dec, (*[]string)(l))
	}
	*l = make(oneOrMore, 1)
	return json.UnmarshalDecode(dec, &(*l)[0])
}

// digit is a number, for which some pages have a text of one digit.
type digit int

// UnmarshalJSONFrom reads a number, or a text of one digit.
func (d *digit) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() != '"' {
		return json.UnmarshalDecode(dec, (*int)(d))
	}
	var text string
	if err := json.UnmarshalDecode(dec, &text); err != nil {
		return err
	}
	*d = -1 // no number that anything takes
	if len(text) == 1 && digits(text) {
		*d = digit(text[0] - '0')
	}
	return nil
}

type createBattleRequest struct {
	FromRoomID    string    `json:"FromRoomId" req:"true" doc:"The calling room."`
	ToRoomIDList  oneOrMore `json:"ToRoomIdList" req:"true" doc:"The called rooms, each once: 1 to 8 (limits.max_battle_rooms less the calling one). A single text is taken as a list of one."`
	Duration      int       `json:"Duration" req:"true" doc:"Length of the battle in ms: 1 to 300000 (limits.max_battle_duration)."`
	ExtensionInfo string    `json:"ExtensionInfo" doc:"The app's own text, at most 1,000 bytes. Empty by default."`
}

type createBattleResponse struct {
	BattleID live.BattleID  `json:"BattleId" doc:"Names the battle: 44 characters."`
	Result   []calledResult `json:"Result" doc:"What came of each call, in the order of ToRoomIdList."`
}

type calledResult struct {
	RoomID        string           `json:"RoomId" doc:"The called room."`
	ResultCode    live.CallOutcome `json:"ResultCode" doc:"0: it takes part; 1: there is no such room; 3: it is in another battle."`
	ResultMessage string           `json:"ResultMessage" doc:"The same in words; empty for 0."`
}

var callMessages = map[live.CallOutcome]string{
	live.CallNoRoom: "the room does not exist or was dissolved",
	live.CallBusy:   "the room is in another battle",
}

// createBattle is create_battle (doc 68254). It asks for no answer of the called rooms: the battle starts at once.
func createBattle(ctx context.Context, c *call, in *createBattleRequest) (*createBattleResponse, error) {
	from, err := parseRoomID("FromRoomId", in.FromRoomID)
	if err != nil {
		return nil, err
	}
	spec := live.BattleSpec{From: from, To: make([]live.RoomID, len(in.ToRoomIDList)), Millis: in.Duration, Extension: in.ExtensionInfo}
	for i, id := range in.ToRoomIDList {
		if spec.To[i], err = parseRoomID("ToRoomIdList", id); err != nil {
			return nil, err
		}
	}
	id, outcomes, err := c.live.CreateBattle(ctx, c.caller, spec)
	if err != nil {
		return nil, err
	}
	out := &createBattleResponse{id, make([]calledResult, len(outcomes))}
	for i, outcome := range outcomes {
		out.Result[i] = calledResult{in.ToRoomIDList[i], outcome, callMessages[outcome]}
	}
	return out, nil
}

// parseRoomID is live.ParseRoomID for a field of another name.
func parseRoomID(field, s string) (live.RoomID, error) {
	id, err := live.ParseRoomID(s)
	if err != nil {
		return "", live.Refuse(live.CodeBadParameter, "%s must name rooms by 1 to 48 bytes of printable ASCII", field)
	}
	return id, nil
}

type setBattleScoreRequest struct {
	BattleID  string      `json:"BattleId" req:"true" doc:"The battle, which must be running."`
	OpType    digit       `json:"OpType" req:"true" doc:"1 adds to the scores, 2 overwrites them. Also taken as a text."`
	ScoreList []roomScore `json:"ScoreList" req:"true" doc:"1 to 9 scores (limits.max_battle_rooms), of each room once."`
}

type roomScore struct {
	RoomID string `json:"RoomId" req:"true" doc:"The room. One that is not in the battle is passed over."`
	Score  *int   `json:"Score" req:"true" doc:"What is added, which may be negative, or the new score. The result must be 0 to 9007199254740991."`
}

type setBattleScoreResponse struct {
	Result []scoreResult `json:"Result" doc:"What came of each score, in the order of ScoreList."`
}

type scoreResult struct {
	RoomID     string `json:"RoomId" doc:"The room."`
	ResultCode int    `json:"ResultCode" doc:"0: its score was changed; 1: it is not in the battle."`
}

// setBattleScore is set_battle_score (doc 68255).
func setBattleScore(ctx context.Context, c *call, in *setBattleScoreRequest) (*setBattleScoreResponse, error) {
	id, err := live.ParseBattleID(in.BattleID)
	if err != nil {
		return nil, err
	}
	scores := make([]live.RoomScore, len(in.ScoreList))
	for i, score := range in.ScoreList {
		if scores[i].Room, err = parseRoomID("ScoreList.RoomId", score.RoomID); err != nil {
			return nil, err
		}
		if score.Score == nil {
			return nil, live.Refuse(live.CodeBadParameter, "ScoreList[%d].Score is missing", i)
		}
		scores[i].Score = int64(*score.Score)
	}
	set, err := c.live.SetBattleScore(ctx, c.caller, id, live.ScoreOp(in.OpType), scores)
	if err != nil {
		return nil, err
	}
	out := &setBattleScoreResponse{make([]scoreResult, len(set))}
	for i, done := range set {
		out.Result[i].RoomID = in.ScoreList[i].RoomID
		if !done {
			out.Result[i].ResultCode = 1
		}
	}
	return out, nil
}

type getBattleInfoRequest struct {
	BattleID string `json:"BattleId" req:"true" doc:"The battle, running or ended within the last 24 hours. May be missing when RoomId is given."`
	RoomID   string `json:"RoomId" doc:"When there is no battle of that id, the battle now running in this room is told."`
}

type battleInfo struct {
	BattleID     live.BattleID     `json:"BattleId" doc:"Names the battle."`
	Duration     int64             `json:"Duration" doc:"The length that was asked for, in ms."`
	StartTime    int64             `json:"StartTime" doc:"When it started, Unix seconds."`
	EndTime      int64             `json:"EndTime" doc:"When it ended, or will when its time is up, Unix seconds."`
	Status       live.BattleStatus `json:"Status" doc:"2: running; 3: finished. (1, waiting for answers, and 4, never started, do not occur.)"`
	FromRoomInfo battleRoom        `json:"FromRoomInfo" doc:"The calling room."`
	ToRoomList   []battleRoom      `json:"ToRoomList" doc:"The called rooms that took part."`
}

type battleRoom struct {
	RoomID       live.RoomID `json:"RoomId" doc:"The room."`
	Score        int64       `json:"Score" doc:"Its score."`
	OwnerAccount live.UserID `json:"Owner_Account" doc:"Its owner; once it is out of the battle or the battle is over, the last one before that."`
}

// getBattleInfo is get_battle_info (doc 68256).
func getBattleInfo(ctx context.Context, c *call, in *getBattleInfoRequest) (*battleInfo, error) {
	var id live.BattleID
	var room live.RoomID
	var err error
	if in.RoomID != "" {
		if room, err = live.ParseRoomID(in.RoomID); err != nil {
			return nil, err
		}
	}
	if in.BattleID != "" || in.RoomID == "" {
		if id, err = live.ParseBattleID(in.BattleID); err != nil {
			return nil, err
		}
	}
	b, err := c.live.Battle(ctx, c.caller, id, room)
	if err != nil {
		return nil, err
	}
	rooms := make([]battleRoom, len(b.Rooms))
	for i, r := range b.Rooms {
		rooms[i] = battleRoom{r.Room, r.Score, r.Owner}
	}
	return &battleInfo{
		BattleID: b.ID, Duration: b.Duration.Milliseconds(), StartTime: b.StartedAt.Unix(), EndTime: b.EndsAt.Unix(),
		Status: b.Status, FromRoomInfo: rooms[0], ToRoomList: rooms[1:],
	}, nil
}
