package gateway

import (
	"context"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

type sendTextParams struct {
	LiveID        string            `json:"liveID"`
	Text          string            `json:"text"`
	ExtensionInfo map[string]string `json:"extensionInfo"`
	Random        *uint32           `json:"random"`
}

type sendCustomParams struct {
	LiveID     string  `json:"liveID"`
	BusinessID string  `json:"businessID"`
	Data       string  `json:"data"`
	Random     *uint32 `json:"random"`
}

type sendReply struct {
	Sequence          int64  `json:"sequence"`
	TimestampInSecond int64  `json:"timestampInSecond"`
	Random            uint32 `json:"random"`
}

// sendTextMessage sends a text to everybody in the room, the sender among them.
func sendTextMessage(ctx context.Context, c *call, in *sendTextParams) (*sendReply, error) {
	if in.Text == "" {
		return nil, badParameter("text is missing or empty")
	}
	spec := live.MessageSpec{Body: live.TextBody(in.Text), Random: in.Random}
	if len(in.ExtensionInfo) > 0 {
		text, err := json.Marshal(in.ExtensionInfo, json.Deterministic(true))
		if err != nil {
			return nil, err
		}
		spec.CloudCustomData = string(text)
	}
	return c.send(ctx, in.LiveID, spec)
}

// sendCustomMessage sends a message of the app's own kind to everybody in the room, the sender among them.
func sendCustomMessage(ctx context.Context, c *call, in *sendCustomParams) (*sendReply, error) {
	if in.BusinessID == "" {
		return nil, badParameter("businessID is missing or empty")
	}
	return c.send(ctx, in.LiveID, live.MessageSpec{Body: live.CustomBody(in.BusinessID, in.Data), Random: in.Random})
}

// send delivers a message. While the app server is asked about it, only this connection's calls wait.
func (c *call) send(ctx context.Context, liveID string, spec live.MessageSpec) (*sendReply, error) {
	room, err := c.roomMeant(liveID)
	if err != nil {
		return nil, err
	}
	sent, err := c.g.live.SendMessage(ctx, c.caller, room, spec)
	return &sendReply{sent.Seq, sent.Time.Unix(), sent.Random}, err
}

// barrage is what every message has.
type barrage struct {
	Sender            person            `json:"sender"`
	Sequence          int64             `json:"sequence"`
	TimestampInSecond int64             `json:"timestampInSecond"`
	Random            uint32            `json:"random"`
	ExtensionInfo     map[string]string `json:"extensionInfo,omitempty"`
	// CloudCustomData is what the message carries beside its content, where that is no extensionInfo.
	CloudCustomData string `json:"cloudCustomData,omitempty"`
	// MsgBody is the whole message, where it has more than the event's own fields tell.
	MsgBody []webhook.MsgElement `json:"msgBody,omitempty"`
}

type barrageReceived struct {
	TextContent string `json:"textContent"`
	barrage
}

type customMessageReceived struct {
	BusinessID string `json:"businessID"`
	Data       string `json:"data"`
	barrage
}

// messageNotice tells a message: as a text when it has any, else as a custom message. What is of another form than
// clients send comes whole as well.
func messageNotice(m live.Message) notice {
	common := barrage{Sender: newPerson(m.From), Sequence: m.Seq, TimestampInSecond: m.Time.Unix(), Random: m.Random}
	if m.CloudCustomData != "" {
		err := json.Unmarshal([]byte(m.CloudCustomData), &common.ExtensionInfo)
		if err != nil || len(common.ExtensionInfo) == 0 {
			common.ExtensionInfo, common.CloudCustomData = nil, m.CloudCustomData
		}
	}
	if businessID, data, ok := unpack(m.Body); ok {
		return notice{event: "barrage.onCustomMessageReceived", data: customMessageReceived{businessID, data, common}}
	}
	text, whole := textOf(m.Body)
	if !whole {
		common.MsgBody = m.Body
	}
	if text == "" {
		return notice{event: "barrage.onCustomMessageReceived", data: customMessageReceived{barrage: common}}
	}
	return notice{event: "barrage.onBarrageReceived", data: barrageReceived{text, common}}
}

// textOf returns the texts of a message, and whether it is nothing else than one text.
func textOf(body []webhook.MsgElement) (text string, whole bool) {
	var all strings.Builder
	fields := 0
	for _, e := range body {
		if e.MsgType != webhook.MsgTypeText {
			continue
		}
		var content map[string]any
		_ = json.Unmarshal(e.MsgContent, &content) // it was checked when it was sent
		fields += len(content)
		if e.CloudCustomData != "" {
			fields++
		}
		one, _ := content["Text"].(string)
		all.WriteString(one)
	}
	return all.String(), len(body) == 1 && fields == 1
}

// unpack returns the kind and the data of a message that is a custom message and nothing else, see [live.CustomBody].
func unpack(body []webhook.MsgElement) (businessID, data string, ok bool) {
	if len(body) != 1 || body[0].MsgType != webhook.MsgTypeCustom || body[0].CloudCustomData != "" {
		return "", "", false
	}
	var content, packed map[string]string
	if json.Unmarshal(body[0].MsgContent, &content) != nil || json.Unmarshal([]byte(content["Data"]), &packed) != nil {
		return "", "", false
	}
	businessID, named := packed["BusinessId"]
	data, filled := packed["Data"]
	return businessID, data, named && filled && len(packed) == 2 && len(content) == 1
}
