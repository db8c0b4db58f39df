package webhook

import "github.com/go-json-experiment/json/jsontext"

// AfterCloudRecordingChanged reports what a recorder of a room's media does (doc 78428). Greenroom records no media and
// does not send it; the type is here for receivers that also take webhooks of a server that does.
type AfterCloudRecordingChanged struct {
	EventGroupID int           `json:"EventGroupId"` // 3 cloud recording, 8 recording of a web page
	EventType    int           `json:"EventType"`    // 301 to 312 (doc 54914)
	CallbackTs   int64         `json:"CallbackTs"`   // when this was sent, Unix time in ms
	EventInfo    RecordingInfo `json:"EventInfo"`    // what happened
}

func (AfterCloudRecordingChanged) Command() Command { return CommandAfterCloudRecordingChanged }

// RecordingInfo says what happened to a recording.
type RecordingInfo struct {
	RoomID    jsontext.Value `json:"RoomId"`    // a string, or a number
	EventTs   int64          `json:"EventTs"`   // when it happened, Unix time in seconds
	EventMsTs int64          `json:"EventMsTs"` // the same in ms
	UserID    string         `json:"UserId"`    // the recorder
	TaskID    string         `json:"TaskId"`    // the recording
	Payload   jsontext.Value `json:"Payload"`   // an object whose fields depend on EventType
}
