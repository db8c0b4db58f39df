package live

import "context"

// Statistic returns what the room has seen so far (doc 80421), or refuses with [CodeNoRoom]. A user must be the room's
// owner or one of its administrators.
func (s *Service) Statistic(ctx context.Context, caller Caller, id RoomID) (Statistic, error) {
	var statistic Statistic
	err := s.store.View(ctx, func(r Reader) error {
		if err := authorize(r, caller, id, RoleAdmin); err != nil {
			return err
		}
		room, err := roomRow(r, caller.App, id)
		statistic = room.statistic(s.now())
		return err
	})
	return statistic, err
}
