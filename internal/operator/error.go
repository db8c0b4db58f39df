package operator

import (
	"fmt"
	"net/http"
)

// Code says what kind of error it is, for programs.
type Code string

// The codes, each with the HTTP status that it comes with.
const (
	CodeBadRequest       Code = "bad_request"            // 400; Field names what is wrong
	CodeUnauthorized     Code = "unauthorized"           // 401
	CodeForbidden        Code = "forbidden"              // 403
	CodeNotFound         Code = "not_found"              // 404: no such path, app or event
	CodeMethodNotAllowed Code = "method_not_allowed"     // 405; the header Allow names the right one
	CodeConflict         Code = "conflict"               // 409: it cannot be done as things are
	CodeTooLarge         Code = "too_large"              // 413
	CodeContentType      Code = "unsupported_media_type" // 415
	CodeTooMany          Code = "too_many_requests"      // 429
	CodeInternal         Code = "internal"               // 500
)

// Error is a call that was refused, or that failed.
type Error struct {
	Status    int    `json:"-"` // of HTTP
	Code      Code   `json:"code"`
	Message   string `json:"message"`
	Field     string `json:"field,omitzero"` // of the query or the body, when one of its values is wrong
	RequestID string `json:"request_id"`
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Code, e.Message) }

type errorAnswer struct {
	Error *Error `json:"error"`
}

func refuse(status int, code Code, format string, args ...any) *Error {
	return &Error{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// wrong refuses the value of a field.
func wrong(field, format string, args ...any) *Error {
	e := refuse(http.StatusBadRequest, CodeBadRequest, "%s %s", field, fmt.Sprintf(format, args...))
	e.Field = field
	return e
}

func notFound(format string, args ...any) *Error {
	return refuse(http.StatusNotFound, CodeNotFound, format, args...)
}

func conflict(format string, args ...any) *Error {
	return refuse(http.StatusConflict, CodeConflict, format, args...)
}
