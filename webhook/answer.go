package webhook

// Answer is what an app server answers. To the webhooks that report what has happened it says nothing; to those that ask
// beforehand, [BeforeSendGift] and [BeforeSendMsg], its ErrorCode is the decision.
type Answer struct {
	ActionStatus string `json:"ActionStatus"` // "OK" or "FAIL"; decides nothing
	ErrorCode    int    `json:"ErrorCode"`    // 0 lets it happen
	ErrorInfo    string `json:"ErrorInfo"`

	// MsgBody and CloudCustomData, when given in the answer to [BeforeSendMsg] with ErrorCode 0, replace what is delivered.
	MsgBody         []MsgElement `json:"MsgBody,omitempty"`
	CloudCustomData *string      `json:"CloudCustomData,omitzero"`
}

// The values of [Answer].ErrorCode that have a meaning of their own.
const (
	AnswerAllow  = 0
	AnswerRefuse = 1 // it does not happen; who sent a message gets 10016, who sent a gift 102004
	AnswerDrop   = 2 // a message only: it is not delivered, and who sent it is told that it was

	// Refusals whose code is passed on to who sent the message or the gift (docs 74347, 72210), both ends included.
	FirstMsgCode, LastMsgCode   = 10100, 10200
	FirstGiftCode, LastGiftCode = 102100, 102200
)
