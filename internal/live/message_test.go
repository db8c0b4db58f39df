package live_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

func text(s string) live.MessageSpec { return live.MessageSpec{Body: live.TextBody(s)} }

// says sends a text as a user, which must succeed.
func (w *world) says(id live.UserID, s string) live.Sent {
	w.t.Helper()
	sent, err := w.SendMessage(ctx, user(id), room, text(s))
	require.NoError(w.t, err)
	return sent
}

// fails sends a text as a user, which must be refused.
func (w *world) fails(code live.Code, id live.UserID) {
	w.t.Helper()
	_, err := w.SendMessage(ctx, user(id), room, text("hello"))
	require.Equal(w.t, code, live.CodeOf(err), "%v", err)
}

func TestWhoMaySpeakInARoom(t *testing.T) {
	w := peopled(t)
	require.EqualValues(t, 1, w.says("fan", "hello").Seq)
	require.EqualValues(t, 2, w.says("sleeper", "hello").Seq, "a member who is offline still is one")
	require.EqualValues(t, 3, w.says("host", "hello").Seq)
	require.EqualValues(t, 4, w.says("mod", "hello").Seq)
	w.fails(live.CodeNotMember, "stranger")
	w.fails(live.CodeNotMember, "administrator")
	require.EqualValues(t, 4, w.room().Messages)
	require.Len(t, w.fired(), 4)
}

func TestWhoMaySpeakInAMutedRoom(t *testing.T) {
	w := newWorld(t)
	_, err := w.CreateRoom(ctx, user("host"), live.RoomSpec{ID: room, Type: live.RoomTypeLive, MessageDisabled: true})
	require.NoError(t, err)
	require.NoError(t, w.ModifyAdmins(ctx, user("host"), room, []live.UserID{"mod"}, true))
	w.enter("fan")
	w.enter("administrator")
	w.fails(live.CodeMuted, "fan")
	w.says("host", "hello")
	w.says("mod", "hello")
	w.says("administrator", "an App admin on a client")
	_, err = w.SendMessage(ctx, by(live.KindAdmin, "administrator"), room, live.MessageSpec{From: "fan", Body: live.TextBody("by REST")})
	require.NoError(t, err)
}

func TestUsersAreRefusedWhatIsBeyondTheBudget(t *testing.T) {
	w := peopled(t)
	for range 40 {
		w.says("fan", "hello")
	}
	w.fired()
	w.fails(live.CodeMsgTooOften, "fan")
	w.fails(live.CodeMsgTooOften, "host")
	require.EqualValues(t, 40, w.room().Messages)
	require.Empty(t, w.fired())
}

// TestARoomIsJudgedAgainAfterTheAnswer: what happens while the app server thinks counts.
func TestARoomIsJudgedAgainAfterTheAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(*world) error
		code      live.Code
	}{
		"nothing": {func(*world) error { return nil }, 0},
		"somebody speaks": {func(w *world) error {
			_, err := w.SendMessage(ctx, by(live.KindAdmin, "bot"), room, live.MessageSpec{Body: live.TextBody("x"), Unasked: true})
			return err
		}, 0},
		"the sender leaves": {func(w *world) error { return w.Leave(ctx, user("fan"), room) }, live.CodeNotMember},
		"the room ends":     {func(w *world) error { _, err := w.DestroyRoom(ctx, user("host"), room); return err }, live.CodeNoRoom},
	} {
		t.Run(name, func(t *testing.T) {
			w := peopled(t)
			asked := false
			w.answers = func(live.Question) (webhook.Answer, error) {
				asked = true
				return webhook.Answer{}, c.meanwhile(w) // it could not if anything were locked
			}
			_, err := w.SendMessage(ctx, user("fan"), room, text("hello"))
			require.Equal(t, c.code, live.CodeOf(err), "%v", err)
			require.True(t, asked)
		})
	}
}

// TestTheBudgetIsJudgedAgainAfterTheAnswer: of messages that were asked about at the same time, those in the budget are
// delivered.
func TestTheBudgetIsJudgedAgainAfterTheAnswer(t *testing.T) {
	w := peopled(t)
	const callers = 60
	var asked sync.WaitGroup
	asked.Add(callers)
	w.answers = func(live.Question) (webhook.Answer, error) {
		asked.Done()
		asked.Wait() // all of them have been let through so far
		return webhook.Answer{}, nil
	}
	results := make(chan error, callers)
	for range callers {
		go func() {
			_, err := w.SendMessage(ctx, user("fan"), room, text("hello"))
			results <- err
		}()
	}
	codes := map[live.Code]int{}
	for range callers {
		codes[live.CodeOf(<-results)]++
	}
	require.Equal(t, map[live.Code]int{0: 40, live.CodeMsgTooOften: 20}, codes)
	require.EqualValues(t, 40, w.room().Messages)
}

// TestRepetitionsAtTheSameTimeAreOneMessage: they get one number, and the room hears one.
func TestRepetitionsAtTheSameTimeAreOneMessage(t *testing.T) {
	w := peopled(t)
	random := uint32(7)
	spec := text("hello")
	spec.Random = &random
	results := make(chan live.Sent, 20)
	for range cap(results) {
		go func() {
			sent, err := w.SendMessage(ctx, user("fan"), room, spec)
			if err != nil {
				t.Error(err)
			}
			results <- sent
		}()
	}
	for range cap(results) {
		require.Equal(t, live.Sent{Seq: 1, Time: began.Truncate(time.Second), Random: 7}, <-results)
	}
	require.Len(t, w.fired(), 1)
}

func TestAMessageEndsWithItsCaller(t *testing.T) {
	w := peopled(t)
	gone, cancel := context.WithCancel(ctx)
	w.answers = func(live.Question) (webhook.Answer, error) {
		cancel()
		return webhook.Answer{}, context.Canceled
	}
	_, err := w.SendMessage(gone, user("fan"), room, text("hello"))
	require.ErrorIs(t, err, context.Canceled, "and is not delivered for want of an answer")
	require.Zero(t, w.room().Messages)
}

func TestMessagesGoWithTheirRoom(t *testing.T) {
	w := peopled(t)
	random := uint32(7)
	spec := text("hello")
	spec.Random = &random
	for range 2 {
		sent, err := w.SendMessage(ctx, user("fan"), room, spec)
		require.NoError(t, err)
		require.EqualValues(t, 1, sent.Seq)
		w.people()
	}
}

func TestAPackedMessageIsJSONWhateverItHolds(t *testing.T) {
	for _, s := range []string{"", `"`, "\\", "<é>\u2028", "\xff", "{}"} {
		for _, body := range [][]webhook.MsgElement{live.TextBody(s), live.CustomBody(s, s)} {
			require.True(t, body[0].MsgContent.IsValid(), fmt.Sprintf("%q", s))
		}
	}
}

// again is a store that runs every update a second time, as one does that could not carry it out at first.
type again struct{ live.Store }

func (s again) Update(ctx context.Context, f func(live.Tx) error) error {
	failed := errors.New("the commit failed")
	err := s.Store.Update(ctx, func(tx live.Tx) error {
		if err := f(tx); err != nil {
			return err
		}
		return failed
	})
	if !errors.Is(err, failed) {
		return err
	}
	return s.Store.Update(ctx, f)
}

func TestAMessageCountsOnceHoweverOftenTheStoreTries(t *testing.T) {
	w := hosted(t)
	limits := live.DefaultLimits
	limits.MessagesPerSecond = 3
	s := live.NewService(again{w.store}, w, []*live.App{&w.app}, limits, w.now)
	_, err := s.Enter(ctx, user("fan"), room)
	require.NoError(t, err)
	for range 3 {
		_, err := s.SendMessage(ctx, user("fan"), room, live.MessageSpec{Body: live.TextBody("hi")})
		require.NoError(t, err)
	}
	_, err = s.SendMessage(ctx, user("fan"), room, live.MessageSpec{Body: live.TextBody("hi")})
	require.Equal(t, live.CodeMsgTooOften, live.CodeOf(err))
}
