package live

import (
	"errors"
	"fmt"
)

// Code is the contract's number for why a request was refused. REST and client connections answer with the same one.
type Code int

// Codes of the live engine (doc 60027), the gateway (doc 63398), the login family (doc 34348) and profiles.
const (
	CodeBadRequest      Code = 60002 // HTTP or URL cannot be understood
	CodeBadJSON         Code = 60003
	CodeBadApp          Code = 60006 // sdkappid is not a number
	CodeTooOften        Code = 60007
	CodeTimeout         Code = 60008
	CodeUnknownCommand  Code = 60009
	CodeNotAppAdmin     Code = 60010
	CodeAppMissing      Code = 60012
	CodeAccountType     Code = 60015 // an account field that is not a string
	CodeBadContentType  Code = 60025
	CodeSigExpired      Code = 70001
	CodeSigMissing      Code = 70002
	CodeSigMalformed    Code = 70003
	CodeSigWrongKey     Code = 70009
	CodeSigOtherUser    Code = 70013
	CodeSigOtherApp     Code = 70014
	CodeUnknownApp      Code = 70020
	CodeLoginParameter  Code = 70402
	CodeProfileTooLong  Code = 40601
	CodeInternal        Code = 100001
	CodeBadParameter    Code = 100002
	CodeRoomExists      Code = 100003
	CodeNoRoom          Code = 100004
	CodeNotMember       Code = 100005
	CodeNoPermission    Code = 100006
	CodeRoomFull        Code = 100008
	CodeTooManyTags     Code = 100009
	CodeOwnRoomExists   Code = 100010
	CodeCreateTooOften  Code = 100012
	CodeOverLimit       Code = 100013
	CodeBadRoomType     Code = 100015
	CodeTooManyAdmins   Code = 100020
	CodeCallbackExists  Code = 100300
	CodeNoCallback      Code = 100301
	CodeNoCallbackToken Code = 100302
	CodeTooManyKeys     Code = 100500
	CodeValueTooBig     Code = 100501
	CodeMetadataTooBig  Code = 100502
	CodeNoSuchKey       Code = 100503
	CodeKeyTooBig       Code = 100504
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
