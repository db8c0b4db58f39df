package operator

import (
	"context"
	"slices"

	"github.com/greenroom-live/greenroom/internal/live"
)

// Node is one of the processes that serve together.
type Node struct {
	ID      live.NodeID `json:"id"`   // of this life of the process; later lives have greater ones
	Name    string      `json:"name"` // by the configuration
	Version string      `json:"version"`
	Started Time        `json:"started"` // by the database's clock, as all times of several nodes
	Seen    Time        `json:"seen"`    // when it last renewed its lease
}

// Nodes are the processes that serve together, the oldest first.
type Nodes struct {
	Node  live.NodeID `json:"node"` // the one that answered
	Nodes []Node      `json:"nodes"`
}

// nodes lists all of them: a process that serves alone is the only one.
func (a *API) nodes(ctx context.Context, c *call) (any, error) {
	if _, err := c.query(); err != nil {
		return nil, err
	}
	found, err := a.opts.Nodes(ctx)
	if err != nil {
		return nil, err
	}
	all := Nodes{Node: a.opts.NodeID(), Nodes: slices.Grow([]Node{}, len(found))}
	for _, n := range found {
		all.Nodes = append(all.Nodes, Node{n.ID, n.Name, n.Version, Time(n.Started), Time(n.Seen)})
	}
	return all, nil
}
