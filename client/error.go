package client

import (
	"fmt"
	"net/http"
)

// Code is one of the API's error numbers. It is an error itself, so that errors.Is(err, CodeRoomNotFound) tells whether a
// call failed with it.
type Code int

// Codes that callers often treat on their own (docs 60027, 63398, 34348). Any other number is in [Error].
const (
	CodeFollowParameter     Code = 30001  // a parameter of a follow command, among them following oneself
	CodeFollowNoAccount     Code = 30003  // never imported, where the app demands that
	CodeFollowsTooMany      Code = 32100  // a user follows 5,000 at most
	CodeProfileNoTag        Code = 40009  // a profile has no such tag
	CodeProfileTooLong      Code = 40601  // over 500 bytes
	CodeProfileBadValue     Code = 40605  // not allowed for the tag
	CodeProfileBadType      Code = 40610  // not the tag's type
	CodeGroupParameter      Code = 10004  // CodeBadParameter of the chat commands
	CodeGroupNotFound       Code = 10010  // CodeRoomNotFound of the chat commands
	CodeMsgRefused          Code = 10016  // by the app server; so are those from 10100 to 10200
	CodeSenderMuted         Code = 10017  // CodeMuted of the chat commands
	CodeTooFrequent         Code = 60007  // the command's call frequency limit
	CodeNotAppAdmin         Code = 60010  // the caller is no App admin
	CodeUserSigExpired      Code = 70001  // [WithApp] signs anew for the next call
	CodeUserSigWrongKey     Code = 70009  // signed with another app's key
	CodeUnknownApp          Code = 70020  // the server does not serve this app id
	CodeUserSigRevoked      Code = 70052  // a kick made it invalid
	CodeNoAccount           Code = 70107  // the server does not know this user
	CodeNoDeletion          Code = 71000  // this user cannot be deleted
	CodeMsgTooLong          Code = 80002  // over 12,288 bytes
	CodeMsgNoAnswer         Code = 80003  // the app server was asked and did not answer
	CodeInternal            Code = 100001 // worth a retry
	CodeBadParameter        Code = 100002 // [Error.Info] names it
	CodeRoomExists          Code = 100003 // and somebody else owns it
	CodeRoomNotFound        Code = 100004 // never created, or dissolved
	CodeNoPermission        Code = 100006 // to do this in this room
	CodeOwnRoomExists       Code = 100010 // and the owner given owns it: it can be used as it is
	CodeMuted               Code = 100017 // who sends may not speak in this room
	CodeTooManyAdmins       Code = 100020 // a room has 5 at most
	CodeCallbackExists      Code = 100300 // use UpdateCallback
	CodeNoCallback          Code = 100301 // use SetCallback
	CodeNoCallbackToken     Code = 100302 // webhooks are not signed
	CodeTooManyBattleRooms  Code = 100404 // a battle has 9 rooms at most
	CodeBattleNotFound      Code = 100411 // never created, or over for long
	CodeNoBattleRoom        Code = 100412 // none of the called rooms can take part
	CodeRoomInOtherBattle   Code = 100415
	CodeBattleEnded         Code = 100421
	CodeTooManyMetadataKeys Code = 100500 // a room has 10 at most
	CodeMetadataValueTooBig Code = 100501 // over 2,048 bytes
	CodeMetadataTooBig      Code = 100502 // over 16,384 bytes of values in the room
	CodeMetadataNotFound    Code = 100503 // the room has none of the keys to delete
	CodeMetadataKeyTooBig   Code = 100504 // over 50 bytes
)

func (c Code) Error() string { return fmt.Sprintf("error code %d", int(c)) }

// Error is the server's refusal of a call.
type Error struct {
	Code      int    // never 0
	Info      string // the reason in words, possibly empty
	RequestID string // names the call to the server's operator, opaque
	Command   string // service and command, like "live_config/set_callback"
}

func (e *Error) Error() string {
	return fmt.Sprintf("client: %s: refused with %d %q, request %q", e.Command, e.Code, e.Info, e.RequestID)
}

// Is tells whether target is the [Code] of the refusal.
func (e *Error) Is(target error) bool {
	code, ok := target.(Code)
	return ok && int(code) == e.Code
}

// HTTPError is an answer that is not the API's: a status other than 200, or a body that is no envelope.
type HTTPError struct {
	Status  int
	Command string // as in [Error]
	Err     error  // why the body could not be used; nil when the status alone says enough
}

func (e *HTTPError) Error() string {
	text := fmt.Sprintf("client: %s: HTTP status %d %s", e.Command, e.Status, http.StatusText(e.Status))
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns why the body could not be used.
func (e *HTTPError) Unwrap() error { return e.Err }
