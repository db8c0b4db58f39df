package live_test

import (
	"cmp"
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

// overtaken is a store that carries out the next update twice, and lets something happen in between.
type overtaken struct {
	live.Store
	by func()
}

func (s *overtaken) Update(ctx context.Context, f func(live.Tx) error) error {
	by := s.by
	if s.by = nil; by == nil {
		return s.Store.Update(ctx, f)
	}
	_ = s.Store.Update(ctx, func(tx live.Tx) error { return cmp.Or(f(tx), errAgain) })
	by()
	return s.Store.Update(ctx, f)
}

// TestAnUpdateThatIsRunAgainGoesByWhatIsTrueThen has somebody else be quicker.
func TestAnUpdateThatIsRunAgainGoesByWhatIsTrueThen(t *testing.T) {
	admin := by(live.KindAdmin, "administrator")
	for name, test := range map[string]func(*testing.T, *world, *overtaken, *live.Service){
		"any seat": func(t *testing.T, w *world, s *overtaken, service *live.Service) {
			w.enter("fan")
			w.enter("other")
			s.by = func() { require.NoError(t, w.PickUserOnSeat(ctx, admin, room, 0, "other")) }
			seat, err := service.TakeSeat(ctx, user("fan"), room, live.AnySeat)
			require.NoError(t, err)
			require.Equal(t, 1, seat)
		},
		"gifts that do not exist": func(t *testing.T, w *world, s *overtaken, service *live.Service) {
			gift := func(id live.GiftID) live.GiftSpec {
				return live.GiftSpec{ID: id, GiftTextEdit: live.GiftTextEdit{Name: new("a name")}, Coins: new(1)}
			}
			require.NoError(t, w.AddGift(ctx, admin, gift("rose")))
			require.NoError(t, w.AddGiftCategory(ctx, admin,
				live.GiftCategorySpec{ID: "flowers", GiftTextEdit: live.GiftTextEdit{Name: new("a name")}}))
			s.by = func() { require.NoError(t, w.AddGift(ctx, admin, gift("lily"))) }
			invalid, err := service.AddGiftsToCategory(ctx, admin, "flowers", []live.GiftID{"rose", "lily"})
			require.NoError(t, err)
			require.Empty(t, invalid)
		},
		"a deleted account": func(t *testing.T, w *world, s *overtaken, service *live.Service) {
			require.NoError(t, w.ImportAccount(ctx, admin, live.AccountImport{ID: "fan"}))
			s.by = func() {
				_, err := w.DeleteAccounts(ctx, admin, []live.UserID{"fan"})
				require.NoError(t, err)
			}
			outcomes, err := service.DeleteAccounts(ctx, admin, []live.UserID{"fan"})
			require.NoError(t, err)
			require.Equal(t, live.CodeNoAccount, live.CodeOf(outcomes[0]))
			require.False(t, service.Revoked(app, "fan", w.now().Add(-time.Hour)), "nothing has ended that login here")
		},
		"the budget of messages": func(t *testing.T, w *world, s *overtaken, service *live.Service) {
			w.enter("fan")
			s.by = func() {}
			sent, err := service.SendMessage(ctx, user("fan"), room, live.MessageSpec{Body: live.TextBody("hello")})
			require.NoError(t, err)
			require.False(t, sent.Dropped)
			require.Equal(t, int64(1), w.room().Messages)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := hosted(t, func(l *live.Limits) { l.MessagesPerSecond = 1 })
			s := &overtaken{Store: w.store}
			test(t, w, s, live.NewService(s, w, []*live.App{&w.app}, w.limit, w.now))
		})
	}
}
