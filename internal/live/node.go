package live

import (
	"strconv"
	"time"
)

// NodeID is one life of one process among those that serve together. Each is greater than those before it, which makes it a
// fencing token: what a node does in the name of a life that the others have given up is refused.
type NodeID int64

// Alone is the node of a process that serves alone on an embedded database.
const Alone NodeID = 1

func (n NodeID) String() string { return strconv.FormatInt(int64(n), 10) }

// NodeStatus is what others see of a node.
type NodeStatus struct {
	ID      NodeID
	Name    string
	Version string
	Started time.Time
	Seen    time.Time // when it was last heard of
}
