package sqlite

import "github.com/greenroom-live/greenroom/internal/live"

// maxCachedRooms bounds the rooms in the cache.
const maxCachedRooms = 20_000

// cache holds what nearly every update reads. Only the writer goroutine touches it: it is the only one that changes
// rows, changes the cache with them, and empties it when something is rolled back.
type cache struct {
	callbacks map[live.AppID]*callbackRow
	rooms     map[roomKey]*cachedRoom
}

type roomKey struct {
	app  live.AppID
	room live.RoomID
}

// cachedRoom is what is known of a room that exists.
type cachedRoom struct {
	owner live.UserID
	sizes map[string]int // of the metadata's values, by key; nil when not known
}

func newCache() cache {
	return cache{make(map[live.AppID]*callbackRow), make(map[roomKey]*cachedRoom)}
}

func (c *cache) clear() {
	clear(c.callbacks)
	clear(c.rooms)
}

func (c *cache) room(app live.AppID, room live.RoomID) *cachedRoom {
	return c.rooms[roomKey{app, room}]
}

func (c *cache) addRoom(app live.AppID, room live.RoomID, owner live.UserID) {
	if len(c.rooms) >= maxCachedRooms {
		clear(c.rooms)
	}
	c.rooms[roomKey{app, room}] = &cachedRoom{owner: owner}
}

func (c *cache) dropRoom(app live.AppID, room live.RoomID) { delete(c.rooms, roomKey{app, room}) }

// sizes returns the sizes of a room's metadata, nil when they are not known.
func (c *cache) sizes(app live.AppID, room live.RoomID) map[string]int {
	if r := c.room(app, room); r != nil {
		return r.sizes
	}
	return nil
}
