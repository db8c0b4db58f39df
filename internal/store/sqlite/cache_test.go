package sqlite

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

// TestTheCacheAgreesWithTheRows makes updates at random, some of which fail, panic or break the whole transaction, and
// holds what the writer knows by heart against the rows before and after every step.
func TestTheCacheAgreesWithTheRows(t *testing.T) {
	opts := options(folder(t))
	opts.MaxBatch = 8
	s, err := Open(opts, deaf{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	var callers sync.WaitGroup
	for n := range 4 { // so that updates share commits
		callers.Go(func() {
			random := rand.New(rand.NewPCG(uint64(n), 7))
			for range 300 {
				_ = s.Update(background, func(own live.Tx) error { return randomUpdate(t, random, own.(*tx)) })
			}
		})
	}
	callers.Wait()
}

var errOfTest = errors.New("refused")

// randomUpdate does a few things at random and ends in one of several ways.
func randomUpdate(t *testing.T, random *rand.Rand, own *tx) error {
	for range random.IntN(5) {
		agree(t, own)
		if err := randomStep(random, own); err != nil {
			return err
		}
	}
	agree(t, own)
	switch random.IntN(12) {
	case 0, 1:
		return errOfTest
	case 2:
		panic("of a test")
	case 3:
		return errors.Join(own.begin(), own.c.do("ROLLBACK")) // what a failing disk does to everybody in the commit
	}
	return nil
}

func randomStep(random *rand.Rand, own *tx) error {
	app, room := live.AppID(1+random.IntN(2)), live.RoomID(fmt.Sprint("r", random.IntN(2)))
	key := fmt.Sprint("k", random.IntN(3))
	_, exists, err := own.reader.RoomOwner(app, room)
	if err != nil {
		return err
	}
	switch random.IntN(8) {
	case 0:
		if !exists {
			return own.InsertRoom(app, live.Room{ID: room, Owner: live.UserID(fmt.Sprint("u", random.IntN(5)))})
		}
	case 1:
		return own.DeleteRoom(app, room)
	case 2:
		return own.SetRoomOwner(app, room, live.UserID(fmt.Sprint("u", random.IntN(5))))
	case 3, 4:
		if exists {
			return own.PutMetadata(app, room, live.Pair{Key: key, Value: fmt.Sprint(random.IntN(1000))})
		}
	case 5:
		_, err = own.DeleteMetadata(app, room, key)
		return err
	case 6:
		return own.PutCallback(app, live.Callback{URL: "http://x/", Commands: randomWords(random)})
	case 7:
		return own.DeleteCallback(app)
	}
	return nil
}

func randomWords(random *rand.Rand) []string {
	if random.IntN(2) == 0 {
		return []string{}
	}
	return []string{string(webhook.CommandAfterSetMetadata)}
}

// agree compares what an update is answered, from the cache when it can, with the rows.
func agree(t *testing.T, own *tx) {
	for app := live.AppID(1); app <= 2; app++ {
		for _, room := range []live.RoomID{"r0", "r1"} {
			owner, found, err := own.RoomOwner(app, room)
			rowOwner, rowFound, rowErr := own.reader.RoomOwner(app, room)
			sizes, sizesErr := own.MetadataSizes(app, room)
			rowSizes, rowSizesErr := own.reader.MetadataSizes(app, room)
			if err := errors.Join(err, rowErr, sizesErr, rowSizesErr); err != nil {
				t.Error(err)
			}
			if owner != rowOwner || found != rowFound {
				t.Errorf("owner %q %v, in the row %q %v", owner, found, rowOwner, rowFound)
			}
			if fmt.Sprint(sizes) != fmt.Sprint(rowSizes) {
				t.Errorf("sizes %v, of the rows %v", sizes, rowSizes)
			}
		}
		known, err := own.w.callback(own.reader, app)
		if err != nil {
			t.Error(err)
			continue
		}
		row, _, err := own.reader.Callback(app)
		if err != nil || known.wants(webhook.CommandAfterSetMetadata) != (len(row.Commands) > 0) {
			t.Errorf("webhook configuration %v, in the row %v, %v", known.on, row, err)
		}
	}
}
