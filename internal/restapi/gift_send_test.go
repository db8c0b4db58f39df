package restapi_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

const (
	sendGift     = "live_engine_http_srv/send_gift"
	getGiftCount = "live_engine_http_srv/get_gift_count"
)

func init() {
	good[sendGift] = `{"RoomId":"live_9001","GiftId":"rose01","Count":2,"From_Account":"bob","ReceiverList_Account":["host_7"]}`
	good[getGiftCount] = `{"RoomId":"live_9002","From_Account":"bob"}`
	preparing[sendGift] = []step{aRose}
	preparing[getGiftCount] = []step{aRose, roomOf("live_9002", "host_8"), {
		call: sendGift, body: `{"RoomId":"live_9002","GiftId":"rose01","Count":3,"From_Account":"bob","ReceiverList_Account":["host_8"]}`,
	}}
}

// gives is the body that gives roses to host_7 in live_9001, with more fields.
func gives(fields string) string {
	return `{"RoomId":"live_9001","GiftId":"rose01","From_Account":"bob","ReceiverList_Account":["host_7"]` +
		strings.TrimSuffix(","+fields, ",") + `}`
}

// gave is the question about that.
func gave(count int, receivers string) []string {
	return []string{fmt.Sprintf(`{"CallbackCommand":"Live.CallbackBeforeSendGift","Operator_Account":"administrator","RoomId":"live_9001",
		"GiftWater":{"From_Account":"bob","To_Account":%s,"Time":1765001300,"GiftId":"rose01","Count":%d,"Coins":5}}`, receivers, count)}
}

// counted is what live_9001 has counted, as asked by from.
func counted(from string, sequence, gifts, coins, senders int) step {
	return step{call: getGiftCount, body: `{"RoomId":"live_9001","From_Account":"` + from + `"}`,
		reply: fmt.Sprintf(`{"Sequence":%d,"TotalCount":%d,"TotalCoins":%d,"GiftSenderCount":%d}`, sequence, gifts, coins, senders)}
}

// says makes the app server give one answer to every question.
func says(answer webhook.Answer) func(*setup) {
	return func(s *setup) { s.answers = func(webhook.Event) (webhook.Answer, error) { return answer, nil } }
}

func saysNothing(s *setup) {
	s.answers = func(webhook.Event) (webhook.Answer, error) {
		return webhook.Answer{}, errors.New("no whole answer within 2s")
	}
}

// switchedOn configures these webhooks and no other.
func switchedOn(words string) step {
	return step{call: updateCallback, body: `{"Url":"https://hooks.example.net/live","CallbackCommandList":` + words + `}`}
}

func TestSendGift(t *testing.T) {
	given := []step{aRoom, aRose}
	users := func(n int) string { return list(n, func(i int) string { return fmt.Sprint("user_", i) }) }
	to := func(receivers string) string {
		return `{"RoomId":"live_9001","GiftId":"rose01","Count":3,"From_Account":"bob","ReceiverList_Account":` + receivers + `}`
	}
	imported := func(s *setup) { s.app.RequireImportedAccounts = true }
	importing := func(user string) step { return step{call: accountImport, body: `{"UserID":"` + user + `"}`} }
	room := step{call: createRoom, body: `{"RoomInfo":{"RoomId":"live_9001","RoomType":"Live"}}`}
	play(t, sendGift, []scenario{
		{name: "one, when no number is given", given: given, body: gives(``), asks: gave(1, `["host_7"]`), then: []step{counted("host_7", 1, 1, 5, 1)}},
		{
			name: "three", given: given, body: gives(`"Count":3`), asks: gave(3, `["host_7"]`),
			then: []step{counted("host_7", 1, 3, 15, 1), counted("bob", 1, 3, 15, 1), counted("lin", 1, 0, 0, 0),
				{call: destroyRoom, body: askRoom, reply: `{"Statistic":{"TotalViewers":0,"TotalGiftsSent":3,"TotalGiftCoins":15,
					"TotalUniqueGiftSenders":1,"TotalLikesReceived":0}}`}},
		},
		{name: "to two: each gets them", given: given, body: to(`["host_7","lin"]`), asks: gave(3, `["host_7","lin"]`), then: []step{counted("host_7", 1, 6, 30, 1)}},
		{
			name: "to a room whose gifts are switched off", given: []step{
				{call: createRoom, body: `{"RoomInfo":{"RoomId":"live_9001","RoomType":"Live","IsGiftEnabled":false}}`}, aRose,
			}, body: gives(``), code: 102008, info: []string{"live_9001"},
		},
		{
			name: "to a room whose gifts are switched on again", given: []step{
				{call: createRoom, body: `{"RoomInfo":{"RoomId":"live_9001","RoomType":"Live","IsGiftEnabled":false}}`}, aRose,
				{call: updateRoomInfo, body: `{"RoomInfo":{"RoomId":"live_9001","IsGiftEnabled":true}}`},
			}, body: gives(``), asks: gave(1, `["host_7"]`), then: []step{counted("", 1, 1, 5, 1)},
		},
		{name: "to 20", given: given, body: to(users(20)), asks: gave(3, users(20)), then: []step{counted("host_7", 1, 60, 300, 1)}},
		{name: "to 21", given: given, body: to(users(21)), code: 100002, info: []string{"ReceiverList_Account", "20"}},
		{name: "to oneself", given: given, body: to(`["bob"]`), asks: gave(3, `["bob"]`), then: []step{counted("host_7", 1, 3, 15, 1)}},
		{name: "to the same twice", given: given, body: to(`["lin","host_7","lin"]`), code: 100002, info: []string{"lin", "twice"}},
		{name: "to nobody", given: given, body: to(`[]`), code: 100002, info: []string{"ReceiverList_Account"}},
		{name: "without receivers", given: given, body: `{"RoomId":"live_9001","GiftId":"rose01","From_Account":"bob"}`, code: 100002, info: []string{"ReceiverList_Account"}},
		{name: "to an account that cannot be one", given: given, body: to(`["lin","é"]`), code: 100002, info: []string{"ReceiverList_Account"}},
		{name: "to a number", given: given, body: to(`[7]`), code: 60015, info: []string{"ReceiverList_Account[0]"}},
		{name: "from nobody", given: given, body: `{"RoomId":"live_9001","GiftId":"rose01","ReceiverList_Account":["host_7"]}`, code: 100002, info: []string{"From_Account"}},
		{name: "from an account of 33 bytes", given: given, body: `{"RoomId":"live_9001","GiftId":"rose01","From_Account":` + quoted(33) + `,"ReceiverList_Account":["host_7"]}`, code: 100002, info: []string{"From_Account"}},
		{name: "100,000", given: given, body: gives(`"Count":100000`), asks: gave(100000, `["host_7"]`), then: []step{counted("", 1, 100000, 500000, 1)}},
		{name: "100,001", given: given, body: gives(`"Count":100001`), code: 100002, info: []string{"Count", "100000"}},
		{name: "none", given: given, body: gives(`"Count":0`), code: 100002, info: []string{"Count"}},
		{name: "less than none", given: given, body: gives(`"Count":-3`), code: 100002, info: []string{"Count"}},
		{name: "a gift that there is not", given: []step{aRoom}, body: gives(``), code: 102002, info: []string{"rose01"}},
		{name: "no gift", given: given, body: `{"RoomId":"live_9001","From_Account":"bob","ReceiverList_Account":["host_7"]}`, code: 100002, info: []string{"GiftId"}},
		{name: "a room that never was", given: []step{aRose}, body: gives(``), code: 100004, info: []string{"live_9001"}},
		{name: "neither room nor gift", body: gives(``), code: 100004},
		{name: "no room", given: given, body: `{"GiftId":"rose01","From_Account":"bob","ReceiverList_Account":["host_7"]}`, code: 100002, info: []string{"RoomId"}},
		{name: "a bad number in a room that never was", body: gives(`"Count":0`), code: 100002, info: []string{"Count"}},
		{
			name: "accounts that were never imported are registered", given: given, body: gives(``), asks: gave(1, `["host_7"]`),
			then: []step{{call: accountCheck, body: `{"CheckItem":[{"UserID":"bob"}]}`, reply: `{"ResultItem":[
				{"UserID":"bob","ResultCode":0,"ResultInfo":"","AccountStatus":"Imported"}]}`}},
		},
		{
			name: "accounts that had to be imported", with: []func(*setup){imported}, given: []step{room, aRose, importing("bob"), importing("host_7")},
			body: gives(``), asks: gave(1, `["host_7"]`), then: []step{counted("", 1, 1, 5, 1)},
		},
		{name: "a sender who had to be imported: nobody is asked", with: []func(*setup){imported}, given: []step{room, aRose, importing("host_7")}, body: gives(``), code: 100002, info: []string{"From_Account", "bob"}},
		{name: "a receiver who had to be imported", with: []func(*setup){imported}, given: []step{room, aRose, importing("bob")}, body: gives(``), code: 100002, info: []string{"ReceiverList_Account", "host_7"}},
	})
}

// TestSendGiftAsksTheAppServer is what comes of each answer. A gift that is refused changes nothing and tells nobody,
// which is what every scenario with a code demands.
func TestSendGiftAsksTheAppServer(t *testing.T) {
	given := []step{aRoom, aRose}
	question, once := gave(1, `["host_7"]`), []step{counted("", 1, 1, 5, 1)}
	refusal := func(code int, info string) []func(*setup) {
		return []func(*setup){says(webhook.Answer{ActionStatus: "FAIL", ErrorCode: code, ErrorInfo: info})}
	}
	notBlocking := []step{aRoom, aRose, switchedOn(`["Live.CallbackBeforeSendGift","Live.CallbackBeforeCallBackNotBlock"]`)}
	notAsking := []step{aRoom, aRose, switchedOn(`["Live.CallbackBeforeCallBackNotBlock"]`)}
	long := strings.Repeat("é", 300)
	play(t, sendGift, []scenario{
		{name: "yes", with: []func(*setup){says(webhook.Answer{ActionStatus: "OK"})}, given: given, body: gives(``), asks: question, then: once},
		{name: "yes, whatever the status says", with: refusal(0, "sorry"), given: given, body: gives(``), asks: question, then: once},
		{name: "no", with: refusal(1, "no coins left"), given: given, body: gives(``), asks: question, code: 102004, info: []string{"no coins left"}},
		{name: "no, whatever the status says", with: []func(*setup){says(webhook.Answer{ActionStatus: "OK", ErrorCode: 1})}, given: given, body: gives(``), asks: question, code: 102004, info: []string{"refused"}},
		{name: "a code of messages", with: refusal(2, "drop"), given: given, body: gives(``), asks: question, code: 102004},
		{name: "another code", with: refusal(500, ""), given: given, body: gives(``), asks: question, code: 102004, info: []string{"refused"}},
		{name: "a negative code", with: refusal(-1, ""), given: given, body: gives(``), asks: question, code: 102004},
		{name: "just before the codes of its own", with: refusal(102099, "x"), given: given, body: gives(``), asks: question, code: 102004},
		{name: "the first code of its own", with: refusal(102100, "too poor"), given: given, body: gives(``), asks: question, code: 102100, info: []string{"too poor"}},
		{name: "the last code of its own, without words", with: refusal(102200, ""), given: given, body: gives(``), asks: question, code: 102200, info: []string{"refused"}},
		{name: "just after the codes of its own", with: refusal(102201, "x"), given: given, body: gives(``), asks: question, code: 102004},
		{name: "no with many words", with: refusal(102150, "x"+long), given: given, body: gives(``), asks: question, code: 102150, info: []string{"x" + long[:498]}},
		{
			name: "nothing: no gift", with: []func(*setup){saysNothing}, given: append(given[:2:2], switchedOn(`["Live.CallbackBeforeSendGift"]`)),
			body: gives(``), asks: question, code: 102004, info: []string{"did not say"},
		},
		{name: "nothing, where that does not stop it", with: []func(*setup){saysNothing}, given: notBlocking, body: gives(``), asks: question, then: once},
		{name: "no, where silence does not stop it", with: refusal(1, ""), given: notBlocking, body: gives(``), asks: question, code: 102004},
		{name: "a code of its own, where silence does not stop it", with: refusal(102100, ""), given: notBlocking, body: gives(``), asks: question, code: 102100},
		{name: "not asked, as no question is configured", with: refusal(1, ""), given: notAsking, body: gives(``), then: once},
		{name: "not asked, as nothing is configured", with: append(refusal(1, ""), bare), given: given, body: gives(``), then: once},
	})
}

// TestAGiftIsJudgedAgainWhenTheAnswerIsThere: much can happen while the app server thinks.
func TestAGiftIsJudgedAgainWhenTheAnswerIsThere(t *testing.T) {
	for name, s := range map[string]struct {
		meanwhile func(d *door) error
		code      int
		then      []step
	}{
		"the room ended": {func(d *door) error { _, err := d.live.DestroyRoom(ctx, live.System(d.app), "live_9001"); return err }, 100004, nil},
		"the gift was deleted": {
			func(d *door) error { return d.live.DeleteGift(ctx, live.System(d.app), "rose01") }, 102002,
			[]step{counted("", 0, 0, 0, 0)},
		},
		"gifts were switched off": {func(d *door) error { return d.switchGifts(false) }, 102008, []step{counted("", 0, 0, 0, 0)}},
		"others gave what the room could still count": {func(d *door) error {
			return d.store.Update(ctx, func(tx live.Tx) error {
				return tx.AddTotals(d.app, "live_9001", live.Totals{GiftsSent: 1<<53 - 1})
			})
		}, 100013, []step{counted("bob", 0, 0, 0, 0)}},
		"the price rose: what was agreed to counts": {func(d *door) error {
			coins := 50
			return d.live.EditGift(ctx, live.System(d.app), live.GiftSpec{ID: "rose01", Coins: &coins})
		}, 0, []step{counted("", 1, 1, 5, 1)}},
	} {
		t.Run(name, func(t *testing.T) {
			d := everybodys.open(t)
			d.take([]step{aRoom, aRose})
			told := 0
			d.answers = func(webhook.Event) (webhook.Answer, error) {
				require.NoError(t, s.meanwhile(d))
				told = d.told()
				return webhook.Answer{}, nil
			}
			got := d.call(sendGift, gives(``))
			require.Equal(t, s.code, got.ErrorCode, got.ErrorInfo)
			if s.code != 0 {
				require.Equal(t, told, d.told(), "nobody hears of it")
			}
			d.take(s.then)
		})
	}
}

// switchGifts switches gifts in live_9001 on or off.
func (d *door) switchGifts(on bool) error {
	return d.store.Update(ctx, func(tx live.Tx) error {
		room, _, err := tx.Room(d.app, "live_9001")
		if err != nil {
			return err
		}
		room.GiftEnabled = on
		return tx.UpdateRoom(d.app, room)
	})
}

func TestSendGiftInARoomWithoutGifts(t *testing.T) {
	d := everybodys.open(t)
	d.take([]step{aRoom})
	require.NoError(t, d.switchGifts(false))
	before, told := d.state(), d.told()
	got := d.call(sendGift, gives(``))
	require.Equal(t, 102008, got.ErrorCode, "told even before an unknown gift is")
	require.Contains(t, got.ErrorInfo, "live_9001")
	require.Equal(t, before, d.state())
	require.Equal(t, told, d.told())
	d.requireAsked(nil, 0)
	require.NoError(t, d.switchGifts(true))
	d.take([]step{aRose, {call: sendGift, body: gives(``)}})
}

// TestSendGiftNeverCountsTooFar: what a room counts stays a number that everybody reads exactly.
func TestSendGiftNeverCountsTooFar(t *testing.T) {
	const most = 1<<53 - 1
	for name, s := range map[string]struct {
		totals live.Totals
		code   int
	}{
		"the last coins":     {live.Totals{GiftCoins: most - 15}, 0},
		"one coin too many":  {live.Totals{GiftCoins: most - 14}, 100013},
		"the last gifts":     {live.Totals{GiftsSent: most - 3}, 0},
		"one gift too many":  {live.Totals{GiftsSent: most - 2}, 100013},
		"as full as can be":  {live.Totals{GiftsSent: most, GiftCoins: most}, 100013},
		"far from the limit": {live.Totals{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			d := everybodys.open(t)
			d.take([]step{aRoom, aRose})
			require.NoError(t, d.store.Update(ctx, func(tx live.Tx) error { return tx.AddTotals(d.app, "live_9001", s.totals) }))
			before := d.state()
			got := d.call(sendGift, gives(`"Count":3`))
			require.Equal(t, s.code, got.ErrorCode, got.ErrorInfo)
			if s.code != 0 {
				require.Equal(t, before, d.state())
				d.requireAsked(nil, 0)
			}
		})
	}
	d := everybodys.open(t)
	d.take([]step{aRoom, {call: addGift, body: `{"GiftId":"rose01","Coins":2147483647,"DefaultName":"n"}`}})
	twenty := list(20, func(i int) string { return fmt.Sprint("user_", i) })
	most20 := step{call: sendGift, body: `{"RoomId":"live_9001","GiftId":"rose01","Count":100000,"From_Account":"bob","ReceiverList_Account":` + twenty + `}`}
	d.take([]step{most20, most20})
	most20.code = 100013
	d.take([]step{most20, counted("bob", 2, 4_000_000, 2*2147483647*100_000*20, 1)})
}

func TestGetGiftCount(t *testing.T) {
	from := func(user, count string) step {
		return step{call: sendGift, body: `{"RoomId":"live_9001","GiftId":"rose01","Count":` + count + `,"From_Account":"` + user + `","ReceiverList_Account":["lin"]}`}
	}
	given := []step{aRoom, aRose, from("bob", "3"), from("ann", "4"), from("bob", "1"), from("host_7", "2")}
	ask := func(fields string) string { return `{"RoomId":"live_9001"` + fields + `}` }
	all := `{"Sequence":4,"TotalCount":10,"TotalCoins":50,"GiftSenderCount":3}`
	nothing := `{"Sequence":0,"TotalCount":0,"TotalCoins":0,"GiftSenderCount":0}`
	play(t, getGiftCount, []scenario{
		{name: "of the owner: of everybody", given: given, body: ask(`,"From_Account":"host_7"`), reply: all},
		{name: "of nobody: of everybody", given: given, body: ask(``), reply: all},
		{name: "of an empty account", given: given, body: ask(`,"From_Account":""`), reply: all},
		{name: "of one sender", given: given, body: ask(`,"From_Account":"bob"`), reply: `{"Sequence":4,"TotalCount":4,"TotalCoins":20,"GiftSenderCount":1}`},
		{name: "of one who gave nothing", given: given, body: ask(`,"From_Account":"lin"`), reply: `{"Sequence":4,"TotalCount":0,"TotalCoins":0,"GiftSenderCount":0}`},
		{name: "a time, as older consoles send it", given: given, body: ask(`,"From_Account":"host_7","StartTime":1,"EndTime":2`), reply: all},
		{name: "a room without gifts", given: []step{aRoom}, body: ask(`,"From_Account":"host_7"`), reply: nothing},
		{
			name: "a room made anew", given: append(given[:len(given):len(given)], step{call: destroyRoom, body: askRoom}, aRoom),
			body: ask(`,"From_Account":"bob"`), reply: nothing,
		},
		{name: "what it counted stays when the gift goes", given: append(given[:len(given):len(given)], step{call: delGift, body: `{"GiftId":"rose01"}`}), body: ask(``), reply: all},
		{name: "a room that never was", body: ask(``), code: 100004, info: []string{"live_9001"}},
		{name: "no room", body: `{"From_Account":"bob"}`, code: 100002, info: []string{"RoomId"}},
		{name: "an account of 33 bytes", given: given, body: ask(`,"From_Account":` + quoted(33)), code: 100002, info: []string{"From_Account"}},
	})
}

func TestGiftConfigurationTellsNobody(t *testing.T) {
	d := everybodys.open(t)
	told, fired := d.told(), len(d.fired())
	d.take(slices.Concat(aCategoryWith(`["rose01"]`), []step{
		{call: setGiftLanguage, body: good[setGiftLanguage]}, {call: editGift, body: good[editGift]}, {call: delGift, body: good[delGift]},
	}))
	require.Equal(t, told, d.told())
	require.Len(t, d.fired(), fired)
}
