package client

import (
	"context"
	"math/rand/v2"
)

// Priorities of a [GroupMessage]: what gives way when a room has more messages in a second than it gets.
const (
	PriorityHigh   = "High" // may use as much again
	PriorityNormal = "Normal"
	PriorityLow    = "Low"
	PriorityLowest = "Lowest"
)

// TextMessage is a text to a room. Zero values are left out of the request, so that the server's defaults hold.
type TextMessage struct {
	RoomID        string  `json:"RoomId"`
	Sender        string  `json:"Sender_Account"`         // whom it is from; need not be in the room
	Text          string  `json:"TextContent"`            // at least 1 byte; about 12,200 at most
	ExtensionInfo string  `json:"ExtensionInfo,omitzero"` // the app's own, usually JSON; at most 12,288 bytes
	Random        *uint32 `json:"Random,omitzero"`        // as in [GroupMessage]; only Greenroom knows it here
}

// CustomMessage is a message of the app's own kind to a room.
type CustomMessage struct {
	RoomID     string  `json:"RoomId"`
	Sender     string  `json:"Sender_Account,omitzero"` // default the caller
	BusinessID string  `json:"BusinessId"`              // its kind; at least 1 byte
	Data       string  `json:"Data"`                    // its content, usually JSON text
	Random     *uint32 `json:"Random,omitzero"`         // as in [GroupMessage]; only Greenroom knows it here
}

// GroupMessage is a message of any form to a room.
type GroupMessage struct {
	GroupID  string `json:"GroupId"`               // the room's RoomID
	Sender   string `json:"From_Account,omitzero"` // default the caller
	Priority string `json:"MsgPriority,omitzero"`  // default PriorityNormal
	// Random marks repetitions: a message with the Random of an earlier one, from the same sender to the same room within
	// 5 minutes, is that one and is not sent again. When it is nil one is made up.
	Random          *uint32      `json:"Random"`
	Body            []MsgElement `json:"MsgBody"`                  // at most 12,288 bytes as JSON
	CloudCustomData string       `json:"CloudCustomData,omitzero"` // the app's own, at most 12,288 bytes
	// ForbidCallbackControl may name ForbidBeforeSendMsgCallback, not to ask the app server about the message, and
	// ForbidAfterSendMsgCallback, not to tell it of the message.
	ForbidCallbackControl []string `json:"ForbidCallbackControl,omitzero"`
}

// MsgElement is one part of a message.
type MsgElement struct {
	MsgType    string `json:"MsgType"`    // like "TIMTextElem"
	MsgContent any    `json:"MsgContent"` // encodes as a JSON object
	// CloudCustomData is the app's own, of this element alone.
	CloudCustomData string `json:"CloudCustomData,omitzero"`
}

// TextElem is a text as part of a message.
func TextElem(text string) MsgElement {
	return MsgElement{MsgType: "TIMTextElem", MsgContent: struct{ Text string }{text}}
}

// SentMessage is what became of a message.
type SentMessage struct {
	MsgTime       int64  // Unix seconds
	MsgSeq        int64  // its number in the room, from 1
	MsgDropReason string // "MsgFreqCtrl" when there were too many messages and nobody got this one; else empty
}

// Dropped tells whether nobody got the message.
func (m SentMessage) Dropped() bool { return m.MsgDropReason != "" }

// SendText sends a text to a room (doc 74353). It fails with [CodeRoomNotFound], [CodeMuted], [CodeMsgTooLong], and with
// [CodeMsgRefused] or a code from 10100 to 10200 when the app server refuses the message.
func (c *Client) SendText(ctx context.Context, m TextMessage) (SentMessage, error) {
	return c.sendMessage(ctx, rooms+"send_text_msg", m)
}

// SendCustom sends a message of the app's own kind to a room (doc 74354). It fails like [Client.SendText].
func (c *Client) SendCustom(ctx context.Context, m CustomMessage) (SentMessage, error) {
	return c.sendMessage(ctx, rooms+"send_custom_msg", m)
}

// SendGroupMessage sends a message of any form to a room (doc 34959). It fails with [CodeGroupNotFound], [CodeSenderMuted],
// [CodeGroupParameter], and otherwise like [Client.SendText].
func (c *Client) SendGroupMessage(ctx context.Context, m GroupMessage) (SentMessage, error) {
	if m.Random == nil {
		m.Random = new(rand.Uint32())
	}
	return c.sendMessage(ctx, "group_open_http_svc/send_group_msg", m)
}

func (c *Client) sendMessage(ctx context.Context, command string, in any) (SentMessage, error) {
	var out SentMessage
	err := c.Do(ctx, command, in, &out)
	return out, err
}
