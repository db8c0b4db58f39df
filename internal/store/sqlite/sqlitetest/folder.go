// Package sqlitetest makes data folders for tests.
package sqlitetest

import (
	"log/slog"

	"github.com/greenroom-live/greenroom/internal/observe"
	"github.com/greenroom-live/greenroom/internal/store"
	"github.com/greenroom-live/greenroom/internal/store/sqlite"
	"github.com/greenroom-live/greenroom/internal/testkit"
)

// Folder makes a data folder for a test, with a new database in it. To have the database made by opening it takes a
// quarter of a second with the race detector, which is most of the time of most tests.
var Folder = testkit.Folders(func(dir string) error {
	s, err := sqlite.Open(sqlite.Options{Dir: dir, Log: slog.New(slog.DiscardHandler), Metrics: observe.NewMetrics()}, nobody{})
	if err != nil {
		return err
	}
	return s.Close()
})

type nobody struct{}

func (nobody) Committed(store.Commit) {}
