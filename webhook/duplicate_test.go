package webhook_test

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/webhook"
)

func TestAnEventThatComesAgainIsAnsweredAndNotProcessed(t *testing.T) {
	server := newAppServer(t, bothChecks)
	calls := 0
	webhook.On(server.Receiver, func(context.Context, webhook.Delivery, webhook.AfterDelMetadata) error {
		calls++
		return nil
	})
	for range 3 {
		status, body := server.send(withID("evt_1"))
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, okay, body)
	}
	require.Equal(t, 1, calls)
	server.send(withID("evt_2"))
	require.Equal(t, 2, calls)
}

func TestEventsWithoutAnIDAreAllProcessed(t *testing.T) {
	server := newAppServer(t, webhook.ReceiverConfig{})
	calls := 0
	webhook.On(server.Receiver, func(context.Context, webhook.Delivery, webhook.AfterDelMetadata) error {
		calls++
		return nil
	})
	for range 3 {
		server.send(withoutHeader(webhook.HeaderID))
	}
	require.Equal(t, 3, calls)
}

func TestOnlyTheLatestIDsAreRemembered(t *testing.T) {
	server := newAppServer(t, webhook.ReceiverConfig{Secrets: bothChecks.Secrets, RememberIDs: 2})
	var calls []string
	webhook.On(server.Receiver, func(_ context.Context, d webhook.Delivery, _ webhook.AfterDelMetadata) error {
		calls = append(calls, d.ID)
		return nil
	})
	for _, id := range []int{1, 2, 1, 3, 2, 3, 1, 3, 1, 2} {
		status, _ := server.send(withID(strconv.Itoa(id)))
		require.Equal(t, http.StatusOK, status)
	}
	require.Equal(t, []string{"1", "2", "3", "1", "2"}, calls)
}

// twice has an event delivered two times at once, and the function answer the first time with outcome, once the second
// delivery is on its way. It returns both statuses and the number of calls.
func twice(t *testing.T, outcome error) (statuses []int, calls int32) {
	server := newAppServer(t, bothChecks)
	entered, leave := make(chan struct{}), make(chan struct{})
	var count atomic.Int32
	webhook.On(server.Receiver, func(context.Context, webhook.Delivery, webhook.AfterDelMetadata) error {
		if count.Add(1) > 1 {
			return nil
		}
		close(entered)
		<-leave
		return outcome
	})
	answers := make(chan int, 2)
	deliver := func() {
		status, _ := server.send()
		answers <- status
	}
	go deliver()
	<-entered
	go deliver()
	close(leave)
	return []int{<-answers, <-answers}, count.Load()
}

func TestTwoDeliveriesAtOnceAreProcessedOnce(t *testing.T) {
	statuses, calls := twice(t, nil)
	require.Equal(t, []int{http.StatusOK, http.StatusOK}, statuses)
	require.EqualValues(t, 1, calls)
}

func TestTheSecondDeliveryGetsItsChanceWhenTheFirstFails(t *testing.T) {
	statuses, calls := twice(t, errors.New("disk full"))
	require.ElementsMatch(t, []int{http.StatusOK, http.StatusInternalServerError}, statuses)
	require.EqualValues(t, 2, calls)
}
