package live

import "strconv"

// NodeID is one life of one process among those that serve together. Each is greater than those before it, which makes it a
// fencing token: what a node does in the name of a life that the others have given up is refused.
type NodeID int64

// Alone is the node of a process that serves alone on an embedded database.
const Alone NodeID = 1

func (n NodeID) String() string { return strconv.FormatInt(int64(n), 10) }
