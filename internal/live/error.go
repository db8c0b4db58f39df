package live

import (
	"errors"
	"fmt"
)

// Code is the contract's number for why a request was refused. REST and client connections answer with the same one.
type Code int

// Codes of the live engine (doc 60027), the gateway (doc 63398), the login family, profiles, relations, chat groups and
// messages (doc 34348).
const (
	CodeGroupParameter   Code = 10004 // the chat commands' own 100002
	CodeNoGroup          Code = 10010
	CodeMsgRefused       Code = 10016 // by the app server
	CodeSenderMuted      Code = 10017
	CodeNoGroupAccount   Code = 10019
	CodeMsgTooOften      Code = 10023
	CodeRelParameter     Code = 30001
	CodeRelNoAccount     Code = 30003
	CodeFollowsTooMany   Code = 32100
	CodeProfileParameter Code = 40001
	CodeProfileNobody    Code = 40002 // no account given
	CodeProfileNoAccount Code = 40003
	CodeProfileNoTag     Code = 40009
	CodeProfileTooLong   Code = 40601
	CodeProfileBadValue  Code = 40605
	CodeProfileBadType   Code = 40610
	CodeBadRequest       Code = 60002 // HTTP or URL cannot be understood
	CodeBadJSON          Code = 60003
	CodeBadApp           Code = 60006 // sdkappid is not a number
	CodeTooOften         Code = 60007
	CodeTimeout          Code = 60008
	CodeUnknownCommand   Code = 60009
	CodeNotAppAdmin      Code = 60010
	CodeAppMissing       Code = 60012
	CodeAccountType      Code = 60015 // an account field that is not a string
	CodeBadContentType   Code = 60025
	CodeSigExpired       Code = 70001
	CodeSigMissing       Code = 70002
	CodeSigMalformed     Code = 70003
	CodeSigWrongKey      Code = 70009
	CodeSigOtherUser     Code = 70013
	CodeSigOtherApp      Code = 70014
	CodeUnknownApp       Code = 70020
	CodeSigRevoked       Code = 70052
	CodeNoAccount        Code = 70107
	CodeLoginParameter   Code = 70402
	CodeNoDeletion       Code = 71000 // this account may not be deleted
	CodeMsgTooLong       Code = 80002
	CodeMsgNoAnswer      Code = 80003 // the app server did not answer, and the app's policy is not to deliver then
	CodeInternal         Code = 100001
	CodeBadParameter     Code = 100002
	CodeRoomExists       Code = 100003
	CodeNoRoom           Code = 100004
	CodeNotMember        Code = 100005
	CodeNoPermission     Code = 100006
	CodeRoomFull         Code = 100008
	CodeTooManyTags      Code = 100009
	CodeOwnRoomExists    Code = 100010
	CodeCreateTooOften   Code = 100012
	CodeOverLimit        Code = 100013
	CodeBadRoomType      Code = 100015
	CodeBanned           Code = 100016
	CodeMuted            Code = 100017
	CodeTooManyAdmins    Code = 100020
	CodeSeatLocked       Code = 100200
	CodeOnSeat           Code = 100203
	CodeSeatsFull        Code = 100205
	CodeNotOnSeat        Code = 100206
	CodeSeatHasUser      Code = 100210
	CodeNoSeats          Code = 100211
	CodeCallbackExists   Code = 100300
	CodeNoCallback       Code = 100301
	CodeNoCallbackToken  Code = 100302
	CodeTooManyInBattle  Code = 100404
	CodeNoBattle         Code = 100411
	CodeNoRoomForBattle  Code = 100412
	CodeNotInBattle      Code = 100414
	CodeInOtherBattle    Code = 100415
	CodeBattleEnded      Code = 100421
	CodeTooManyKeys      Code = 100500
	CodeValueTooBig      Code = 100501
	CodeMetadataTooBig   Code = 100502
	CodeNoSuchKey        Code = 100503
	CodeKeyTooBig        Code = 100504
	CodeNoSuchGift       Code = 102002
	CodeGiftRefused      Code = 102004 // by the app server, or it did not answer
	CodeGiftsOff         Code = 102008
	CodeGiftsConfigured  Code = 102010
)

// Error is a refusal: a wire code and a sentence for the caller.
type Error struct {
	Code Code
	Info string
}

func (e *Error) Error() string { return fmt.Sprintf("%d: %s", e.Code, e.Info) }

// Refuse makes a refusal; format and args give its sentence.
func Refuse(code Code, format string, args ...any) error {
	return &Error{Code: code, Info: fmt.Sprintf(format, args...)}
}

func badParameter(format string, args ...any) error { return Refuse(CodeBadParameter, format, args...) }

// CodeOf returns the code that err carries: 0 for nil, [CodeInternal] for an error that is no refusal.
func CodeOf(err error) Code {
	if err == nil {
		return 0
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}
