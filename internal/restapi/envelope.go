package restapi

import (
	"net/http"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/greenroom-live/greenroom/internal/live"
)

// place says where a command's payload goes.
type place uint8

const (
	inResponse place = 1 << iota // under Response
	beside                       // beside the envelope's own fields
)

// where is the payload's place: Response, or beside for the services that the contract took over from chat.
func (c command) where() place {
	switch {
	case c.both:
		return inResponse | beside
	case c.family().flat:
		return beside
	}
	return inResponse
}

// write answers with the envelope, and returns the code in it.
func write(w http.ResponseWriter, id string, payload any, where place, err error) live.Code {
	status, code, info := "OK", live.CodeOf(err), ""
	var members []byte
	if err == nil && payload != nil {
		if members, err = json.Marshal(payload); err != nil {
			code = live.CodeInternal
		}
	}
	if err != nil {
		status, members = "FAIL", nil
		if refusal, ok := err.(*live.Error); ok {
			info = refusal.Info
		}
	}
	body := make([]byte, 0, 192+len(members)+len(info))
	body = append(body, `{"ActionStatus":"`...)
	body = append(body, status...)
	body = append(body, `","ErrorCode":`...)
	body = strconv.AppendInt(body, int64(code), 10)
	body = append(body, `,"ErrorInfo":`...)
	body = appendQuoted(body, info)
	body = append(body, `,"RequestId":"`...)
	body = append(body, id...)
	body = append(body, '"')
	if where&beside != 0 && len(members) > len("{}") {
		body = append(append(body, ','), members[1:len(members)-1]...)
	}
	if where&inResponse != 0 && len(members) > 0 {
		body = append(append(body, `,"Response":`...), members...)
	}
	body = append(body, '}')
	w.Header()["Content-Type"] = contentType
	_, _ = w.Write(body) // the caller is gone if this fails
	return code
}

var contentType = []string{"application/json"}

// appendQuoted appends s as a JSON string; bytes that are no UTF-8 are replaced.
func appendQuoted(dst []byte, s string) []byte {
	quoted, err := jsontext.AppendQuote(dst, s)
	if err != nil && len(quoted) == len(dst) {
		return append(dst, `""`...)
	}
	return quoted
}
