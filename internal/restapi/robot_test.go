package restapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	addRobot = "live_engine_http_srv/add_robot"
	delRobot = "live_engine_http_srv/del_robot"
	getRobot = "live_engine_http_srv/get_robot"
)

func init() {
	good[addRobot] = robots(`["live_obs_host_7"]`)
	good[delRobot] = `{"RoomId":"live_9002","RobotList_Account":["live_obs_host_8"]}`
	good[getRobot] = `{"RoomId":"live_9002"}`
	preparing[delRobot] = []step{roomOf("live_9002", "host_8"), {call: addRobot, body: good[delRobot]}}
	preparing[getRobot] = preparing[delRobot]
}

// robots is the body that names accounts, a JSON array, for live_9001.
func robots(accounts string) string {
	return `{"RoomId":"live_9001","RobotList_Account":` + accounts + `}`
}

// robotsThere is the room's whole list, as a step of its own.
func robotsThere(accounts string) step {
	return step{call: getRobot, body: askRoom, reply: `{"RobotList_Account":` + accounts + `}`}
}

func aRoomWithRobots(accounts string) []step {
	return []step{aRoom, {call: addRobot, body: robots(accounts)}}
}

func robotsNumbered(n int) string {
	return list(n, func(i int) string { return fmt.Sprintf("bot_%03d", i) })
}

// robotsRefused are the refusals that adding and deleting share.
func robotsRefused() []scenario {
	return []scenario{
		{name: "a room that never was", body: robots(`["ann"]`), code: 100004, info: []string{"live_9001"}},
		{name: "a room that was dissolved", given: []step{aRoom, {call: destroyRoom, body: askRoom}}, body: robots(`["ann"]`), code: 100004},
		{name: "no room", given: []step{aRoom}, body: `{"RobotList_Account":["ann"]}`, code: 100002, info: []string{"RoomId"}},
		{name: "nobody", given: []step{aRoom}, body: robots(`[]`), code: 100002, info: []string{"RobotList_Account"}},
		{name: "no list", given: []step{aRoom}, body: askRoom, code: 100002, info: []string{"RobotList_Account"}},
		{name: "21 at once", given: []step{aRoom}, body: robots(robotsNumbered(21)), code: 100002, info: []string{"RobotList_Account", "20"}, then: []step{robotsThere(`[]`)}},
		{name: "an empty account", given: []step{aRoom}, body: robots(`["ann",""]`), code: 100002, info: []string{"RobotList_Account"}, then: []step{robotsThere(`[]`)}},
		{name: "an account of 33 bytes", given: []step{aRoom}, body: robots(`["` + strings.Repeat("a", 33) + `"]`), code: 100002, info: []string{"RobotList_Account", "32"}},
		{name: "an account that is no string", given: []step{aRoom}, body: robots(`["ann",7]`), code: 60015, info: []string{"RobotList_Account[1]"}},
		{name: "one account instead of a list", given: []step{aRoom}, body: robots(`"ann"`), code: 60015, info: []string{"RobotList_Account", "list of strings"}},
	}
}

func TestAddRobot(t *testing.T) {
	long := strings.Repeat("a", 32)
	imports := []func(*setup){func(s *setup) { s.app.RequireImportedAccounts = true }}
	imported := []step{{call: accountImport, body: `{"UserID":"host_7"}`}, {call: accountImport, body: `{"UserID":"ann"}`}, aRoom}
	play(t, addRobot, append(robotsRefused(), []scenario{
		{name: "two, and nobody is told", given: []step{aRoom}, body: robots(`["bob","ann"]`), then: []step{robotsThere(`["ann","bob"]`)}},
		{name: "20 at once", given: []step{aRoom}, body: robots(robotsNumbered(20)), then: []step{robotsThere(robotsNumbered(20))}},
		{name: "an account of 32 bytes", given: []step{aRoom}, body: robots(`["` + long + `"]`), then: []step{robotsThere(`["` + long + `"]`)}},
		{name: "one who is there", given: aRoomWithRobots(`["ann"]`), body: robots(`["ann"]`), then: []step{robotsThere(`["ann"]`)}},
		{name: "one who is there and one more", given: aRoomWithRobots(`["ann"]`), body: robots(`["bob","ann"]`), then: []step{robotsThere(`["ann","bob"]`)}},
		{name: "one account named twice", given: []step{aRoom}, body: robots(`["ann","ann"]`), then: []step{robotsThere(`["ann"]`)}},
		{name: "the owner", given: []step{aRoom}, body: robots(`["host_7"]`), then: []step{robotsThere(`["host_7"]`)}},
		{
			name: "an account that was never imported is registered", given: []step{aRoom}, body: robots(`["ann"]`),
			then: []step{{call: accountCheck, body: `{"CheckItem":[{"UserID":"ann"}]}`, reply: `{"ResultItem":[
				{"UserID":"ann","ResultCode":0,"ResultInfo":"","AccountStatus":"Imported"}]}`}},
		},
		{name: "an imported account, where that is demanded", with: imports, given: imported, body: robots(`["ann"]`), then: []step{robotsThere(`["ann"]`)}},
		{
			name: "two of whom one was never imported: neither of them", with: imports, given: imported, body: robots(`["ann","bob"]`),
			code: 100002, info: []string{"bob", "imported"}, then: []step{robotsThere(`[]`)},
		},
		{
			name: "the last that the server allows", with: []func(*setup){atMostRobots(2)}, given: aRoomWithRobots(`["ann"]`),
			body: robots(`["bob","ann"]`), then: []step{robotsThere(`["ann","bob"]`)},
		},
		{
			name: "two where there is room for one: neither of them", with: []func(*setup){atMostRobots(2)}, given: aRoomWithRobots(`["ann"]`),
			body: robots(`["bob","cho"]`), code: 100013, info: []string{"3", "2"}, then: []step{robotsThere(`["ann"]`)},
		},
	}...))
}

func atMostRobots(n int) func(*setup) { return func(s *setup) { s.limits.MaxRobots = n } }

func TestAddRobotUpToAHundred(t *testing.T) {
	d := everybodys.open(t)
	d.take([]step{aRoom})
	for i := range 5 {
		five := list(20, func(n int) string { return fmt.Sprintf("bot_%03d", 20*i+n) })
		d.take([]step{{call: addRobot, body: robots(five)}})
	}
	d.take([]step{robotsThere(robotsNumbered(100)), {call: addRobot, body: robots(`["more"]`), code: 100013}, robotsThere(robotsNumbered(100))})
	require.Len(t, d.fired(), 1, "of the room's creation only")
}

func TestDelRobot(t *testing.T) {
	play(t, delRobot, append(robotsRefused(), []scenario{
		{name: "one of two", given: aRoomWithRobots(`["ann","bob"]`), body: robots(`["ann"]`), then: []step{robotsThere(`["bob"]`)}},
		{name: "all of them", given: aRoomWithRobots(robotsNumbered(20)), body: robots(robotsNumbered(20)), then: []step{robotsThere(`[]`)}},
		{name: "one account named twice", given: aRoomWithRobots(`["ann","bob"]`), body: robots(`["ann","ann"]`), then: []step{robotsThere(`["bob"]`)}},
		{name: "one who is none", given: aRoomWithRobots(`["ann"]`), body: robots(`["stranger"]`), then: []step{
			robotsThere(`["ann"]`),
			{call: accountCheck, body: `{"CheckItem":[{"UserID":"stranger"}]}`, reply: `{"ResultItem":[
				{"UserID":"stranger","ResultCode":0,"ResultInfo":"","AccountStatus":"NotImported"}]}`},
		}},
		{name: "from a room without any", given: []step{aRoom}, body: robots(`["ann"]`), then: []step{robotsThere(`[]`)}},
		{
			name: "two on seats: one change of the seats", given: salonWith("ann/A", "bob", "cho"),
			body: `{"RoomId":"salon_1","RobotList_Account":["bob","ann"]}`, fires: seated("/A", "", "cho"), then: sits("/A", "", "cho"),
		},
		{name: "on no seat: no change of the seats", given: salonWith("ann"), body: `{"RoomId":"salon_1","RobotList_Account":["bob"]}`, then: sits("ann")},
	}...))
}

func TestGetRobot(t *testing.T) {
	play(t, getRobot, []scenario{
		{name: "a room without robots", given: []step{aRoom}, body: askRoom, reply: `{"RobotList_Account":[]}`},
		{name: "ordered by id", given: aRoomWithRobots(`["live_obs_lin","live_obs_ann"]`), body: askRoom, reply: `{"RobotList_Account":["live_obs_ann","live_obs_lin"]}`},
		{name: "a room that never was", body: askRoom, code: 100004, info: []string{"live_9001"}},
		{name: "a room made anew of the same id", given: append(aRoomWithRobots(`["ann"]`), step{call: destroyRoom, body: askRoom}, aRoom), body: askRoom, reply: `{"RobotList_Account":[]}`},
		{name: "no room", body: `{}`, code: 100002, info: []string{"RoomId"}},
		{name: "an id of 49 bytes", body: `{"RoomId":"` + strings.Repeat("r", 49) + `"}`, code: 100002, info: []string{"RoomId"}},
	})
}

// TestRobotsAreNoMembers: they are not counted, and nobody is told that they came.
func TestRobotsAreNoMembers(t *testing.T) {
	d := everybodys.open(t)
	d.take(aRoomWithRobots(`["ann","bob"]`))
	require.Len(t, d.fired(), 1)
	got := d.call(getRoomInfo, askRoom)
	for _, count := range []string{`"ViewCount":0`, `"MemberCount":0`, `"OnlineCount":0`} {
		require.Contains(t, got.Payload, count)
	}
}
