package live

import (
	"sync"
	"time"
)

// createInterval is the time within which the cloud lets a room id be created once (doc 60027).
const createInterval = time.Second

// recentRooms remembers which room ids were asked for within the last interval. A nil recentRooms allows everything.
type recentRooms struct {
	mu    sync.Mutex
	asked map[recentRoom]time.Time
	swept time.Time
}

type recentRoom struct {
	app  AppID
	room RoomID
}

func newRecentRooms() *recentRooms { return &recentRooms{asked: make(map[recentRoom]time.Time)} }

// create notes that room is asked for, or refuses with [CodeCreateTooOften].
func (r *recentRooms) create(app AppID, room RoomID, now time.Time) error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sweep(now)
	key := recentRoom{app, room}
	if last, ok := r.asked[key]; ok && now.Sub(last) < createInterval {
		return Refuse(CodeCreateTooOften, "room %q may be created once in %s", room, createInterval)
	}
	r.asked[key] = now
	return nil
}

// sweep forgets, once in an interval, what is too long ago to matter.
func (r *recentRooms) sweep(now time.Time) {
	if now.Sub(r.swept) < createInterval {
		return
	}
	r.swept = now
	for key, last := range r.asked {
		if now.Sub(last) >= createInterval {
			delete(r.asked, key)
		}
	}
}
