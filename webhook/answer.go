package webhook

// Answer is what an app server answers. To the webhooks that report what has happened it says nothing; to those that ask
// beforehand, [BeforeSendGift] and [BeforeSendMsg], its ErrorCode is the decision.
type Answer struct {
	ActionStatus string `json:"ActionStatus"` // "OK" or "FAIL"; decides nothing
	ErrorCode    int    `json:"ErrorCode"`    // 0 lets it happen
	ErrorInfo    string `json:"ErrorInfo"`    // text, may be empty

	// What these hold, in the answer to [BeforeSendMsg] with ErrorCode 0, is delivered instead.

	MsgBody         []MsgElement `json:"MsgBody,omitempty"`        // the parts of the message
	CloudCustomData *string      `json:"CloudCustomData,omitzero"` // the app's own, sent along with the message
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
