package live

import "context"

// An attendance is a node's care for one online member: the node has connections of that member, or had them until a moment
// ago, and will tell when it is offline. Several nodes may attend to one member, who is offline when none does any more.

type attendanceReader interface {
	// AttendedElsewhere tells whether any node but that one attends to the member.
	AttendedElsewhere(m Membership, node NodeID) (bool, error)
	// Attendances returns up to limit memberships that the node attends to, in a fixed order after the given one.
	Attendances(node NodeID, after Membership, limit int) ([]Membership, error)
	// NodesGone returns the nodes that attend to somebody and serve no more; an embedded engine knows of none.
	NodesGone() ([]NodeID, error)
}

type attendanceWriter interface {
	// PutAttendance notes that the node attends to the member; twice is harmless. It goes with the membership: DeleteMember
	// removes all attendances of a member, DeleteRoom all of a room.
	PutAttendance(m Membership, node NodeID) error
	DeleteAttendance(m Membership, node NodeID) error
	// AdoptAttendances gives up to limit attendances of a node that is gone to another, which may attend to some of these
	// members already, and returns whose they are; none when nothing is left.
	AdoptAttendances(from, to NodeID, limit int) ([]Membership, error)
}

// SetNode says which node this service is from now on. Who is in a room through this process must come back then.
func (s *Service) SetNode(n NodeID) { s.node.Store(int64(n)) }

// Node returns which node this service is: [Alone] unless it was told otherwise.
func (s *Service) Node() NodeID { return NodeID(s.node.Load()) }

// Attendances pages through the memberships that this node attends to.
func (s *Service) Attendances(ctx context.Context, after Membership, limit int) ([]Membership, error) {
	var page []Membership
	err := s.store.View(ctx, func(r Reader) (err error) {
		page, err = r.Attendances(s.Node(), after, limit)
		return err
	})
	return page, err
}

// NodesGone returns the nodes that serve no more and left attendances behind.
func (s *Service) NodesGone(ctx context.Context) ([]NodeID, error) {
	var gone []NodeID
	err := s.store.View(ctx, func(r Reader) (err error) {
		gone, err = r.NodesGone()
		return err
	})
	return gone, err
}

// AdoptAttendances makes this node attend to up to limit members of a node that is gone, and returns which; none when
// nothing is left of that node.
func (s *Service) AdoptAttendances(ctx context.Context, from NodeID, limit int) ([]Membership, error) {
	var adopted []Membership
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		adopted, err = tx.AdoptAttendances(from, s.Node(), limit)
		return err
	})
	return adopted, err
}

// Interrupt says that a member has had no connection to this node for too long. The member is offline then, unless
// another node attends to it. It does nothing else when the user is not, or no longer, an online member.
func (s *Service) Interrupt(ctx context.Context, m Membership) error {
	caller, node := System(m.App), s.Node()
	caller.User = m.User
	return s.store.Update(ctx, func(tx Tx) error {
		if err := tx.DeleteAttendance(m, node); err != nil {
			return err
		}
		row, _, err := tx.Member(m.App, m.Room, m.User)
		if err != nil || !row.Online {
			return err
		}
		elsewhere, err := tx.AttendedElsewhere(m, node)
		if err != nil || elsewhere {
			return err
		}
		room, err := roomRow(tx, m.App, m.Room)
		if err != nil {
			return err
		}
		if err := tx.PutMember(m.App, m.Room, Member{m.User, false}); err != nil {
			return err
		}
		return s.goOffline(tx, caller, room, m.User, CauseInterrupt)
	})
}
