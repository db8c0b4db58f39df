package webhook

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Sample returns an event of a command as it could have happened at that time, every field set: to try a receiver with,
// and to see what a body looks like. It tells whether there is one: not for a word that is never sent.
func Sample(command Command, at time.Time) (Event, bool) {
	kind, _ := Lookup(string(command))
	sample, ok := samples[kind.Command]
	if !ok {
		return nil, false
	}
	return sample(at.UnixMilli()), true
}

// The cast of the samples.
const (
	sampleRoom    = "live_2048"
	sampleOther   = "live_4096"
	sampleHost    = "dora"
	sampleRival   = "emil"
	sampleFan     = "finn"
	sampleAdmin   = "administrator"
	samplePicture = "https://img.example.com/live_2048.jpg"
	sampleBattle  = "c2FtcGxlIGJhdHRsZSBvZiB0d28gcm9vbXMgb25seSE="
	sampleInfo    = `{"theme":"harbour"}`
)

// samples makes an event of each command from the time, in ms, at which it happens.
var samples = map[Command]func(ms int64) Event{
	CommandAfterCreateRoom: func(ms int64) Event {
		return AfterCreateRoom{OperatorAccount: sampleAdmin, EventTime: ms, RoomInfo: CreatedRoom{
			RoomID: sampleRoom, RoomName: "Songs from the harbour", RoomType: RoomTypeLive, OwnerAccount: sampleHost,
			MaxMemberCount: 5000, IsMessageDisabled: true, CustomInfo: sampleInfo, IsSeatEnabled: true, TakeSeatMode: TakeSeatApply,
			MaxSeatCount: 8, CreateTime: ms / 1000, IsPublicVisible: true, CoverURL: samplePicture, Category: []int{3, 7},
		}}
	},
	CommandAfterDestroyRoom: func(ms int64) Event {
		return AfterDestroyRoom{
			OperatorAccount: sampleHost, RoomID: sampleRoom, EventType: DestroyByUser, EventTime: ms,
			RoomInfo: DestroyedRoom{
				RoomID: sampleRoom, RoomName: "Songs from the harbour", RoomType: RoomTypeLive, OwnerAccount: sampleHost,
				IsSeatEnabled: true, TakeSeatMode: TakeSeatApply, MaxMemberCount: 5000, MaxSeatCount: 8, Category: []int{3, 7},
				CustomInfo: sampleInfo, IsMessageDisabled: true, CoverURL: samplePicture, ActivityStatus: 2, IsPublicVisible: true,
				ViewCount: 412, BackgroundURL: samplePicture, IsUnlimitedRoomEnabled: true,
			},
			Statistic: RoomStatistic{
				TotalViewers: 412, TotalGiftsSent: 36, TotalGiftCoins: 1080, TotalUniqueGiftSenders: 9, TotalLikesReceived: 7301,
			},
		}
	},
	CommandAfterUpdateRoomInfo: func(ms int64) Event {
		return AfterUpdateRoomInfo{OperatorAccount: sampleHost, EventTime: ms, RoomInfo: UpdatedRoom{
			RoomID: sampleRoom, RoomName: "Songs from the lighthouse", MaxMemberCount: 8000, IsMessageDisabled: true,
			CoverURL: samplePicture, Category: []int{7}, ActivityStatus: 3, IsPublicVisible: true, TakeSeatMode: TakeSeatFree,
			CustomInfo: sampleInfo,
		}}
	},
	CommandAfterSetMetadata: func(ms int64) Event {
		return AfterSetMetadata{OperatorAccount: sampleHost, RoomID: sampleRoom, EventTime: ms,
			Metadata: []Metadata{{Key: "song", Value: "The tide"}, {Key: "next", Value: "Lanterns"}}}
	},
	CommandAfterDelMetadata: func(ms int64) Event {
		return AfterDelMetadata{OperatorAccount: sampleHost, RoomID: sampleRoom, Keys: []string{"song", "next"}, EventTime: ms}
	},
	CommandAfterCreateRoomReachingThreshold: func(ms int64) Event {
		return AfterCreateRoomReachingThreshold{OperatorAccount: sampleAdmin, EventTime: ms, CurRoomCount: 70, MaxRoomCount: 100}
	},
	CommandAfterMemberStateChanged: func(ms int64) Event {
		return AfterMemberStateChanged{RoomID: sampleRoom, EventType: MemberOnline, EventCause: CauseEnter,
			MemberList: []Member{{sampleFan}}, EventTime: ms}
	},
	CommandAfterChangeOwner: func(ms int64) Event {
		return AfterChangeOwner{RoomID: sampleRoom, EventTime: ms, OperatorAccount: sampleAdmin, CurrentOwnerAccount: sampleFan,
			OriginalOwnerAccount: sampleHost}
	},
	CommandAfterModifyAdmin: func(ms int64) Event {
		return AfterModifyAdmin{RoomID: sampleRoom, EventTime: ms, OperatorAccount: sampleHost, AdminAccount: []string{sampleFan},
			OpType: AdminAdd}
	},
	CommandAfterSeatInfoChanged: func(ms int64) Event {
		return AfterSeatInfoChanged{RoomID: sampleRoom, EventTime: ms, SeatList: []Seat{
			{Index: 1, MemberAccount: sampleFan, IsTakenDisabled: true, IsVideoDisabled: true, IsAudioDisabled: true},
		}}
	},
	CommandAfterCreateBattle: func(ms int64) Event {
		return AfterCreateBattle{OperatorAccount: sampleHost, BattleID: sampleBattle, FromRoomID: sampleRoom,
			ToRoomIDList: []string{sampleOther}, Timeout: 15_000, Duration: 180_000, NeedResponse: true, ExtensionInfo: sampleInfo,
			EventTime: ms}
	},
	CommandAfterStartBattle: func(ms int64) Event {
		return AfterStartBattle{BattleID: sampleBattle, Duration: 180_000, CreateTime: ms/1000 - 5, StartTime: ms / 1000,
			FromRoomInfo: BattleRoom{sampleRoom, sampleHost}, ToRoomList: []BattleRoom{{sampleOther, sampleRival}}, EventTime: ms}
	},
	CommandAfterEndBattle: func(ms int64) Event {
		return AfterEndBattle{BattleID: sampleBattle, Duration: 180_000, CreateTime: ms/1000 - 65, StartTime: ms/1000 - 60,
			EndTime: ms / 1000, OpType: BattleDeserted, FromRoomInfo: BattleRoomScore{sampleRoom, 950, sampleHost},
			ToRoomList: []BattleRoomScore{{sampleOther, 720, sampleRival}}, EventTime: ms}
	},
	CommandBeforeSendGift: func(ms int64) Event {
		return BeforeSendGift{OperatorAccount: sampleFan, RoomID: sampleRoom, GiftWater: GiftWater{
			FromAccount: sampleFan, ToAccount: []string{sampleHost}, Time: ms / 1000, GiftID: "lantern", Count: 3, Coins: 30,
		}}
	},
	CommandBeforeSendMsg: func(ms int64) Event {
		return BeforeSendMsg{GroupID: sampleRoom, Type: GroupTypeLive, FromAccount: sampleFan, OperatorAccount: sampleFan,
			Random: 271828, MsgID: "144115-1-271828", MsgBody: sampleMessage(), CloudCustomData: sampleInfo, EventTime: ms}
	},
	CommandAfterSendMsg: func(ms int64) Event {
		return AfterSendMsg{GroupID: sampleRoom, Type: GroupTypeLive, FromAccount: sampleFan, OperatorAccount: sampleFan,
			Random: 271828, MsgID: "144115-1-271828", MsgSeq: 58, MsgTime: ms / 1000, MsgBody: sampleMessage(),
			CloudCustomData: sampleInfo, EventTime: ms}
	},
	CommandAfterFollowAdd: func(ms int64) Event {
		return AfterFollowAdd{FromAccount: sampleFan, FollowList: []Followed{{sampleHost}, {sampleRival}}, EventTime: ms}
	},
	CommandAfterFollowDelete: func(ms int64) Event {
		return AfterFollowDelete{FromAccount: sampleFan, ToAccount: []string{sampleRival}, EventTime: ms}
	},
	CommandAfterCloudRecordingChanged: func(ms int64) Event {
		return AfterCloudRecordingChanged{EventGroupID: 3, EventType: 301, CallbackTs: ms + 250, EventInfo: RecordingInfo{
			RoomID: jsontext.Value(`"` + sampleRoom + `"`), EventTs: ms / 1000, EventMsTs: ms, UserID: "recorder_1", TaskID: "task-58",
			Payload: jsontext.Value(`{"Status":1}`),
		}}
	},
}

func sampleMessage() []MsgElement {
	return []MsgElement{{MsgType: MsgTypeText, MsgContent: jsontext.Value(`{"Text":"Good evening!"}`), CloudCustomData: sampleInfo}}
}
