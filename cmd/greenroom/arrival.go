package main

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/greenroom-live/greenroom/webhook"
)

// How much of a text is shown in a line, in characters.
const (
	shownID    = 12
	shownValue = 40
	shownBody  = 120
)

// arrival is one request that came to a webhook listener, and what became of it.
type arrival struct {
	at       time.Time
	query    url.Values
	id       string // webhook-id
	delivery webhook.Delivery
	event    webhook.Event // nil when the request was refused, or when the event had been taken before
	status   int           // of the answer
	reason   string        // in the answer, when the status is not 200
	decision *int          // ErrorCode of the answer to a question
}

// taken tells whether the event was accepted now.
func (a *arrival) taken() bool { return a.event != nil && a.status == http.StatusOK }

// duplicate tells whether the event had been accepted before.
func (a *arrival) duplicate() bool { return a.event == nil && a.status == http.StatusOK }

// essence is what every event has, under the same names.
type essence struct {
	RoomID   string `json:"RoomId"`
	GroupID  string `json:"GroupId"`
	RoomInfo struct {
		RoomID string `json:"RoomId"`
	} `json:"RoomInfo"`
	Operator  string `json:"Operator_Account"`
	EventTime int64  `json:"EventTime"`
}

// line says on one line what arrived and what became of it.
func (a *arrival) line() string {
	if a.event == nil {
		return a.refusal()
	}
	var e essence
	_ = json.Unmarshal(a.delivery.Body, &e) // what is of another type than usual stays empty
	parts := []string{a.clock(), fmt.Sprintf("%-23s", asWord(shortWord(a.event.Command())))}
	if room := cmp.Or(e.RoomID, e.RoomInfo.RoomID, e.GroupID); room != "" {
		parts = append(parts, "room="+asWord(room))
	}
	if e.Operator != "" {
		parts = append(parts, "by="+asWord(e.Operator))
	}
	if matter := content(a.event); matter != "" {
		parts = append(parts, matter)
	}
	if a.delivery.Platform != "" {
		parts = append(parts, asWord(a.delivery.ClientIP)+" "+asWord(a.delivery.Platform))
	}
	if a.id != "" {
		parts = append(parts, "id="+asWord(shortened(a.id, shownID)))
	}
	if e.EventTime != 0 {
		parts = append(parts, fmt.Sprintf("age=%dms", a.at.UnixMilli()-e.EventTime))
	}
	if a.decision != nil {
		parts = append(parts, "asked: "+decision(*a.decision))
	}
	if a.status != http.StatusOK {
		parts = append(parts, fmt.Sprintf("answered %d: %s", a.status, onLine(a.reason)))
	}
	return strings.Join(parts, "  ")
}

func decision(code int) string {
	switch code {
	case webhook.AnswerAllow:
		return "allowed"
	case webhook.AnswerDrop:
		return "to vanish (2)"
	}
	return fmt.Sprintf("refused (%d)", code)
}

// refusal is the line of a request that did not pass the checks, with what its sender says that it is.
func (a *arrival) refusal() string {
	parts := []string{a.clock(), fmt.Sprintf("refused with %d: %s", a.status, onLine(a.reason))}
	if word := a.query.Get("CallbackCommand"); word != "" {
		parts = append(parts, asWord(shortWord(webhook.Command(word))))
	}
	if a.id != "" {
		parts = append(parts, "id="+asWord(shortened(a.id, shownID)))
	}
	return strings.Join(parts, "  ")
}

func (a *arrival) clock() string { return a.at.Format("15:04:05.000") }

// content is what matters of an event beside its room and its operator.
func content(event webhook.Event) string {
	switch e := event.(type) {
	case webhook.AfterCreateRoom:
		return fmt.Sprintf("name=%s owner=%s", asWord(e.RoomInfo.RoomName), asWord(e.RoomInfo.OwnerAccount))
	case webhook.AfterDestroyRoom:
		return fmt.Sprintf("%s viewers=%d", asWord(e.EventType), e.Statistic.TotalViewers)
	case webhook.AfterSetMetadata:
		pair := func(m webhook.Metadata) string { return asWord(m.Key) + "=" + asWord(shortened(m.Value, shownValue)) }
		return "metadata=[" + strings.Join(each(e.Metadata, pair), " ") + "]"
	case webhook.AfterDelMetadata:
		return "keys=" + words(e.Keys)
	case webhook.AfterMemberStateChanged:
		members := each(e.MemberList, func(m webhook.Member) string { return m.MemberAccount })
		return fmt.Sprintf("%s %s members=%s", asWord(e.EventType), asWord(e.EventCause), words(members))
	case webhook.AfterModifyAdmin:
		return fmt.Sprintf("%s admins=%s", asWord(e.OpType), words(e.AdminAccount))
	case webhook.AfterUpdateRoomInfo:
		return "name=" + asWord(e.RoomInfo.RoomName)
	case webhook.AfterChangeOwner:
		return fmt.Sprintf("owner=%s before=%s", asWord(e.CurrentOwnerAccount), asWord(e.OriginalOwnerAccount))
	case webhook.AfterCreateRoomReachingThreshold:
		return fmt.Sprintf("rooms=%d of %d", e.CurRoomCount, e.MaxRoomCount)
	case webhook.AfterSeatInfoChanged:
		return "seats=[" + strings.Join(seatedAt(e.SeatList), " ") + "]"
	case webhook.AfterCreateBattle:
		return fmt.Sprintf("from=%s to=%s", asWord(e.FromRoomID), words(e.ToRoomIDList))
	case webhook.AfterStartBattle:
		rooms := append([]webhook.BattleRoom{e.FromRoomInfo}, e.ToRoomList...)
		return "rooms=" + words(each(rooms, func(r webhook.BattleRoom) string { return r.RoomID }))
	case webhook.AfterEndBattle:
		score := func(r webhook.BattleRoomScore) string { return fmt.Sprintf("%s=%d", asWord(r.RoomID), r.Score) }
		return "scores=[" + strings.Join(each(append([]webhook.BattleRoomScore{e.FromRoomInfo}, e.ToRoomList...), score), " ") + "]"
	case webhook.AfterFollowAdd:
		followed := each(e.FollowList, func(f webhook.Followed) string { return f.ToAccount })
		return fmt.Sprintf("from=%s to=%s", asWord(e.FromAccount), words(followed))
	case webhook.AfterFollowDelete:
		return fmt.Sprintf("from=%s to=%s", asWord(e.FromAccount), words(e.ToAccount))
	case webhook.BeforeSendMsg:
		return fmt.Sprintf("from=%s %s", asWord(e.FromAccount), elements(e.MsgBody))
	case webhook.AfterSendMsg:
		return fmt.Sprintf("from=%s seq=%d %s", asWord(e.FromAccount), e.MsgSeq, elements(e.MsgBody))
	case webhook.BeforeSendGift:
		g := e.GiftWater
		return fmt.Sprintf("from=%s to=%s gift=%s count=%d coins=%d", asWord(g.FromAccount), words(g.ToAccount), asWord(g.GiftID), g.Count, g.Coins)
	case *webhook.Unknown:
		return onLine(shortened(string(e.Body), shownBody))
	}
	return ""
}

// each is what show says of every item.
func each[T any](items []T, show func(T) string) []string {
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = show(item)
	}
	return texts
}

// seatedAt shows who sits where, and leaves out the seats that are empty.
func seatedAt(seats []webhook.Seat) (taken []string) {
	for _, s := range seats {
		if s.MemberAccount != "" {
			taken = append(taken, fmt.Sprintf("%d=%s", s.Index, asWord(s.MemberAccount)))
		}
	}
	return taken
}

// elements shows what a message consists of.
func elements(body []webhook.MsgElement) string {
	shown := make([]string, len(body))
	for i, e := range body {
		shown[i] = e.MsgType + ":" + shortened(string(e.MsgContent), shownValue)
	}
	return onLine(shortened(strings.Join(shown, " "), shownBody))
}

// writeJSON writes the arrival for machines, on one line. Of a query parameter given twice it has the first value.
func (a *arrival) writeJSON(w io.Writer) error {
	body := jsontext.Value(a.delivery.Body).Clone()
	if err := body.Compact(); err != nil {
		return fmt.Errorf("the body of webhook %s: %w", a.id, err)
	}
	record := struct {
		ReceivedAt string            `json:"receivedAt"`
		ID         string            `json:"id"`
		Query      map[string]string `json:"query"`
		Body       jsontext.Value    `json:"body"`
		Answered   *int              `json:"answered,omitzero"` // ErrorCode, of questions only
	}{a.at.UTC().Format("2006-01-02T15:04:05.000Z07:00"), a.id, make(map[string]string, len(a.query)), body, a.decision}
	for name := range a.query {
		record.Query[name] = a.query.Get(name)
	}
	line, err := json.Marshal(record, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return fmt.Errorf("print webhook %s: %w", a.id, err)
	}
	_, err = w.Write(append(line, '\n'))
	return err
}
