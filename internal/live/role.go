package live

import "slices"

// Role is what a user is in one room.
type Role uint8

const (
	RoleMember Role = iota // ordinary member (audience)
	RoleAdmin
	RoleOwner
)

// mustRoom returns who owns the room, or refuses with [CodeNoRoom].
func mustRoom(r Reader, app AppID, room RoomID) (owner UserID, err error) {
	owner, ok, err := r.RoomOwner(app, room)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", noRoom(room)
	}
	return owner, nil
}

func noRoom(room RoomID) error {
	return Refuse(CodeNoRoom, "room %q does not exist or was dissolved", room)
}

// roleOf returns user's role in a room of that owner.
func roleOf(r Reader, app AppID, room RoomID, owner, user UserID) (Role, error) {
	if user == owner {
		return RoleOwner, nil
	}
	isAdmin, err := r.IsAdmin(app, room, user)
	if err != nil {
		return RoleMember, err
	}
	if isAdmin {
		return RoleAdmin, nil
	}
	return RoleMember, nil
}

// authorize refuses caller unless it has at least the role least in the room: [CodeNoRoom] when there is no such
// room, [CodeNoPermission] when the role is too low. App admins and the server itself may do everything. This is
// the one place where permission in a room is decided.
func authorize(r Reader, caller Caller, room RoomID, least Role) error {
	owner, err := mustRoom(r, caller.App, room)
	if err != nil || caller.Kind != KindUser {
		return err
	}
	role, err := roleOf(r, caller.App, room, owner, caller.User)
	if err != nil {
		return err
	}
	if role < least {
		return Refuse(CodeNoPermission, "%q has no right to do this in room %q", caller.User, room)
	}
	return nil
}

// authorizeMember refuses a user who is neither in the room nor its owner or administrator, with [CodeNotMember].
func authorizeMember(r Reader, caller Caller, room RoomID) error {
	owner, err := mustRoom(r, caller.App, room)
	if err != nil || caller.Kind != KindUser {
		return err
	}
	role, err := roleOf(r, caller.App, room, owner, caller.User)
	if err != nil || role > RoleMember {
		return err
	}
	return mustBeMember(r, caller.App, room, caller.User)
}

// mustBeMember refuses with [CodeNotMember] when user is not in the room.
func mustBeMember(r Reader, app AppID, room RoomID, user UserID) error {
	_, ok, err := r.Member(app, room, user)
	if err == nil && !ok {
		err = notMember(room, user)
	}
	return err
}

func notMember(room RoomID, user UserID) error {
	return Refuse(CodeNotMember, "%q is not in room %q", user, room)
}

// authorizeOver refuses a caller who may not act upon these users. On a client that takes an administrator or the owner,
// and members of a lower role: else [CodeNoPermission], or [CodeNotMember] for who is not in the room.
func authorizeOver(r Reader, caller Caller, room RoomID, users []UserID) error {
	if err := authorize(r, caller, room, RoleAdmin); err != nil || caller.Kind != KindUser {
		return err
	}
	owner, err := mustRoom(r, caller.App, room)
	if err != nil {
		return err
	}
	own, err := roleOf(r, caller.App, room, owner, caller.User)
	if err != nil {
		return err
	}
	for _, user := range users {
		role, err := roleOf(r, caller.App, room, owner, user)
		if err != nil {
			return err
		}
		if role >= own {
			return Refuse(CodeNoPermission, "%q has no right to do this to %q in room %q", caller.User, user, room)
		}
		if err := mustBeMember(r, caller.App, room, user); err != nil {
			return err
		}
	}
	return nil
}

// authorizeRemoval is authorizeOver for removing these users: nobody can remove the room's owner.
func authorizeRemoval(r Reader, caller Caller, room RoomID, users []UserID) error {
	if err := authorizeOver(r, caller, room, users); err != nil {
		return err
	}
	owner, err := mustRoom(r, caller.App, room)
	if err == nil && slices.Contains(users, owner) {
		err = Refuse(CodeNoPermission, "%q owns room %q and cannot be removed from it", owner, room)
	}
	return err
}
