package webhook

// BeforeSendGift asks whether a gift may be sent; the app takes its price here (doc 72210). An [Answer] with ErrorCode 0
// lets it through and any other stops it; from [FirstGiftCode] to [LastGiftCode] the code is passed on to the sender. No
// valid answer within 2 s stops it too, unless the app has configured [CommandBeforeCallBackNotBlock].
type BeforeSendGift struct {
	OperatorAccount string    `json:"Operator_Account"` // who sends it; through REST the call's identifier
	RoomID          string    `json:"RoomId"`           // the room
	GiftWater       GiftWater `json:"GiftWater"`        // what is to be given
}

func (BeforeSendGift) Command() Command { return CommandBeforeSendGift }

// GiftWater is the record of a gift.
type GiftWater struct {
	FromAccount string   `json:"From_Account"` // who gives
	ToAccount   []string `json:"To_Account"`   // who receives, one or more
	Time        int64    `json:"Time"`         // when, Unix time in seconds
	GiftID      string   `json:"GiftId"`       // the gift in the catalogue
	Count       int64    `json:"Count"`        // how many of it
	Coins       int64    `json:"Coins"`        // price of one gift
}
