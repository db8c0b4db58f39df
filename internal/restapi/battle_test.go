package restapi_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

const (
	createBattle   = "live_engine_http_pk/create_battle"
	setBattleScore = "live_engine_http_pk/set_battle_score"
	getBattleInfo  = "live_engine_http_pk/get_battle_info"
)

func init() {
	good[createBattle] = `{"FromRoomId":"live_9001","ToRoomIdList":["live_9004"],"Duration":180000,"ExtensionInfo":"{\"round\":\"final\"}"}`
	good[setBattleScore] = `{"BattleId":"` + theBattle + `","OpType":1,"ScoreList":[{"RoomId":"live_9002","Score":30},{"RoomId":"live_9003","Score":12}]}`
	good[getBattleInfo] = `{"BattleId":"` + theBattle + `","RoomId":"live_9002"}`
	preparing[createBattle] = []step{roomOf("live_9004", "host_4")}
	preparing[setBattleScore] = []step{roomOf("live_9002", "host_8"), roomOf("live_9003", "host_9"), battle("live_9002", `["live_9003"]`)}
	preparing[getBattleInfo] = append(slices.Clone(preparing[setBattleScore]), step{call: setBattleScore, body: good[setBattleScore]})
	taken[createBattle+" ToRoomIdList"] = []string{`"7"`, `"true"`}
	hugeList[createBattle] = []int{100404}
}

// nextBattle gives a door's battles ids that tests know beforehand.
func (d *door) nextBattle() live.BattleID {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.battles++
	return battleID(d.battles)
}

func battleID(n int) live.BattleID {
	return live.BattleID(fmt.Sprintf("mN4vQ7xT2hB9kR5wZ8cJ1fL6sD3gP0yA+uE/iO%05d=", n))
}

// theBattle is the first battle of a door.
const theBattle = "mN4vQ7xT2hB9kR5wZ8cJ1fL6sD3gP0yA+uE/iO00001="

func roomOf(room, owner string) step {
	return step{call: createRoom, body: `{"RoomInfo":{"RoomId":"` + room + `","RoomType":"Live","Owner_Account":"` + owner + `"}}`}
}

// battle is the call that starts a battle of 90 s.
func battle(from, to string) step { return step{call: createBattle, body: calling(from, to, 90_000)} }

func calling(from, to string, millis int) string {
	return fmt.Sprintf(`{"FromRoomId":%q,"ToRoomIdList":%s,"Duration":%d}`, from, to, millis)
}

// arena are four rooms with an owner each.
func arena() []step {
	return []step{aRoom, roomOf("live_9002", "host_8"), roomOf("live_9003", "host_9"), roomOf("live_9004", "host_4")}
}

// fought is the arena with a running battle of its first three rooms.
func fought(more ...step) []step {
	return append(append(arena(), battle("live_9001", `["live_9002","live_9003"]`)), more...)
}

func manyRooms(n int) (steps []step) {
	for i := range n {
		steps = append(steps, roomOf(fmt.Sprint("many_", i), fmt.Sprint("host_", i)))
	}
	return steps
}

func manyNames(n int) string { return list(n, func(i int) string { return fmt.Sprint("many_", i) }) }

func battleCreated(to string, millis int, extension string) string {
	return fmt.Sprintf(`{"CallbackCommand":"Live.CallbackAfterCreateBattle","Operator_Account":"administrator","BattleId":%q,
		"FromRoomId":"live_9001","ToRoomIdList":%s,"Timeout":0,"Duration":%d,"NeedResponse":false,"ExtensionInfo":%q,
		"EventTime":1765001300444}`, theBattle, to, millis, extension)
}

func battleStarted(to string, millis int) string {
	return fmt.Sprintf(`{"CallbackCommand":"Live.CallbackAfterStartBattle","BattleId":%q,"Duration":%d,"CreateTime":1765001300,
		"StartTime":1765001300,"FromRoomInfo":{"RoomId":"live_9001","Owner_Account":"host_7"},"ToRoomList":%s,
		"EventTime":1765001300444}`, theBattle, millis, to)
}

// battleEnded is the webhook of the end; end in seconds and event in ms after the start, from and to as "room score owner".
func battleEnded(why int, end, event int, rooms ...string) string {
	written := make([]string, len(rooms))
	for i, r := range rooms {
		part := strings.Fields(r)
		written[i] = fmt.Sprintf(`{"RoomId":%q,"Score":%s,"Owner_Account":%q}`, part[0], part[1], part[2])
	}
	return fmt.Sprintf(`{"CallbackCommand":"Live.CallbackAfterEndBattle","BattleId":%q,"Duration":90000,"CreateTime":1765001300,
		"StartTime":1765001300,"EndTime":%d,"OpType":%d,"FromRoomInfo":%s,"ToRoomList":[%s],"EventTime":%d}`,
		theBattle, 1765001300+end, why, written[0], strings.Join(written[1:], ","), 1765001300444+event)
}

// battleStands is how the fought battle stands, as a step of its own.
func battleStands(status, end int, scores ...int) step {
	return step{call: getBattleInfo, body: `{"BattleId":"` + theBattle + `"}`, reply: standing(status, end, scores...)}
}

func standing(status, end int, s ...int) string {
	return fmt.Sprintf(`{"BattleId":%q,"Duration":90000,"StartTime":1765001300,"EndTime":%d,"Status":%d,
		"FromRoomInfo":{"RoomId":"live_9001","Score":%d,"Owner_Account":"host_7"},"ToRoomList":[
		{"RoomId":"live_9002","Score":%d,"Owner_Account":"host_8"},{"RoomId":"live_9003","Score":%d,"Owner_Account":"host_9"}]}`,
		theBattle, 1765001300+end, status, s[0], s[1], s[2])
}

func TestCreateBattle(t *testing.T) {
	accepted := `{"BattleId":"` + theBattle + `","Result":[{"RoomId":"live_9002","ResultCode":0,"ResultMessage":""}]}`
	host8 := `[{"RoomId":"live_9002","Owner_Account":"host_8"}]`
	two := calling("live_9001", `["live_9002"]`, 90_000)
	long := strings.Repeat("é", 500)
	play(t, createBattle, []scenario{
		{
			name: "two rooms", given: arena(), body: two, reply: accepted,
			fires: []string{battleCreated(`["live_9002"]`, 90_000, ""), battleStarted(host8, 90_000)},
		},
		{
			name: "one called room as a text", given: arena(), body: calling("live_9001", `"live_9002"`, 90_000), reply: accepted,
			fires: []string{battleCreated(`["live_9002"]`, 90_000, ""), battleStarted(host8, 90_000)},
		},
		{
			name: "three rooms, and the app's own text", given: arena(),
			body: `{"FromRoomId":"live_9001","ToRoomIdList":["live_9003","live_9002"],"Duration":300000,"ExtensionInfo":"` + long + `"}`,
			reply: `{"BattleId":"` + theBattle + `","Result":[{"RoomId":"live_9003","ResultCode":0,"ResultMessage":""},
				{"RoomId":"live_9002","ResultCode":0,"ResultMessage":""}]}`,
			fires: []string{battleCreated(`["live_9003","live_9002"]`, 300_000, long),
				battleStarted(`[{"RoomId":"live_9003","Owner_Account":"host_9"},{"RoomId":"live_9002","Owner_Account":"host_8"}]`, 300_000)},
		},
		{
			name: "who cannot come is told, who can comes", given: append(arena(), battle("live_9003", `["live_9004"]`)),
			body: calling("live_9001", `["nowhere","live_9002","live_9003","live_9004"]`, 1),
			reply: `{"BattleId":"` + string(battleID(2)) + `","Result":[
				{"RoomId":"nowhere","ResultCode":1,"ResultMessage":"the room does not exist or was dissolved"},
				{"RoomId":"live_9002","ResultCode":0,"ResultMessage":""},
				{"RoomId":"live_9003","ResultCode":3,"ResultMessage":"the room is in another battle"},
				{"RoomId":"live_9004","ResultCode":3,"ResultMessage":"the room is in another battle"}]}`,
			fires: []string{
				strings.Replace(battleCreated(`["nowhere","live_9002","live_9003","live_9004"]`, 1, ""), theBattle, string(battleID(2)), 1),
				strings.Replace(battleStarted(host8, 1), theBattle, string(battleID(2)), 1),
			},
			then: []step{{call: getBattleInfo, body: `{"RoomId":"live_9001"}`, reply: `{"BattleId":"` + string(battleID(2)) + `",
				"Duration":1,"StartTime":1765001300,"EndTime":1765001300,"Status":2,
				"FromRoomInfo":{"RoomId":"live_9001","Score":0,"Owner_Account":"host_7"},
				"ToRoomList":[{"RoomId":"live_9002","Score":0,"Owner_Account":"host_8"}]}`}},
		},
		{name: "nobody can come", given: fought(roomOf("live_9005", "host_7")), body: calling("live_9005", `["nowhere","live_9003"]`, 1000), code: 100412},
		{name: "a calling room that never was", given: arena(), body: calling("nowhere", `["live_9002"]`, 1000), code: 100004, info: []string{"nowhere"}},
		{name: "a calling room in another battle", given: fought(), body: calling("live_9003", `["live_9004"]`, 1000), code: 100415, info: []string{"live_9003"}},
		{name: "ten rooms", given: append(arena(), manyRooms(9)...), body: calling("live_9001", manyNames(9), 1000), code: 100404, info: []string{"9"}},
		{name: "ten rooms by the operator's limit", with: []func(*setup){battleLimits(10, time.Minute)},
			given: append(append(arena(), manyRooms(9)...), step{call: createBattle, body: calling("live_9001", manyNames(9), 60_000)}),
			body:  calling("live_9002", manyNames(10), 1000), code: 100404, info: []string{"10"}},
		{name: "longer than the operator's limit", with: []func(*setup){battleLimits(10, time.Minute)}, given: arena(),
			body: calling("live_9001", `["live_9002"]`, 60_001), code: 100002, info: []string{"Duration", "60000"}},
		{name: "the same room twice", given: arena(), body: calling("live_9001", `["live_9002","live_9002"]`, 1000), code: 100002, info: []string{"ToRoomIdList[1]"}},
		{name: "against itself", given: arena(), body: calling("live_9001", `["live_9001"]`, 1000), code: 100002, info: []string{"ToRoomIdList[0]"}},
		{name: "against nobody", given: arena(), body: calling("live_9001", `[]`, 1000), code: 100002, info: []string{"ToRoomIdList"}},
		{name: "no called rooms", given: arena(), body: `{"FromRoomId":"live_9001","Duration":1000}`, code: 100002, info: []string{"ToRoomIdList"}},
		{name: "an empty called room", given: arena(), body: calling("live_9001", `["live_9002",""]`, 1000), code: 100002, info: []string{"ToRoomIdList"}},
		{name: "an empty text for called rooms", given: arena(), body: calling("live_9001", `""`, 1000), code: 100002, info: []string{"ToRoomIdList"}},
		{name: "a called room of 49 bytes", given: arena(), body: calling("live_9001", `["`+strings.Repeat("r", 49)+`"]`, 1000), code: 100002, info: []string{"ToRoomIdList", "48"}},
		{name: "a number among the called rooms", given: arena(), body: calling("live_9001", `["live_9002",7]`, 1000), code: 100002, info: []string{"ToRoomIdList[1]"}},
		{name: "no calling room", given: arena(), body: `{"ToRoomIdList":["live_9002"],"Duration":1000}`, code: 100002, info: []string{"FromRoomId"}},
		{name: "a calling room of 49 bytes", given: arena(), body: calling(strings.Repeat("r", 49), `["live_9002"]`, 1000), code: 100002, info: []string{"FromRoomId"}},
		{name: "5 minutes and a ms", given: arena(), body: calling("live_9001", `["live_9002"]`, 300_001), code: 100002, info: []string{"Duration", "300000"}},
		{name: "no time at all", given: arena(), body: calling("live_9001", `["live_9002"]`, 0), code: 100002, info: []string{"Duration"}},
		{name: "less than no time", given: arena(), body: calling("live_9001", `["live_9002"]`, -1), code: 100002, info: []string{"Duration"}},
		{name: "the longest time there is", given: arena(), body: calling("live_9001", `["live_9002"]`, 1<<63-1), code: 100002, info: []string{"Duration"}},
		{name: "no length", given: arena(), body: `{"FromRoomId":"live_9001","ToRoomIdList":["live_9002"]}`, code: 100002, info: []string{"Duration"}},
		{
			name: "too much text", given: arena(), code: 100002, info: []string{"ExtensionInfo", "1001"},
			body: `{"FromRoomId":"live_9001","ToRoomIdList":["live_9002"],"Duration":1000,"ExtensionInfo":"` + long + `!"}`,
		},
	})
}

func battleLimits(rooms int, longest time.Duration) func(*setup) {
	return func(s *setup) { s.limits.MaxBattleRooms, s.limits.MaxBattleDuration = rooms, longest }
}

func TestNineRoomsFightAtOnce(t *testing.T) {
	d := everybodys.open(t)
	d.take(append(manyRooms(9), step{call: createBattle, body: strings.Replace(calling("many_0", manyNames(9), 1000), `["many_0",`, `[`, 1)}))
	scores := make([]string, 9)
	for i := range scores {
		scores[i] = fmt.Sprintf(`{"RoomId":"many_%d","Score":%d}`, i, i)
	}
	d.take([]step{{call: setBattleScore, body: scoring(theBattle, "1", strings.Join(scores, ","))}})
	b, err := d.live.Battle(ctx, live.System(d.app), theBattle, "")
	require.NoError(t, err)
	require.Len(t, b.Rooms, 9)
	for i, r := range b.Rooms {
		require.Equal(t, live.BattleRoom{Room: live.RoomID(fmt.Sprint("many_", i)), Owner: live.UserID(fmt.Sprint("host_", i)), Score: int64(i)}, r)
	}
}

func scoring(battle, op, scores string) string {
	return `{"BattleId":"` + battle + `","OpType":` + op + `,"ScoreList":[` + scores + `]}`
}

func TestSetBattleScore(t *testing.T) {
	const a, b, c = `{"RoomId":"live_9001","Score":30}`, `{"RoomId":"live_9002","Score":12}`, `{"RoomId":"live_9004","Score":5}`
	const most = `{"RoomId":"live_9001","Score":9007199254740991}`
	of := func(op, scores string) string { return scoring(theBattle, op, scores) }
	scored := func(op, scores string) step { return step{call: setBattleScore, body: of(op, scores)} }
	result := func(room string, code int) string { return fmt.Sprintf(`{"RoomId":%q,"ResultCode":%d}`, room, code) }
	both := `{"Result":[` + result("live_9001", 0) + `,` + result("live_9002", 0) + `]}`
	first := `{"Result":[` + result("live_9001", 0) + `]}`
	play(t, setBattleScore, []scenario{
		{name: "added to nothing", given: fought(), body: of("1", a+","+b), reply: both, then: []step{battleStands(2, 90, 30, 12, 0)}},
		{name: "added to something", given: fought(scored("1", a+","+b)), body: of("1", b+","+a),
			reply: `{"Result":[` + result("live_9002", 0) + `,` + result("live_9001", 0) + `]}`, then: []step{battleStands(2, 90, 60, 24, 0)}},
		{name: "overwritten", given: fought(scored("1", a+","+b)), body: of("2", `{"RoomId":"live_9001","Score":7}`), reply: first,
			then: []step{battleStands(2, 90, 7, 12, 0)}},
		{name: "the operation as a text", given: fought(scored("1", a)), body: of(`"1"`, a), reply: first, then: []step{battleStands(2, 90, 60, 0, 0)}},
		{name: "the other as a text", given: fought(scored("1", a)), body: of(`"2"`, a), reply: first, then: []step{battleStands(2, 90, 30, 0, 0)}},
		{name: "taken away down to nothing", given: fought(scored("1", a)), body: of("1", `{"RoomId":"live_9001","Score":-30}`), reply: first,
			then: []step{battleStands(2, 90, 0, 0, 0)}},
		{name: "more taken away than there is", given: fought(scored("1", a)), body: of("1", b+`,{"RoomId":"live_9001","Score":-31}`),
			code: 100002, info: []string{"live_9001"}, then: []step{battleStands(2, 90, 30, 0, 0)}},
		{name: "the highest score", given: fought(), body: of("1", most), reply: first, then: []step{battleStands(2, 90, 9007199254740991, 0, 0)}},
		{name: "higher", given: fought(scored("2", most)), body: of("1", `{"RoomId":"live_9001","Score":1}`), code: 100002, info: []string{"live_9001"}},
		{name: "a step beyond what there can be", given: fought(scored("2", most)), body: of("1", `{"RoomId":"live_9001","Score":-9007199254740992}`),
			code: 100002, info: []string{"ScoreList[0].Score"}},
		{name: "the highest step twice", given: fought(scored("2", most)), body: of("1", most), code: 100002, info: []string{"live_9001"}},
		{name: "overwritten by less than nothing", given: fought(), body: of("2", `{"RoomId":"live_9001","Score":-1}`), code: 100002, info: []string{"live_9001"}},
		{name: "a room that is not in the battle is passed over", given: fought(), body: of("1", c+","+a),
			reply: `{"Result":[` + result("live_9004", 1) + `,` + result("live_9001", 0) + `]}`, then: []step{battleStands(2, 90, 30, 0, 0)}},
		{name: "a room that never was", given: fought(), body: of("1", `{"RoomId":"nowhere","Score":1}`),
			reply: `{"Result":[` + result("nowhere", 1) + `]}`, then: []step{battleStands(2, 90, 0, 0, 0)}},
		{name: "a room that was dissolved", given: fought(scored("1", b), step{call: destroyRoom, body: `{"RoomId":"live_9002"}`}), body: of("1", b),
			reply: `{"Result":[` + result("live_9002", 1) + `]}`, then: []step{battleStands(2, 90, 0, 12, 0)}},
		{name: "the same room twice", given: fought(), body: of("1", a+","+a), code: 100002, info: []string{"live_9001", "twice"}},
		{name: "ten scores", given: fought(), body: of("1", a+strings.Repeat(","+b, 9)), code: 100002, info: []string{"ScoreList", "9"}},
		{name: "no scores", given: fought(), body: of("1", ""), code: 100002, info: []string{"ScoreList"}},
		{name: "no list", given: fought(), body: `{"BattleId":"` + theBattle + `","OpType":1}`, code: 100002, info: []string{"ScoreList"}},
		{name: "a score without a number", given: fought(), body: of("1", `{"RoomId":"live_9001"}`), code: 100002, info: []string{"ScoreList[0].Score"}},
		{name: "a score without a room", given: fought(), body: of("1", `{"Score":1}`), code: 100002, info: []string{"RoomId"}},
		{name: "another operation", given: fought(), body: of("3", a), code: 100002, info: []string{"OpType", "1 ", "2 "}},
		{name: "another operation as a text", given: fought(), body: of(`"12"`, a), code: 100002, info: []string{"OpType"}},
		{name: "no operation", given: fought(), body: `{"BattleId":"` + theBattle + `","ScoreList":[` + a + `]}`, code: 100002, info: []string{"OpType"}},
		{name: "a battle that never was", given: fought(), body: scoring("another", "1", a), code: 100411},
		{name: "no battle", given: fought(), body: `{"OpType":1,"ScoreList":[` + a + `]}`, code: 100002, info: []string{"BattleId"}},
		{name: "an id of 65 bytes", given: fought(), body: scoring(strings.Repeat("b", 65), "1", a), code: 100002, info: []string{"BattleId", "64"}},
		{name: "a battle that is over", body: of("1", a), code: 100421, given: fought(
			step{call: destroyRoom, body: `{"RoomId":"live_9002"}`}, step{call: destroyRoom, body: `{"RoomId":"live_9003"}`})},
	})
}

func TestGetBattleInfo(t *testing.T) {
	running := standing(2, 90, 0, 0, 0)
	play(t, getBattleInfo, []scenario{
		{name: "a running battle", given: fought(), body: `{"BattleId":"` + theBattle + `"}`, reply: running},
		{name: "by its calling room", given: fought(), body: `{"RoomId":"live_9001"}`, reply: running},
		{name: "by a called room, with an empty id", given: fought(), body: `{"BattleId":"","RoomId":"live_9003"}`, reply: running},
		{name: "by a room, with an unknown id", given: fought(), body: `{"BattleId":"another","RoomId":"live_9002"}`, reply: running},
		{name: "the id counts where there is such a battle", given: fought(), body: `{"BattleId":"` + theBattle + `","RoomId":"live_9004"}`, reply: running},
		{name: "a room without a battle", given: fought(), body: `{"RoomId":"live_9004"}`, code: 100411},
		{name: "a room that never was", given: fought(), body: `{"RoomId":"nowhere"}`, code: 100411},
		{name: "a room whose battle is over", body: `{"RoomId":"live_9001"}`, code: 100411, given: fought(
			step{call: destroyRoom, body: `{"RoomId":"live_9002"}`}, step{call: destroyRoom, body: `{"RoomId":"live_9003"}`})},
		{name: "a battle that never was", given: fought(), body: `{"BattleId":"another"}`, code: 100411},
		{name: "neither battle nor room", given: fought(), body: `{}`, code: 100002, info: []string{"BattleId"}},
		{name: "an id of 65 bytes", given: fought(), body: `{"BattleId":"` + strings.Repeat("b", 65) + `","RoomId":"live_9001"}`, code: 100002, info: []string{"BattleId"}},
		{name: "a room's id of 49 bytes", given: fought(), body: `{"BattleId":"` + theBattle + `","RoomId":"` + strings.Repeat("r", 49) + `"}`, code: 100002, info: []string{"RoomId"}},
	})
}

func TestABattleIsNoOtherApps(t *testing.T) {
	mine, other := everybodys.open(t), everybodys.open(t)
	mine.take(fought())
	other.take(append(arena(), step{call: getBattleInfo, body: `{"BattleId":"` + theBattle + `","RoomId":"live_9001"}`, code: 100411},
		step{call: setBattleScore, body: scoring(theBattle, "1", `{"RoomId":"live_9001","Score":1}`), code: 100411},
		battle("live_9001", `["live_9002"]`)))
}

// wait moves the door's clock to that long after began and lets what is due happen. It returns the webhooks of that.
func (d *door) wait(after time.Duration) (bodies []string) {
	d.t.Helper()
	before := len(d.fired())
	d.ahead.Store(int64(after))
	_, err := d.live.FireTimers(ctx)
	require.NoError(d.t, err)
	for _, e := range d.fired()[before:] {
		require.Equal(d.t, "0.0.0.0", e.ClientIP)
		require.Equal(d.t, "Unknown", e.Platform)
		require.Contains(d.t, string(e.Body), `"FromRoomInfo":{"RoomId":"`+string(e.Lane.Room)+`"`, "the calling room's lane")
		bodies = append(bodies, string(e.Body))
	}
	return bodies
}

func TestABattleEndsWhenItsTimeIsUp(t *testing.T) {
	d := newWorld(t).open(t)
	d.take(fought(step{call: setBattleScore, body: scoring(theBattle, "1", `{"RoomId":"live_9001","Score":340},{"RoomId":"live_9003","Score":295}`)}))
	require.Empty(t, d.wait(89_999*time.Millisecond))
	d.take([]step{battleStands(2, 90, 340, 0, 295)})
	end := compact(t, battleEnded(0, 90, 90_000, "live_9001 340 host_7", "live_9002 0 host_8", "live_9003 295 host_9"))
	require.Equal(t, []string{end}, d.wait(90*time.Second))
	require.Empty(t, d.wait(time.Hour), "it ends once")
	d.take([]step{
		battleStands(3, 90, 340, 0, 295),
		{call: setBattleScore, body: scoring(theBattle, "1", `{"RoomId":"live_9001","Score":1}`), code: 100421},
		battle("live_9002", `["live_9001"]`),
	})
	require.Empty(t, d.wait(90*time.Second + 24*time.Hour - time.Millisecond)[1:], "the second battle ends meanwhile")
	d.take([]step{battleStands(3, 90, 340, 0, 295)})
	d.wait(90*time.Second + 24*time.Hour)
	d.take([]step{{call: getBattleInfo, body: `{"BattleId":"` + theBattle + `"}`, code: 100411}})
}

func TestDestroyRoomInABattle(t *testing.T) {
	destroyed := func(room, owner string) string {
		return fmt.Sprintf(`{"CallbackCommand":"Live.CallbackAfterDestroyRoom","Operator_Account":"administrator","RoomId":%[1]q,
			"EventType":"DestroyByUser","EventTime":1765001300444,"RoomInfo":{"RoomId":%[1]q,"RoomName":%[1]q,"RoomType":"Live",
			"Owner_Account":%[2]q,"IsSeatEnabled":false,"TakeSeatMode":"None","MaxMemberCount":100000,"MaxSeatCount":0,
			"CustomInfo":"","IsMessageDisabled":false,"CoverURL":"","ActivityStatus":0,"IsPublicVisible":true,"ViewCount":0,
			"BackgroundURL":"","IsUnlimitedRoomEnabled":false},"Statistic":{"TotalViewers":0,"TotalGiftsSent":0,
			"TotalGiftCoins":0,"TotalUniqueGiftSenders":0,"TotalLikesReceived":0}}`, room, owner)
	}
	nothing := `{"Statistic":{"TotalViewers":0,"TotalGiftsSent":0,"TotalGiftCoins":0,"TotalUniqueGiftSenders":0,"TotalLikesReceived":0}}`
	score := step{call: setBattleScore, body: scoring(theBattle, "1", `{"RoomId":"live_9001","Score":30},{"RoomId":"live_9002","Score":12}`)}
	play(t, destroyRoom, []scenario{
		{
			name: "three fight, and two are left", given: fought(score), body: askRoom, reply: nothing,
			fires: []string{destroyed("live_9001", "host_7")}, then: []step{battleStands(2, 90, 30, 12, 0)},
		},
		{
			name: "two fight: the battle ends first, in the lane of the calling room that is gone", reply: nothing,
			given: fought(score, step{call: destroyRoom, body: askRoom}), body: `{"RoomId":"live_9002"}`,
			fires: []string{battleEnded(1, 0, 0, "live_9001 30 host_7", "live_9002 12 host_8", "live_9003 0 host_9"), destroyed("live_9002", "host_8")},
			then:  []step{battleStands(3, 0, 30, 12, 0)},
		},
	})
}
