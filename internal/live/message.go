package live

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/greenroom-live/greenroom/webhook"
)

const (
	maxMsgBody   = 12 << 10 // bytes of the whole MsgBody as compact JSON (doc 34348)
	maxCloudData = 12 << 10 // bytes, a bound of ours
	// repeatWindow is how long a Random marks repetitions of a message (doc 34959).
	repeatWindow  = 5 * time.Minute
	msgTypePrefix = "TIM" // begins the name of every kind of element there is
)

// MessageSpec is a message that a caller wants to send.
type MessageSpec struct {
	From            UserID // whom it is from; the caller when empty
	Body            []webhook.MsgElement
	CloudCustomData string
	Priority        Priority
	// Random marks repetitions: a message with the Random of an earlier one, from the same user to the same room within
	// 5 minutes, is that one. When it is nil one is made up.
	Random *uint32
	// Unasked leaves out [webhook.BeforeSendMsg], Unreported [webhook.AfterSendMsg].
	Unasked, Unreported bool
}

// Sent is what became of a message that was not refused.
type Sent struct {
	Seq     int64     // its number in the room, from 1; 0 when Dropped
	Time    time.Time // whole seconds
	Random  uint32
	Dropped bool // for there were too many; nobody got it
}

// Message is a message as a room gets it.
type Message struct {
	ID              string
	Seq             int64 // its number in the room, from 1
	Time            time.Time
	From            Account
	Random          uint32
	Body            []webhook.MsgElement
	CloudCustomData string
}

// SentMessage is what is kept of a message to know it again.
type SentMessage struct {
	From   UserID
	Random uint32
	Seq    int64
	Time   time.Time // whole seconds
}

type messageReader interface {
	// SentMessage returns the latest message to the room that is known under that sender and Random.
	SentMessage(app AppID, room RoomID, from UserID, random uint32) (SentMessage, bool, error)
}

type messageWriter interface {
	// PutSentMessage keeps a message, and forgets those to its room that are from forget or earlier.
	PutSentMessage(app AppID, room RoomID, m SentMessage, forget time.Time) error
}

// MessageSent is the change that delivered a message to a room.
type MessageSent struct {
	Message    Message
	Unreported bool // the app server is not told
}

// Webhook tells the message as it was delivered (doc 74348).
func (c MessageSent) Webhook(e Event) webhook.Event {
	if c.Unreported {
		return nil
	}
	m := c.Message
	return webhook.AfterSendMsg{
		GroupID: string(e.Room), Type: webhook.GroupTypeLive, FromAccount: string(m.From.ID), OperatorAccount: string(e.By.User),
		Random: m.Random, MsgID: m.ID, MsgSeq: m.Seq, MsgTime: m.Time.Unix(), MsgBody: m.Body,
		CloudCustomData: m.CloudCustomData, EventTime: e.At.UnixMilli(),
	}
}

// draft is a message on its way.
type draft struct {
	MessageSpec
	caller Caller
	room   RoomID
	random uint32
	id     string
	paid   bool // the room's budget has counted it, whether or not the store runs the update again
}

// SendMessage delivers a message to a room. The app server is asked first, if it wants to be; it may let the message
// pass, change it, refuse it ([CodeMsgRefused] or a code of its own) or have it vanish, which its sender does not learn.
// While it is asked nothing is held up; whether the message may be sent is judged before and, on what is true then,
// after. Codes: [CodeBadParameter], [CodeMsgTooLong], [CodeNoRoom]; [CodeNotMember] for a user who is not in the room;
// [CodeMuted] for a sender who is muted or, unless App admin, owner or administrator, in a room where all users are;
// [CodeNoGroupAccount] for a sender who was never imported where that is demanded; [CodeMsgNoAnswer] where the app's
// policy is not to deliver unanswered; and for users [CodeMsgTooOften] beyond the room's budget, of which others learn
// from Sent.Dropped.
func (s *Service) SendMessage(ctx context.Context, caller Caller, room RoomID, spec MessageSpec) (Sent, error) {
	d, err := s.draft(caller, room, spec)
	if err != nil {
		return Sent{}, err
	}
	sent, over, err := s.forecast(ctx, d)
	if err == nil && !over && !d.Unasked {
		over, err = s.approve(ctx, d)
	}
	if err == nil && !over {
		err = s.store.Update(ctx, func(tx Tx) (err error) {
			sent, err = s.deliver(tx, d)
			return err
		})
	}
	if err != nil {
		return Sent{}, err
	}
	if sent.Dropped && caller.Kind == KindUser {
		return Sent{}, Refuse(CodeMsgTooOften, "room %q has more messages than it gets in a second", room)
	}
	return sent, nil
}

// draft judges what of a message can be judged without the room.
func (s *Service) draft(caller Caller, room RoomID, spec MessageSpec) (*draft, error) {
	var err error
	if spec.Body, err = checkMsgBody(spec.Body); err != nil {
		return nil, err
	}
	if len(spec.CloudCustomData) > maxCloudData {
		return nil, Refuse(CodeMsgTooLong, "CloudCustomData has %d bytes, at most %d are allowed", len(spec.CloudCustomData), maxCloudData)
	}
	spec.From = cmp.Or(spec.From, caller.User)
	d := &draft{MessageSpec: spec, caller: caller, room: room, random: rand.Uint32()}
	if spec.Random != nil {
		d.random = *spec.Random
	}
	d.id = msgID(spec.From, s.now(), d.random)
	return d, nil
}

// msgID has the form that the contract shows: digits that stand for the sender, the time in seconds, the Random.
func msgID(from UserID, at time.Time, random uint32) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(from)) // never fails
	return fmt.Sprintf("%018d-%d-%d", h.Sum64()%1_000_000_000_000_000_000, at.Unix(), random)
}

// forecast tells what would become of the message if it were delivered now; over means that nothing more is to be done.
func (s *Service) forecast(ctx context.Context, d *draft) (sent Sent, over bool, err error) {
	err = s.store.View(ctx, func(r Reader) error {
		var room Room
		if room, sent, over, err = s.judge(r, d); err != nil || over {
			return err
		}
		now := s.now()
		sent = Sent{Seq: room.Messages + 1, Time: now.Truncate(time.Second), Random: d.random}
		if !s.messages.allows(d.at(), d.Priority, now) {
			sent, over = dropped(d, now), true
		}
		return nil
	})
	return sent, over, err
}

func (d *draft) at() roomKey { return roomKey{d.caller.App, d.room} }

func dropped(d *draft, now time.Time) Sent {
	return Sent{Time: now.Truncate(time.Second), Random: d.random, Dropped: true}
}

// deliver gives the message to the room.
func (s *Service) deliver(tx Tx, d *draft) (Sent, error) {
	room, earlier, repeated, err := s.judge(tx, d)
	if err != nil || repeated {
		return earlier, err
	}
	if err := register(tx, d.caller.App, d.From); err != nil {
		return Sent{}, err
	}
	from, err := profile(tx, d.caller.App, d.From)
	if err != nil {
		return Sent{}, err
	}
	now := s.now()
	if !d.paid && !s.messages.spend(d.at(), d.Priority, now) {
		return dropped(d, now), nil
	}
	d.paid = true
	sent := Sent{Seq: room.Messages + 1, Time: now.Truncate(time.Second), Random: d.random}
	if err := tx.AddTotals(d.caller.App, d.room, Totals{Messages: 1}); err != nil {
		return Sent{}, err
	}
	if d.Random != nil {
		kept := SentMessage{From: d.From, Random: d.random, Seq: sent.Seq, Time: sent.Time}
		if err := tx.PutSentMessage(d.caller.App, d.room, kept, now.Add(-repeatWindow)); err != nil {
			return Sent{}, err
		}
	}
	return sent, tx.Emit(s.event(d.caller, d.room, MessageSent{Unreported: d.Unreported, Message: Message{
		ID: d.id, Seq: sent.Seq, Time: sent.Time, From: from, Random: d.random, Body: d.Body, CloudCustomData: d.CloudCustomData,
	}}))
}

// judge tells whether the message may be sent as things are, or whether it has been: then sent is what became of it.
func (s *Service) judge(r Reader, d *draft) (room Room, sent Sent, repeated bool, err error) {
	app := d.caller.App
	if err := authorizeMember(r, d.caller, d.room); err != nil {
		return room, sent, false, err
	}
	if d.Random != nil {
		m, ok, err := r.SentMessage(app, d.room, d.From, d.random)
		if err != nil {
			return room, sent, false, err
		}
		if ok && s.now().Sub(m.Time) < repeatWindow {
			return room, Sent{Seq: m.Seq, Time: m.Time, Random: m.Random}, true, nil
		}
	}
	if room, err = roomRow(r, app, d.room); err != nil {
		return room, sent, false, err
	}
	if err := s.knowsSender(r, d); err != nil {
		return room, sent, false, err
	}
	return room, sent, false, s.maySpeak(r, d, room)
}

// maySpeak refuses a sender who is muted, through whichever door; and a user where the whole room is, except App admins
// and the room's owner and administrators.
func (s *Service) maySpeak(r Reader, d *draft, room Room) error {
	app := d.caller.App
	until, ok, err := r.MutedUntil(app, d.room, d.From)
	if err != nil {
		return err
	}
	if ok && until.After(s.now()) {
		return Refuse(CodeMuted, "%q is muted in room %q until %s", d.From, d.room, until.UTC().Format(time.RFC3339))
	}
	if !room.MessageDisabled || d.caller.Kind != KindUser || s.apps[app].IsAdmin(d.From) {
		return nil
	}
	role, err := roleOf(r, app, d.room, room.Owner, d.From)
	if err == nil && role == RoleMember {
		err = Refuse(CodeMuted, "all members of room %q are muted", d.room)
	}
	return err
}

// knowsSender refuses a sender who was never imported, where the app demands that. App admins need no import, and users
// are imported by their login.
func (s *Service) knowsSender(r Reader, d *draft) error {
	app := s.apps[d.caller.App]
	if !app.RequireImportedAccounts || d.caller.Kind == KindUser || app.IsAdmin(d.From) {
		return nil
	}
	_, ok, err := r.Account(app.ID, d.From)
	if err == nil && !ok {
		err = Refuse(CodeNoGroupAccount, "the sender %q was never imported", d.From)
	}
	return err
}

// approve asks the app server about the message, and changes the message as it says (doc 74347). Its code alone decides.
// An answer whose content cannot be delivered is none.
func (s *Service) approve(ctx context.Context, d *draft) (vanish bool, err error) {
	answer, asked, err := s.ask(ctx, d.caller, d.question(s.now()))
	if !asked {
		return false, err
	}
	if err == nil && answer.ErrorCode == webhook.AnswerAllow {
		err = d.change(answer)
	}
	if err != nil {
		return false, s.unanswered(d.caller.App)
	}
	switch code := answer.ErrorCode; {
	case code == webhook.AnswerAllow:
		return false, nil
	case code == webhook.AnswerDrop:
		return true, nil
	case code >= webhook.FirstMsgCode && code <= webhook.LastMsgCode:
		return false, msgRefused(Code(code), answer)
	}
	return false, msgRefused(CodeMsgRefused, answer)
}

func msgRefused(code Code, answer webhook.Answer) error {
	return Refuse(code, "%s", cmp.Or(answer.ErrorInfo, "the app server refused the message"))
}

func (d *draft) question(now time.Time) webhook.BeforeSendMsg {
	return webhook.BeforeSendMsg{
		GroupID: string(d.room), Type: webhook.GroupTypeLive, FromAccount: string(d.From),
		OperatorAccount: string(d.caller.User), Random: d.random, MsgID: d.id, MsgBody: d.Body,
		CloudCustomData: d.CloudCustomData, EventTime: now.UnixMilli(),
	}
}

// change puts what an answer has in place of what the message had. Nothing is changed when that cannot be delivered.
func (d *draft) change(answer webhook.Answer) error {
	body := d.Body
	if len(answer.MsgBody) > 0 {
		var err error
		if body, err = checkMsgBody(answer.MsgBody); err != nil {
			return err
		}
	}
	if data := answer.CloudCustomData; data != nil {
		if len(*data) > maxCloudData {
			return Refuse(CodeMsgTooLong, "CloudCustomData has %d bytes, at most %d are allowed", len(*data), maxCloudData)
		}
		d.CloudCustomData = *data
	}
	d.Body = body
	return nil
}

// unanswered is the app's policy: by default what the app server says nothing about passes.
func (s *Service) unanswered(app AppID) error {
	if !s.apps[app].RefuseUnanswered {
		return nil
	}
	return Refuse(CodeMsgNoAnswer, "the app server gave no valid answer, and the message is not delivered without one")
}

// checkMsgBody judges the elements of a message, and returns them without the white space of their JSON.
func checkMsgBody(body []webhook.MsgElement) ([]webhook.MsgElement, error) {
	if len(body) == 0 {
		return nil, badParameter("MsgBody is missing or empty")
	}
	checked := make([]webhook.MsgElement, len(body))
	size := len("[]") + len(body) - 1
	for i, e := range body {
		content := e.MsgContent.Clone()
		if content.Kind() != '{' || content.Compact() != nil {
			return nil, badParameter("MsgBody[%d].MsgContent is missing or no object", i)
		}
		if err := checkElement(e.MsgType, content); err != nil {
			return nil, badParameter("MsgBody[%d]: %s", i, err)
		}
		checked[i] = webhook.MsgElement{MsgType: e.MsgType, MsgContent: content, CloudCustomData: e.CloudCustomData}
		size += len(`{"MsgType":"","MsgContent":}`) + len(e.MsgType) + len(content)
		if e.CloudCustomData != "" {
			size += len(`,"CloudCustomData":`) + len(appendText(nil, e.CloudCustomData))
		}
	}
	if size > maxMsgBody {
		return nil, Refuse(CodeMsgTooLong, "MsgBody has %d bytes, at most %d are allowed", size, maxMsgBody)
	}
	return checked, nil
}

// checkElement judges the content of the kinds of elements that are known; others may hold anything.
func checkElement(msgType string, content jsontext.Value) error {
	switch msgType {
	case webhook.MsgTypeText:
		var c struct{ Text string }
		if err := json.Unmarshal(content, &c); err != nil || c.Text == "" {
			return fmt.Errorf("a %s must have a Text that is not empty", msgType)
		}
	case webhook.MsgTypeCustom:
		var c struct{ Data, Desc, Ext, Sound string }
		if err := json.Unmarshal(content, &c); err != nil {
			return fmt.Errorf("the Data, Desc, Ext and Sound of a %s must be texts", msgType)
		}
	case webhook.MsgTypeFace:
		var c struct {
			Index int64
			Data  string
		}
		if err := json.Unmarshal(content, &c); err != nil {
			return fmt.Errorf("the Index of a %s must be a whole number and its Data a text", msgType)
		}
	default:
		if !strings.HasPrefix(msgType, msgTypePrefix) || strings.ContainsFunc(msgType, notLetter) {
			return fmt.Errorf("its MsgType must name a kind of element, such as %s", webhook.MsgTypeText)
		}
	}
	return nil
}

func notLetter(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
}

// TextBody is the body of a message that is a text.
func TextBody(text string) []webhook.MsgElement {
	return []webhook.MsgElement{{MsgType: webhook.MsgTypeText, MsgContent: object("Text", text)}}
}

// CustomBody is the body of a custom message: its kind and its data are packed into the Data of one element (doc 74354).
func CustomBody(businessID, data string) []webhook.MsgElement {
	packed := object("BusinessId", businessID, "Data", data)
	return []webhook.MsgElement{{MsgType: webhook.MsgTypeCustom, MsgContent: object("Data", string(packed))}}
}

// object writes texts as a JSON object, given as names and values in turn.
func object(texts ...string) jsontext.Value {
	out := jsontext.Value("{")
	for i := 0; i < len(texts); i += 2 {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendText(append(appendText(out, texts[i]), ':'), texts[i+1])
	}
	return append(out, '}')
}

// appendText appends a JSON string; bytes that are no UTF-8 are replaced.
func appendText(dst jsontext.Value, text string) jsontext.Value {
	dst, _ = jsontext.AppendQuote(dst, strings.ToValidUTF8(text, "\uFFFD"))
	return dst
}
