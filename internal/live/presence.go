package live

import "context"

// maxStatusCall is how many accounts one question may name (doc 35477).
const maxStatusCall = 500

// Presence knows who is connected.
type Presence interface {
	// Platforms returns for each user the platforms that it is connected from now, each once; none when it is offline.
	Platforms(app AppID, users []UserID) [][]Platform
}

// Status is whether a user is connected.
type Status struct {
	User      UserID
	Known     bool // the user is an account
	Platforms []Platform
}

// OnlineStatus tells for each of 1 to 500 users, in their order, from where they are connected now (doc 35477).
func (s *Service) OnlineStatus(ctx context.Context, caller Caller, from Presence, users []UserID) ([]Status, error) {
	if len(users) == 0 || len(users) > maxStatusCall {
		return nil, Refuse(CodeLoginParameter, "To_Account must name 1 to %d accounts", maxStatusCall)
	}
	all := make([]Status, len(users))
	err := s.store.View(ctx, func(r Reader) error {
		for i, user := range users {
			known, err := s.isAccount(r, caller.App, user)
			if err != nil {
				return err
			}
			all[i] = Status{User: user, Known: known}
		}
		return nil
	})
	if err != nil || from == nil {
		return all, err
	}
	for i, platforms := range from.Platforms(caller.App, users) {
		if all[i].Known {
			all[i].Platforms = platforms
		}
	}
	return all, nil
}
