package gateway

import (
	"sync"

	"github.com/centrifugal/centrifuge"

	"github.com/greenroom-live/greenroom/internal/live"
)

// maxHeld is how much waits for one connection; what is more goes out at once, whatever the order.
const maxHeld = 256

// mail brings one connection what concerns its user alone, and keeps the order of commits between that and what a room is
// told. Publications of a room reach a connection only when it is subscribed, which is after the reply to its entering: what
// is about that room waits until then. All waits until the connection has its connect reply.
type mail struct {
	mu       sync.Mutex
	open     bool        // the connection is made
	entering live.RoomID // the room that the connection is about to hear; a connection's calls are one after the other
	held     [][]byte
}

// deliver sends data, which is about the room or, when that is empty, about none.
func (m *mail) deliver(client *centrifuge.Client, room live.RoomID, data []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if waits := !m.open || room != "" && room == m.entering; waits && len(m.held) < maxHeld {
		m.held = append(m.held, data)
		return nil
	}
	return client.Send(data)
}

// enter makes what is about the room wait until the next flush.
func (m *mail) enter(room live.RoomID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.entering = room
}

// flush sends what has waited; from now on nothing waits. What a closed connection is not told any more is no error.
func (m *mail) flush(client *centrifuge.Client) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, data := range m.held {
		_ = client.Send(data)
	}
	m.held, m.open, m.entering = nil, true, ""
}
