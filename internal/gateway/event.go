package gateway

import (
	"strings"

	"github.com/greenroom-live/greenroom/internal/live"
)

// channelPrefix begins the names of rooms' channels, room:<sdkAppID>:<liveID>.
const channelPrefix = "room:"

func channelOf(app live.AppID, room live.RoomID) string {
	return channelPrefix + app.String() + ":" + string(room)
}

// roomOfChannel returns the room of app whose channel that is.
func roomOfChannel(app live.AppID, channel string) (live.RoomID, bool) {
	id, ok := strings.CutPrefix(channel, channelPrefix+app.String()+":")
	if !ok {
		return "", false
	}
	room, err := live.ParseRoomID(id)
	return room, err == nil
}

// notice is what the people in a room are told, or one person.
type notice struct {
	event string
	data  any
	to    live.UserID // whom alone, in the room or not; empty: everybody in the room
}

// publication is a notice in its wire form.
type publication struct {
	Event  string `json:"event"`
	LiveID string `json:"liveID,omitempty"` // not in what is about no room
	Time   int64  `json:"time"`             // ms
	Data   any    `json:"data"`
}

type metadataChanged struct {
	Key   string  `json:"key"`
	Value *string `json:"value"` // null when deleted
}

type person struct {
	UserID    string `json:"userID"`
	UserName  string `json:"userName"`
	AvatarURL string `json:"avatarURL"`
}

func newPerson(a live.Account) person { return person{string(a.ID), a.Nick, a.FaceURL} }

type countChanged struct {
	Count int `json:"count"`
}

type userInfoChanged struct {
	User self `json:"user"`
}

type liveEnded struct {
	LiveID  string `json:"liveID"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

// notices are what a change means to the people in the room. A new room has nobody in it to be told.
func notices(e live.Event) []notice {
	var told []notice
	switch c := e.Change.(type) {
	case live.MetadataSet:
		for _, p := range c.Pairs {
			told = append(told, notice{event: "live.onRoomMetadataChanged", data: metadataChanged{p.Key, &p.Value}})
		}
	case live.MetadataDeleted:
		for _, key := range c.Keys {
			told = append(told, notice{event: "live.onRoomMetadataChanged", data: metadataChanged{key, nil}})
		}
	case live.MemberChanged:
		return []notice{memberNotice(c), {event: "audience.onAudienceCountChanged", data: countChanged{c.Online}}}
	case live.AdminsModified:
		role := live.RoleMember
		if c.Added {
			role = live.RoleAdmin
		}
		for _, u := range c.Users {
			told = append(told, notice{event: "audience.onUserInfoChanged", data: userInfoChanged{self{string(u), roleName(role)}}})
		}
	case live.RoomDestroyed:
		reason := "endedByServer"
		if e.By.Kind == live.KindUser {
			reason = "endedByHost"
		}
		told = []notice{{event: "live.onLiveEnded", data: liveEnded{string(e.Room), reason, ""}}}
	case live.RoomUpdated:
		return updateNotices(c)
	case live.OwnerChanged:
		return []notice{
			{event: "audience.onUserInfoChanged", data: userInfoChanged{self{string(c.Former), roleName(live.RoleMember)}}},
			{event: "audience.onUserInfoChanged", data: userInfoChanged{self{string(c.Current), roleName(live.RoleOwner)}}},
		}
	case live.MembersMuted:
		return muteNotices(c)
	case live.MembersKicked:
		return kickNotices(e, c)
	case live.MessageSent:
		told = []notice{messageNotice(c.Message)}
	case live.SeatsChanged:
		return seatNotices(c)
	case live.GiftSent:
		return giftNotices(c)
	case live.LikesSent:
		return []notice{likesNotice(c)}
	case live.BattleStarted, live.BattleScored, live.BattleLeft, live.BattleEnded:
		return battleNotices(e)
	case live.ProfileChanged:
		return []notice{{event: "audience.onUserInfoChanged", data: profileChanged{newPerson(c.Account)}}}
	case live.LoginsEnded:
		return []notice{{event: "login.onKickedOffline", data: none{}, to: c.User}}
	case live.FollowsChanged:
		return followNotices(c)
	}
	return told
}

// personal tells whether a change has notices for single persons, who are told even when nobody is in the room.
func personal(c live.Change) bool {
	switch c := c.(type) {
	case live.SeatsChanged:
		return len(personalSeatNotices(c)) > 0
	case live.MembersKicked:
		return true
	case live.LoginsEnded, live.FollowsChanged:
		return true
	default:
		return false
	}
}

// memberNotice says who came or went, in the words of the member's role.
func memberNotice(c live.MemberChanged) notice {
	name, field := "Audience", "audience"
	switch c.Role {
	case live.RoleAdmin:
		name, field = "Admin", "admin"
	case live.RoleOwner:
		name, field = "Owner", "owner"
	}
	what := "Left"
	if c.Cause.Online() {
		what = "Joined"
	}
	return notice{event: "audience.on" + name + what, data: map[string]person{field: newPerson(c.Member)}}
}
