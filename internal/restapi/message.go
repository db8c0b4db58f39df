package restapi

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

// object is a JSON object that is passed on as it is.
type object struct{ text jsontext.Value }

var errNoObject = errors.New("not an object")

// UnmarshalJSONFrom implements json.UnmarshalerFrom. null is as if nothing was given.
func (o *object) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	v, err := dec.ReadValue()
	if err != nil {
		return err
	}
	switch v.Kind() {
	case 'n':
		o.text = nil
	case '{':
		o.text = v.Clone()
	default:
		return errNoObject
	}
	return nil
}

type sendTextMsgRequest struct {
	RoomID        string `json:"RoomId" req:"true" doc:"The room, 1 to 48 bytes of printable ASCII."`
	SenderAccount string `json:"Sender_Account" req:"true" doc:"Whom the message is from, 1 to 32 bytes of printable ASCII. It need not be in the room."`
	TextContent   string `json:"TextContent" req:"true" doc:"The text: at least 1 byte; packed as a message, at most 12,288 bytes of JSON."`
	ExtensionInfo string `json:"ExtensionInfo" doc:"The app's own, usually the text of a JSON object; at most 12,288 bytes. Webhooks have it as CloudCustomData."`
	Random        *int   `json:"Random" doc:"Ours, not the vendor's: 0 to 4294967295. A call with the Random of an earlier one, from the same sender to the same room within 5 minutes, is answered like that one and sends nothing. Default: a random number."`
}

type sendCustomMsgRequest struct {
	RoomID        string  `json:"RoomId" req:"true" doc:"The room, 1 to 48 bytes of printable ASCII."`
	SenderAccount string  `json:"Sender_Account" doc:"Whom the message is from, 1 to 32 bytes of printable ASCII. It need not be in the room. Default: the caller."`
	BusinessID    string  `json:"BusinessId" req:"true" doc:"The kind of the message, a word of the app's own; at least 1 byte."`
	Data          *string `json:"Data" req:"true" doc:"The content, usually JSON text; may be empty. Packed as a message, at most 12,288 bytes of JSON."`
	Random        *int    `json:"Random" doc:"Ours, not the vendor's: as in send_text_msg."`
}

type sendMsgResponse struct {
	MsgTime       int64  `json:"MsgTime" doc:"When the message was sent, Unix time in seconds."`
	MsgSeq        int64  `json:"MsgSeq" doc:"Its number in the room, from 1, growing; 0 when it was dropped."`
	MsgDropReason string `json:"MsgDropReason,omitempty" doc:"MsgFreqCtrl when the room had too many messages in that second and nobody got this one; not there otherwise."`
}

// sendTextMsg is send_text_msg (doc 74353).
func sendTextMsg(ctx context.Context, c *call, in *sendTextMsgRequest) (*sendMsgResponse, error) {
	if in.TextContent == "" {
		return nil, live.Refuse(live.CodeBadParameter, "TextContent is missing or empty")
	}
	if in.SenderAccount == "" {
		return nil, live.Refuse(live.CodeBadParameter, "Sender_Account is missing")
	}
	return sendLiveMsg(ctx, c, in.RoomID, in.SenderAccount, in.Random, live.MessageSpec{
		Body: live.TextBody(in.TextContent), CloudCustomData: in.ExtensionInfo,
	})
}

// sendCustomMsg is send_custom_msg (doc 74354).
func sendCustomMsg(ctx context.Context, c *call, in *sendCustomMsgRequest) (*sendMsgResponse, error) {
	if in.BusinessID == "" {
		return nil, live.Refuse(live.CodeBadParameter, "BusinessId is missing or empty")
	}
	if in.Data == nil {
		return nil, live.Refuse(live.CodeBadParameter, "Data is missing")
	}
	return sendLiveMsg(ctx, c, in.RoomID, in.SenderAccount, in.Random, live.MessageSpec{
		Body: live.CustomBody(in.BusinessID, *in.Data),
	})
}

func sendLiveMsg(ctx context.Context, c *call, room, from string, random *int, spec live.MessageSpec) (*sendMsgResponse, error) {
	id, err := live.ParseRoomID(room)
	if err != nil {
		return nil, err
	}
	if spec.From, err = live.ParseUserID("Sender_Account", cmp.Or(from, string(c.caller.User))); err != nil {
		return nil, err
	}
	if spec.Random, err = parseRandom(random); err != nil {
		return nil, err
	}
	sent, err := c.live.SendMessage(ctx, c.caller, id, spec)
	return newSendMsgResponse(sent), recoded(err, liveCodes)
}

func newSendMsgResponse(sent live.Sent) *sendMsgResponse {
	out := &sendMsgResponse{MsgTime: sent.Time.Unix(), MsgSeq: sent.Seq}
	if sent.Dropped {
		out.MsgDropReason = "MsgFreqCtrl"
	}
	return out
}

func parseRandom(n *int) (*uint32, error) {
	if n == nil {
		return nil, nil
	}
	if *n < 0 || *n > math.MaxUint32 {
		return nil, live.Refuse(live.CodeBadParameter, "Random must be from 0 to 4294967295")
	}
	random := uint32(*n)
	return &random, nil
}

type msgElement struct {
	MsgType         string `json:"MsgType" req:"true" doc:"TIMTextElem, TIMCustomElem, TIMFaceElem, or another kind, whose content is passed on unseen. The name begins with TIM."`
	MsgContent      object `json:"MsgContent" req:"true" doc:"The element's content. TIMTextElem: Text (not empty). TIMCustomElem: the texts Data, Desc, Ext, Sound. TIMFaceElem: the number Index, the text Data."`
	CloudCustomData string `json:"CloudCustomData" doc:"The app's own for this element; usually the whole message has it instead. Counts as a part of MsgBody."`
}

type sendGroupMsgRequest struct {
	GroupID                 string       `json:"GroupId" req:"true" doc:"The room's RoomId."`
	Random                  *int         `json:"Random" req:"true" doc:"0 to 4294967295. A call with the Random of an earlier one, from the same sender to the same room within 5 minutes, is answered like that one and sends nothing."`
	MsgBody                 []msgElement `json:"MsgBody" req:"true" doc:"The message: at least 1 element; at most 12,288 bytes of compact JSON together."`
	FromAccount             string       `json:"From_Account" doc:"Whom the message is from, 1 to 32 bytes of printable ASCII. It need not be in the room. Default: the caller."`
	MsgPriority             string       `json:"MsgPriority" doc:"High, Normal (default), Low or Lowest: what gives way when the room has more messages in a second than it gets."`
	CloudCustomData         string       `json:"CloudCustomData" doc:"The app's own; at most 12,288 bytes."`
	SupportMessageExtension int          `json:"SupportMessageExtension" doc:"Taken and without effect."`
	OfflinePushInfo         object       `json:"OfflinePushInfo" doc:"Taken and without effect: nothing is pushed to devices."`
	SendMsgControl          []string     `json:"SendMsgControl" doc:"Taken and without effect; at most 10 words, such as NoMsgCheck."`
	ForbidCallbackControl   []string     `json:"ForbidCallbackControl" doc:"ForbidBeforeSendMsgCallback: the app server is not asked about the message. ForbidAfterSendMsgCallback: it is not told of it. At most 10 words."`
	OnlineOnlyFlag          int          `json:"OnlineOnlyFlag" doc:"Taken and without effect: messages of a live room are not kept for who is away."`
}

// maxMsgControls is how many words a list of controls may have, a bound of ours.
const maxMsgControls = 10

var msgPriorities = map[string]live.Priority{
	"": live.PriorityNormal, "High": live.PriorityHigh, "Normal": live.PriorityNormal, "Low": live.PriorityLow,
	"Lowest": live.PriorityLowest,
}

const forbidBeforeSendMsg, forbidAfterSendMsg = "ForbidBeforeSendMsgCallback", "ForbidAfterSendMsgCallback"

// sendGroupMsg is send_group_msg (doc 34959).
func sendGroupMsg(ctx context.Context, c *call, in *sendGroupMsgRequest) (*sendMsgResponse, error) {
	spec, err := in.spec(c)
	if err != nil {
		return nil, recoded(err, groupCodes)
	}
	if in.GroupID == "" {
		return nil, live.Refuse(live.CodeGroupParameter, "GroupId is missing")
	}
	room, err := live.ParseRoomID(in.GroupID)
	if err != nil {
		return nil, live.Refuse(live.CodeGroupParameter, "GroupId must be 1 to 48 bytes of printable ASCII")
	}
	sent, err := c.live.SendMessage(ctx, c.caller, room, spec)
	return newSendMsgResponse(sent), recoded(err, groupCodes)
}

// spec puts the request into the domain's words.
func (in *sendGroupMsgRequest) spec(c *call) (spec live.MessageSpec, err error) {
	if in.Random == nil {
		return spec, live.Refuse(live.CodeBadParameter, "Random is missing")
	}
	if spec.Random, err = parseRandom(in.Random); err != nil {
		return spec, err
	}
	if spec.From, err = live.ParseUserID("From_Account", cmp.Or(in.FromAccount, string(c.caller.User))); err != nil {
		return spec, err
	}
	var known bool
	if spec.Priority, known = msgPriorities[in.MsgPriority]; !known {
		return spec, live.Refuse(live.CodeBadParameter, "MsgPriority must be High, Normal, Low or Lowest")
	}
	if len(in.SendMsgControl) > maxMsgControls || slices.Contains(in.SendMsgControl, "") {
		return spec, live.Refuse(live.CodeBadParameter, "SendMsgControl must have at most %d words, none of them empty", maxMsgControls)
	}
	if len(in.ForbidCallbackControl) > maxMsgControls {
		return spec, live.Refuse(live.CodeBadParameter, "ForbidCallbackControl must have at most %d words", maxMsgControls)
	}
	for _, word := range in.ForbidCallbackControl {
		switch word {
		case forbidBeforeSendMsg:
			spec.Unasked = true
		case forbidAfterSendMsg:
			spec.Unreported = true
		default:
			return spec, live.Refuse(live.CodeBadParameter, "ForbidCallbackControl must name %s or %s", forbidBeforeSendMsg, forbidAfterSendMsg)
		}
	}
	spec.CloudCustomData = in.CloudCustomData
	spec.Body = make([]webhook.MsgElement, len(in.MsgBody))
	for i, e := range in.MsgBody {
		spec.Body[i] = webhook.MsgElement{MsgType: e.MsgType, MsgContent: e.MsgContent.text, CloudCustomData: e.CloudCustomData}
	}
	return spec, nil
}

// What a message is refused with differs between the live engine's commands and chat's (docs 60027, 34348).
var (
	liveCodes  = map[live.Code]live.Code{live.CodeNoGroupAccount: live.CodeBadParameter}
	groupCodes = map[live.Code]live.Code{
		live.CodeBadParameter: live.CodeGroupParameter, live.CodeNoRoom: live.CodeNoGroup, live.CodeMuted: live.CodeSenderMuted,
	}
)

// recoded gives a refusal the code that its family has for it.
func recoded(err error, codes map[live.Code]live.Code) error {
	var refusal *live.Error
	if !errors.As(err, &refusal) {
		return err
	}
	if code, ok := codes[refusal.Code]; ok {
		return live.Refuse(code, "%s", refusal.Info)
	}
	return err
}
