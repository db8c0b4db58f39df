package webhook

// BeforeSendGift asks whether a gift may be sent; the app takes its price here (doc 72210). An [Answer] with ErrorCode 0
// lets it through and any other stops it; from [FirstGiftCode] to [LastGiftCode] the code is passed on to the sender. No
// valid answer within 2 s stops it too, unless the app has configured [CommandBeforeCallBackNotBlock].
type BeforeSendGift struct {
	OperatorAccount string    `json:"Operator_Account"` // who sends it; through REST the call's identifier
	RoomID          string    `json:"RoomId"`
	GiftWater       GiftWater `json:"GiftWater"`
}

func (BeforeSendGift) Command() Command { return CommandBeforeSendGift }

// GiftWater is the record of a gift.
type GiftWater struct {
	FromAccount string   `json:"From_Account"`
	ToAccount   []string `json:"To_Account"`
	Time        int64    `json:"Time"` // Unix time, seconds
	GiftID      string   `json:"GiftId"`
	Count       int64    `json:"Count"`
	Coins       int64    `json:"Coins"` // price of one gift
}
