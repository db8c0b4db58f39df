package live

import (
	"maps"
	"slices"

	"github.com/greenroom-live/greenroom/webhook"
)

// meanings says of every code, in a sentence, why a call got it and where it helps what to do.
var meanings = map[Code]string{
	CodeGroupParameter:   "A parameter of a group command is missing, malformed or out of range; ErrorInfo names it.",
	CodeNoGroup:          "There is no such room, or it has ended.",
	CodeMsgRefused:       "The app server did not let the message through.",
	CodeSenderMuted:      "The sender is muted in this room, or everybody is.",
	CodeNoGroupAccount:   "An account that the call names does not exist.",
	CodeMsgTooOften:      "The room gets more messages per second than it may.",
	CodeRelParameter:     "A parameter of a follow command is missing, malformed or out of range; ErrorInfo names it.",
	CodeRelNoAccount:     "An account that the call names does not exist.",
	CodeFollowsTooMany:   "The user follows as many others as anybody may.",
	CodeProfileParameter: "A parameter of a profile command is missing, malformed or out of range; ErrorInfo names it.",
	CodeProfileNobody:    "The call names no account.",
	CodeProfileNoAccount: "An account that the call names was never imported.",
	CodeProfileNoTag:     "There is no profile field of that tag.",
	CodeProfileTooLong:   "A profile value is longer than its field allows.",
	CodeProfileBadValue:  "A standard profile field does not take that value.",
	CodeProfileBadType:   "A profile value has another type than its field.",
	CodeBadRequest:       "The HTTP request itself is wrong: its method, its query, or a body that is too large or breaks off.",
	CodeBadJSON:          "The body is no JSON object, names a field twice, or is not UTF-8.",
	CodeBadApp:           "sdkappid is no unsigned 32-bit number.",
	CodeTooOften:         "The command was called more often than its frequency limit allows.",
	CodeTimeout:          "The server did not finish in time; the call may have been carried out or not.",
	CodeUnknownCommand:   "There is no such command: look at the path.",
	CodeNotAppAdmin:      "The UserSig is right, but identifier is no App admin of this app.",
	CodeAppMissing:       "sdkappid is missing from the URL.",
	CodeAccountType:      "A field that holds an account is no string, or one that holds accounts is no list of strings.",
	CodeBadContentType:   "contenttype in the URL is something else than json.",
	CodeSigExpired:       "The UserSig has expired: make a new one.",
	CodeSigMissing:       "The UserSig is missing from the URL.",
	CodeSigMalformed:     "The UserSig cannot be decoded; it may have been cut off or escaped twice.",
	CodeSigWrongKey:      "The UserSig was made with another key than this app's.",
	CodeSigOtherUser:     "The UserSig was made for another user than identifier.",
	CodeSigOtherApp:      "The UserSig was made for another app than sdkappid.",
	CodeUnknownApp:       "This server does not serve the app that sdkappid names.",
	CodeSigRevoked:       "The UserSig was revoked: make a new one.",
	CodeNoAccount:        "The account was never imported.",
	CodeLoginParameter:   "A parameter of an account command is missing, malformed or out of range; ErrorInfo names it.",
	CodeNoDeletion:       "The account may not be deleted, because it is an App admin's.",
	CodeMsgTooLong:       "The message is longer than 12 KiB.",
	CodeMsgNoAnswer:      "The app server gave no valid answer about the message, and the app's rule is not to deliver it then.",
	CodeInternal:         "Something in the server failed; the operator finds it in the log by the RequestId. Try again.",
	CodeBadParameter:     "A parameter is missing, malformed or out of range; ErrorInfo names it.",
	CodeRoomExists:       "A room of that RoomId exists, and somebody else owns it.",
	CodeNoRoom:           "There is no such room, or it has ended.",
	CodeNotMember:        "The user is not in the room.",
	CodeNoPermission:     "The user's role in the room does not allow this.",
	CodeRoomFull:         "The room has as many members as it may.",
	CodeTooManyTags:      "The room would have more categories than it may.",
	CodeOwnRoomExists:    "A room of that RoomId exists, and its owner is the one named: it can be used as it is.",
	CodeCreateTooOften:   "The same RoomId was created twice within a second, or a command of the gift catalogue was called too often.",
	CodeOverLimit:        "More is asked for than the server is configured to allow.",
	CodeBadRoomType:      "RoomType is something else than Live.",
	CodeBanned:           "The user is banned from the room.",
	CodeMuted:            "The user is muted in the room, or everybody is.",
	CodeTooManyAdmins:    "The room would have more administrators than it may.",
	CodeSeatLocked:       "The seat is locked.",
	CodeOnSeat:           "The user is on a seat already.",
	CodeSeatsFull:        "Every seat of the room is taken or locked.",
	CodeNotOnSeat:        "The user is on no seat.",
	CodeSeatHasUser:      "The seat has a user on it, who must leave it first.",
	CodeNoSeats:          "The room was made without seats.",
	CodeCallbackExists:   "The app has a webhook configuration: change it with update_callback.",
	CodeNoCallback:       "The app has no webhook configuration: make one with set_callback.",
	CodeNoCallbackToken:  "The app has no callback token: make one with set_callback_token.",
	CodeTooManyInBattle:  "More rooms would take part in the battle than may.",
	CodeNoBattle:         "There is no such battle, or it is over.",
	CodeNoRoomForBattle:  "None of the rooms that were called can take part in a battle.",
	CodeNotInBattle:      "The room does not take part in this battle.",
	CodeInOtherBattle:    "The room takes part in another battle.",
	CodeBattleEnded:      "The battle is over.",
	CodeTooManyKeys:      "The room would have more than 10 keys of metadata.",
	CodeValueTooBig:      "A value of metadata is longer than 2,048 bytes.",
	CodeMetadataTooBig:   "The values of the room's metadata would have more than 16,384 bytes together.",
	CodeNoSuchKey:        "The room has none of the keys that were to be deleted.",
	CodeKeyTooBig:        "A key of metadata is longer than 50 bytes.",
	CodeNoSuchGift:       "There is no gift of that id in the catalogue.",
	CodeGiftRefused:      "The app server did not let the gift through, or gave no valid answer.",
	CodeGiftsOff:         "Gifts are switched off in this room.",
	CodeGiftsConfigured:  "The app has a gift catalogue already, so that the default one is not copied over it.",
}

// Meaning says why a call got the code. It is empty for a number that the server never answers with.
func (c Code) Meaning() string {
	switch {
	case c >= webhook.FirstMsgCode && c <= webhook.LastMsgCode:
		return "The app server refused the message with this code of its own."
	case c >= webhook.FirstGiftCode && c <= webhook.LastGiftCode:
		return "The app server refused the gift with this code of its own."
	}
	return meanings[c]
}

// Codes returns every code that has a name here, in ascending order. The codes that an app server may refuse messages
// and gifts with are not among them.
func Codes() []Code { return slices.Sorted(maps.Keys(meanings)) }
