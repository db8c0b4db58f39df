package usersig

import "errors"

// The reasons for which a token is refused. Match them with [errors.Is]; [Code] has their numbers.
var (
	// ErrEmpty means that no token was given. Code 70002.
	ErrEmpty = errors.New("usersig: token is empty")
	// ErrMalformed means that the token cannot be decoded; the error that wraps it says why. Code 70003 (doc 34348).
	ErrMalformed = errors.New("usersig: token is malformed")
	// ErrUserBuf means that the token carries a userbuf: it is a PrivateMapKey or the like, not a UserSig. Code 70003.
	ErrUserBuf = errors.New("usersig: token carries a userbuf")
	// ErrApp means that the token was made for another SDKAppID. Code 70014 (doc 34348).
	ErrApp = errors.New("usersig: token is for another SDKAppID")
	// ErrUser means that the token was made for another UserID. Code 70013 (doc 34348).
	ErrUser = errors.New("usersig: token is for another UserID")
	// ErrSignature means that the token was not signed with the app's key, or was changed since. Code 70009 (doc 34348).
	ErrSignature = errors.New("usersig: signature does not match the app's key")
	// ErrExpired means that the token's time is over. Code 70001 (doc 34348).
	ErrExpired = errors.New("usersig: token has expired")
)

var codes = []struct {
	err  error
	code int
}{
	{ErrEmpty, 70002},
	{ErrMalformed, 70003},
	{ErrUserBuf, 70003},
	{ErrApp, 70014},
	{ErrUser, 70013},
	{ErrSignature, 70009},
	{ErrExpired, 70001},
}

// Code returns the contract's error code for an error of this package, wrapped or not, and 0 for any other error and
// for nil.
func Code(err error) int {
	for _, row := range codes {
		if errors.Is(err, row.err) {
			return row.code
		}
	}
	return 0
}
