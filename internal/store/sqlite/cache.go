package sqlite

import "github.com/greenroom-live/greenroom/internal/live"

// maxOwners bounds the cached owners of rooms.
const maxOwners = 50_000

// cache holds rows that nearly every update reads. Only the writer goroutine touches it: it is the only one that
// changes rows, drops what it changes, and empties the cache when something is rolled back.
type cache struct {
	callbacks map[live.AppID]*callbackRow
	owners    map[roomKey]live.UserID
}

type roomKey struct {
	app  live.AppID
	room live.RoomID
}

func newCache() cache {
	return cache{make(map[live.AppID]*callbackRow), make(map[roomKey]live.UserID)}
}

func (c *cache) clear() {
	clear(c.callbacks)
	clear(c.owners)
}

func (c *cache) owner(app live.AppID, room live.RoomID) (live.UserID, bool) {
	owner, ok := c.owners[roomKey{app, room}]
	return owner, ok
}

func (c *cache) setOwner(app live.AppID, room live.RoomID, owner live.UserID) {
	if len(c.owners) >= maxOwners {
		clear(c.owners)
	}
	c.owners[roomKey{app, room}] = owner
}

func (c *cache) dropRoom(app live.AppID, room live.RoomID) { delete(c.owners, roomKey{app, room}) }
