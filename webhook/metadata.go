package webhook

// AfterSetMetadata reports that metadata of a room was written (doc 68222).
type AfterSetMetadata struct {
	OperatorAccount string     `json:"Operator_Account"` // who wrote it
	RoomID          string     `json:"RoomId"`           // the room
	Metadata        []Metadata `json:"Metadata"`         // what this call wrote, not all that the room has
	EventTime       int64      `json:"EventTime"`        // when it happened, Unix time in ms
}

func (AfterSetMetadata) Command() Command { return CommandAfterSetMetadata }

// Metadata is one key of a room and its value.
type Metadata struct {
	Key   string `json:"Key"`   // the key
	Value string `json:"Value"` // its value
}

// AfterDelMetadata reports that metadata of a room was deleted (doc 68223).
type AfterDelMetadata struct {
	OperatorAccount string   `json:"Operator_Account"` // who deleted it
	RoomID          string   `json:"RoomId"`           // the room
	Keys            []string `json:"Keys"`             // what this call really removed, in the order asked, each once
	EventTime       int64    `json:"EventTime"`        // when it happened, Unix time in ms
}

func (AfterDelMetadata) Command() Command { return CommandAfterDelMetadata }
