package gateway

import (
	"context"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/greenroom-live/greenroom/internal/live"
)

// gift is a gift as clients see it.
type gift struct {
	GiftID        live.GiftID    `json:"giftID"`
	Name          string         `json:"name"`
	Desc          string         `json:"desc"`
	IconURL       string         `json:"iconURL"`
	ResourceURL   string         `json:"resourceURL"`
	Level         int            `json:"level"`
	Coins         int64          `json:"coins"`
	ExtensionInfo jsontext.Value `json:"extensionInfo"`
}

func newGift(g live.Gift, l live.Language) gift {
	text := g.In(l)
	return gift{
		GiftID: g.ID, Name: text.Name, Desc: text.Desc, IconURL: g.IconURL, ResourceURL: g.ResourceURL, Level: g.Level,
		Coins: g.Coins, ExtensionInfo: extension(g.ExtensionInfo),
	}
}

// extension is the app's own JSON value as it is, an empty object when there is none.
func extension(text string) jsontext.Value {
	if text == "" {
		return jsontext.Value("{}")
	}
	return jsontext.Value(text)
}

type giftCategory struct {
	CategoryID    live.GiftCategoryID `json:"categoryID"`
	Name          string              `json:"name"`
	Desc          string              `json:"desc"`
	ExtensionInfo jsontext.Value      `json:"extensionInfo"`
	GiftList      []gift              `json:"giftList"`
}

type usableGiftsParams struct {
	LiveID   string `json:"liveID"`
	Language string `json:"language"` // such as zh-CN or en-US
}

type usableGiftsReply struct {
	UsableGifts []giftCategory `json:"usableGifts"`
}

// refreshUsableGifts lists the app's gifts by category. A language without texts gets the default ones.
func refreshUsableGifts(ctx context.Context, c *call, in *usableGiftsParams) (*usableGiftsReply, error) {
	room, err := c.roomMeant(in.LiveID)
	if err != nil {
		return nil, err
	}
	shelves, err := c.g.live.UsableGifts(ctx, c.caller, room)
	if err != nil {
		return nil, err
	}
	language := live.LanguageOf(in.Language)
	reply := &usableGiftsReply{make([]giftCategory, len(shelves))}
	for i, s := range shelves {
		text := s.Category.In(language)
		category := giftCategory{
			CategoryID: s.Category.ID, Name: text.Name, Desc: text.Desc, ExtensionInfo: extension(s.Category.ExtensionInfo),
			GiftList: make([]gift, len(s.Gifts)),
		}
		for n, g := range s.Gifts {
			category.GiftList[n] = newGift(g, language)
		}
		reply.UsableGifts[i] = category
	}
	return reply, nil
}

type sendGiftParams struct {
	LiveID string `json:"liveID"`
	GiftID string `json:"giftID"`
	Count  *int   `json:"count"`
}

// sendGift gives the room's owner gifts.
func sendGift(ctx context.Context, c *call, in *sendGiftParams) (*none, error) {
	room, err := c.roomMeant(in.LiveID)
	if err != nil {
		return nil, err
	}
	sending := live.GiftSending{Count: 1}
	if in.Count != nil {
		sending.Count = *in.Count
	}
	if sending.Gift, err = live.ParseGiftID("giftID", in.GiftID); err != nil {
		return nil, err
	}
	return &none{}, c.g.live.SendGift(ctx, c.caller, room, sending)
}

// giftTotals are what a room has counted of gifts.
type giftTotals struct {
	TotalGiftsSent         int64 `json:"totalGiftsSent"`
	TotalGiftCoins         int64 `json:"totalGiftCoins"`
	TotalUniqueGiftSenders int64 `json:"totalUniqueGiftSenders"`
}

func newGiftTotals(t live.Totals) giftTotals {
	return giftTotals{t.GiftsSent, t.GiftCoins, t.GiftSenders}
}

func getGiftCountByAnchor(ctx context.Context, c *call, in *liveParams) (*giftTotals, error) {
	room, err := c.roomMeant(in.LiveID)
	if err != nil {
		return nil, err
	}
	count, err := c.g.live.GiftCount(ctx, c.caller, room, "")
	return &giftTotals{count.Gifts, count.Coins, count.Senders}, err
}

type giftReceived struct {
	Gift      gift     `json:"gift"` // with its default texts, as people of all languages are told
	Count     int      `json:"count"`
	Sender    person   `json:"sender"`
	Receivers []person `json:"receivers"`
}

func giftNotices(c live.GiftSent) []notice {
	received := giftReceived{Gift: newGift(c.Gift, ""), Count: c.Count, Sender: newPerson(c.Sender)}
	for _, r := range c.Receivers {
		received.Receivers = append(received.Receivers, newPerson(r))
	}
	return []notice{
		{event: "gift.onReceiveGift", data: received},
		{event: "gift.onGiftCountChanged", data: newGiftTotals(c.Totals)},
	}
}
