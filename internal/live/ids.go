package live

import "strconv"

// AppID is an SDKAppID: the number that names one customer's app.
type AppID uint32

// String returns the id in decimal.
func (a AppID) String() string { return strconv.FormatUint(uint64(a), 10) }

// RoomID names a room inside one app: 1 to 48 bytes of printable ASCII (doc 60027).
type RoomID string

// UserID names an account inside one app: 1 to 32 bytes of printable ASCII (doc 34953).
type UserID string

const (
	maxRoomID = 48
	maxUserID = 32
)

// ParseRoomID accepts a room id from outside, or refuses it with [CodeBadParameter].
func ParseRoomID(s string) (RoomID, error) {
	if s == "" {
		return "", badParameter("RoomId is missing")
	}
	if len(s) > maxRoomID || !printableASCII(s) {
		return "", badParameter("RoomId must be 1 to %d bytes of printable ASCII", maxRoomID)
	}
	return RoomID(s), nil
}

// ParseUserID accepts a user id from outside, or refuses it with [CodeBadParameter]; field names it in the error.
func ParseUserID(field, s string) (UserID, error) {
	if s == "" {
		return "", badParameter("%s is missing", field)
	}
	if !ValidUserID(s) {
		return "", badParameter("%s must be 1 to %d bytes of printable ASCII", field, maxUserID)
	}
	return UserID(s), nil
}

// ValidUserID tells whether s can be a [UserID].
func ValidUserID(s string) bool {
	return s != "" && len(s) <= maxUserID && printableASCII(s)
}

func printableASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}
