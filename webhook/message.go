package webhook

import "github.com/go-json-experiment/json/jsontext"

// GroupTypeLive is the Type of every live room's messages.
const GroupTypeLive = "Live"

// The kinds of message elements that Greenroom itself makes; others are passed on as they are.
const (
	MsgTypeText   = "TIMTextElem"
	MsgTypeCustom = "TIMCustomElem"
	MsgTypeFace   = "TIMFaceElem"
)

// MsgElement is one part of a message: its kind, and its content as JSON, such as {"Text":"hello"}.
type MsgElement struct {
	MsgType    string         `json:"MsgType"`    // MsgTypeText, MsgTypeCustom, MsgTypeFace or another kind of chat's
	MsgContent jsontext.Value `json:"MsgContent"` // an object whose fields depend on MsgType
	// CloudCustomData is the app's own for this part, as some senders give it; the message has one too.
	CloudCustomData string `json:"CloudCustomData,omitempty"`
}

// BeforeSendMsg asks whether a message to a room may be delivered (doc 74347). An [Answer] with ErrorCode 0 delivers it,
// changed if the answer has a MsgBody or CloudCustomData; [AnswerDrop] drops it silently; any other code refuses it, and
// from [FirstMsgCode] to [LastMsgCode] the code is passed on to the sender. No valid answer within 2 s delivers it, unless
// the app is configured otherwise.
type BeforeSendMsg struct {
	GroupID         string       `json:"GroupId"`          // the room
	Type            string       `json:"Type"`             // GroupTypeLive
	FromAccount     string       `json:"From_Account"`     // who sends it
	OperatorAccount string       `json:"Operator_Account"` // who asked for it; through REST the call's identifier
	Random          uint32       `json:"Random"`           // as the sender gave it, to tell repetitions
	MsgID           string       `json:"MsgId"`            // the message
	MsgBody         []MsgElement `json:"MsgBody"`          // the parts of the message
	CloudCustomData string       `json:"CloudCustomData"`  // the app's own, sent along with the message
	EventTime       int64        `json:"EventTime"`        // when it happened, Unix time in ms
}

func (BeforeSendMsg) Command() Command { return CommandBeforeSendMsg }

// AfterSendMsg reports that a message was delivered to a room (doc 74348).
type AfterSendMsg struct {
	GroupID         string       `json:"GroupId"`          // the room
	Type            string       `json:"Type"`             // GroupTypeLive
	FromAccount     string       `json:"From_Account"`     // who sent it
	OperatorAccount string       `json:"Operator_Account"` // who asked for it; through REST the call's identifier
	Random          uint32       `json:"Random"`           // as the sender gave it, to tell repetitions
	MsgID           string       `json:"MsgId"`            // the message
	MsgSeq          int64        `json:"MsgSeq"`           // grows with every message of the room, from 1
	MsgTime         int64        `json:"MsgTime"`          // when it was sent, Unix time in seconds
	MsgBody         []MsgElement `json:"MsgBody"`          // the parts of the message
	CloudCustomData string       `json:"CloudCustomData"`  // the app's own, sent along with the message
	EventTime       int64        `json:"EventTime"`        // when it happened, Unix time in ms
}

func (AfterSendMsg) Command() Command { return CommandAfterSendMsg }
