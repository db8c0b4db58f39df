package live

import (
	"context"
	"unicode/utf8"

	"github.com/greenroom-live/greenroom/webhook"
)

const (
	// maxGiftCount is how many of a gift one call may give to each receiver, maxGiftReceivers to how many. The
	// documentation gives no numbers (doc 72556).
	maxGiftCount     = 100_000
	maxGiftReceivers = 20
	// maxGiftTotal bounds what a room counts: the largest number that every reader of JSON reads exactly.
	maxGiftTotal = 1<<53 - 1
	// maxRefusalInfo is how much of an app server's own words is passed on, in bytes.
	maxRefusalInfo = 500
)

// GiftSending is one giving of gifts in a room.
type GiftSending struct {
	Gift  GiftID
	Count int      // for each receiver
	From  UserID   // a client's own user, whatever is said
	To    []UserID // the room's owner when a client says nobody
}

// GiftCount is what was given in a room, by everybody or by one.
type GiftCount struct {
	Sendings int64 // how often gifts were given
	Gifts    int64
	Coins    int64
	Senders  int64 // distinct ones
}

type giftSenderReader interface {
	// GiftsFrom returns what user has given in the room; false when nothing ever.
	GiftsFrom(app AppID, room RoomID, user UserID) (GiftCount, bool, error)
	// GiftSendings returns how often gifts were given in the room, by anybody.
	GiftSendings(app AppID, room RoomID) (int64, error)
}

type giftSenderWriter interface {
	// AddGiftsFrom adds a giving to what user has given in the room.
	AddGiftsFrom(app AppID, room RoomID, user UserID, gifts, coins int64) error
}

// GiftSent is the change that gifts were given. App servers are asked before it, and told nothing after it (doc 64413).
type GiftSent struct {
	Gift      Gift
	Count     int // for each receiver
	Sender    Account
	Receivers []Account
	Totals    Totals // of the room, after it
}

// Webhook returns nil: there is none.
func (GiftSent) Webhook(Event) webhook.Event { return nil }

// SendGift gives gifts in a room, after the app server agreed if it wants to be asked (docs 72556, 72210). A user must
// be in the room. What is counted is Count for each receiver, and the price for each of these. Codes:
// [CodeBadParameter], [CodeNoRoom], [CodeNotMember], [CodeGiftsOff], [CodeNoSuchGift], [CodeOverLimit] when a total of
// the room would become too large, [CodeGiftRefused], and the codes 102100 to 102200 of the app server's own.
func (s *Service) SendGift(ctx context.Context, caller Caller, room RoomID, sending GiftSending) error {
	if caller.Kind == KindUser {
		sending.From = caller.User
	}
	if err := sending.check(caller); err != nil {
		return err
	}
	var asked Gift
	err := s.store.View(ctx, func(r Reader) error {
		room, gift, err := s.judgeGift(r, caller, room, &sending)
		if err != nil {
			return err
		}
		asked = gift
		return room.checkGiftTotals(sending.counts(gift))
	})
	if err != nil {
		return err
	}
	if err := s.askForGift(ctx, caller, room, sending, asked.Coins); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		room, gift, err := s.judgeGift(tx, caller, room, &sending)
		if err != nil {
			return err
		}
		gift.Coins = asked.Coins // the price that was agreed to
		return s.giveGift(tx, caller, room, gift, sending)
	})
}

// check judges what needs no look at the state.
func (g GiftSending) check(caller Caller) error {
	if g.Count < 1 || g.Count > maxGiftCount {
		return badParameter("Count must be 1 to %d", maxGiftCount)
	}
	if len(g.To) == 0 && caller.Kind == KindUser {
		return nil
	}
	if len(g.To) == 0 || len(g.To) > maxGiftReceivers {
		return badParameter("ReceiverList_Account must name 1 to %d accounts", maxGiftReceivers)
	}
	for i, user := range g.To {
		for _, earlier := range g.To[:i] {
			if earlier == user {
				return badParameter("ReceiverList_Account names %q twice", user)
			}
		}
	}
	return nil
}

// judgeGift holds a giving against the state, and fills in its receiver when it has none. It is done twice: before the
// app server is asked, who may take money for it, and when the answer is there, while which anything can have happened.
func (s *Service) judgeGift(r Reader, caller Caller, id RoomID, g *GiftSending) (room Room, gift Gift, err error) {
	if err = authorizeMember(r, caller, id); err != nil {
		return room, gift, err
	}
	if room, err = roomRow(r, caller.App, id); err != nil {
		return room, gift, err
	}
	if !room.GiftEnabled {
		return room, gift, Refuse(CodeGiftsOff, "gifts are switched off in room %q", id)
	}
	if gift, err = mustGift(r, caller.App, g.Gift); err != nil {
		return room, gift, err
	}
	if len(g.To) == 0 {
		g.To = []UserID{room.Owner}
	}
	if err = s.mayName(r, caller.App, "From_Account", g.From); err != nil {
		return room, gift, err
	}
	for _, to := range g.To {
		if err = s.mayName(r, caller.App, "ReceiverList_Account", to); err != nil {
			return room, gift, err
		}
	}
	return room, gift, nil
}

func (r Room) checkGiftTotals(add Totals) error {
	if add.GiftsSent > maxGiftTotal-r.GiftsSent || add.GiftCoins > maxGiftTotal-r.GiftCoins {
		return Refuse(CodeOverLimit, "room %q would have counted more than %d gifts or coins", r.ID, int64(maxGiftTotal))
	}
	return nil
}

// counts is what a giving adds to the room's totals: at most 100,000 gifts for each of 20 receivers, whose coins are
// far from what an int64 holds.
func (g GiftSending) counts(gift Gift) Totals {
	n := int64(g.Count) * int64(len(g.To))
	return Totals{GiftsSent: n, GiftCoins: n * gift.Coins}
}

// askForGift asks the app server whether the gift may be given, if it wants that. It fails closed: without a valid
// answer nothing is given, unless the app has configured that it may be; an answer that refuses always holds (doc 72210).
func (s *Service) askForGift(ctx context.Context, caller Caller, room RoomID, g GiftSending, coins int64) error {
	answer, asked, err := s.ask(ctx, caller, webhook.BeforeSendGift{
		OperatorAccount: string(caller.User), RoomID: string(room),
		GiftWater: webhook.GiftWater{
			FromAccount: string(g.From), ToAccount: userStrings(g.To), Time: s.now().Unix(), GiftID: string(g.Gift),
			Count: int64(g.Count), Coins: coins,
		},
	})
	switch {
	case !asked:
		return err
	case err != nil:
		return s.giftUnanswered(ctx, caller)
	case answer.ErrorCode == webhook.AnswerAllow:
		return nil
	}
	code := CodeGiftRefused
	if answer.ErrorCode >= webhook.FirstGiftCode && answer.ErrorCode <= webhook.LastGiftCode {
		code = Code(answer.ErrorCode)
	}
	info := "the app server refused the gift"
	if answer.ErrorInfo != "" {
		info = shortened(answer.ErrorInfo, maxRefusalInfo)
	}
	return Refuse(code, "%s", info)
}

// giftUnanswered judges a gift about which the app server gave no valid answer.
func (s *Service) giftUnanswered(ctx context.Context, caller Caller) error {
	var callback Callback
	err := s.store.View(ctx, func(r Reader) (err error) {
		callback, _, err = r.Callback(caller.App)
		return err
	})
	if err != nil || callback.wants(webhook.CommandBeforeCallBackNotBlock) {
		return err
	}
	return Refuse(CodeGiftRefused, "the app server did not say whether the gift may be sent")
}

// shortened cuts text to at most n bytes, between characters.
func shortened(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}

// giveGift counts the gifts and tells the room.
func (s *Service) giveGift(tx Tx, caller Caller, room Room, gift Gift, g GiftSending) error {
	add := g.counts(gift)
	if err := room.checkGiftTotals(add); err != nil {
		return err
	}
	sent := GiftSent{Gift: gift, Count: g.Count, Receivers: make([]Account, len(g.To))}
	var err error
	if sent.Sender, err = admitted(tx, caller.App, g.From); err != nil {
		return err
	}
	for i, to := range g.To {
		if sent.Receivers[i], err = admitted(tx, caller.App, to); err != nil {
			return err
		}
	}
	_, gaveBefore, err := tx.GiftsFrom(caller.App, room.ID, g.From)
	if err != nil {
		return err
	}
	if !gaveBefore {
		add.GiftSenders = 1
	}
	if err := tx.AddGiftsFrom(caller.App, room.ID, g.From, add.GiftsSent, add.GiftCoins); err != nil {
		return err
	}
	if err := tx.AddTotals(caller.App, room.ID, add); err != nil {
		return err
	}
	sent.Totals = room.Totals
	sent.Totals.GiftsSent += add.GiftsSent
	sent.Totals.GiftCoins += add.GiftCoins
	sent.Totals.GiftSenders += add.GiftSenders
	return tx.Emit(s.event(caller, room.ID, sent))
}

// admitted registers a user who may be named and returns the account.
func admitted(tx Tx, app AppID, user UserID) (Account, error) {
	if err := register(tx, app, user); err != nil {
		return Account{}, err
	}
	return profile(tx, app, user)
}

// GiftCount returns what was given in a room (doc 72557): by everybody when from is empty or the room's owner, else by
// that user. Sendings are those of everybody in any case. A user must be the room's owner.
func (s *Service) GiftCount(ctx context.Context, caller Caller, id RoomID, from UserID) (GiftCount, error) {
	var count GiftCount
	err := s.store.View(ctx, func(r Reader) error {
		if err := authorize(r, caller, id, RoleOwner); err != nil {
			return err
		}
		room, err := roomRow(r, caller.App, id)
		if err != nil {
			return err
		}
		count = GiftCount{Gifts: room.GiftsSent, Coins: room.GiftCoins, Senders: room.GiftSenders}
		if from != "" && from != room.Owner {
			if count, _, err = r.GiftsFrom(caller.App, id, from); err != nil {
				return err
			}
		}
		count.Sendings, err = r.GiftSendings(caller.App, id)
		return err
	})
	return count, err
}
