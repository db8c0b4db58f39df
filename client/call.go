package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const maxAnswer = 8 << 20 // bytes; a full page of rooms is far below

// envelope is what every answer has (doc 63398). Chat's commands put their data beside it, all others into Response.
type envelope struct {
	ActionStatus string
	ErrorCode    *int
	ErrorInfo    string
	RequestID    string `json:"RequestId"`
	Response     jsontext.Value
}

// Do calls command, given as service and command ("live_engine_http_srv/get_room_info"), with in as the body, and fills out
// from the answer's Response, or from its top level when it has none, as Chat's commands do. Both in and out may be nil; a nil
// in is sent as {}. They are encoded by github.com/go-json-experiment/json: names are case-sensitive, unknown ones ignored.
func (c *Client) Do(ctx context.Context, command string, in, out any) error {
	if !isCommand(command) {
		return fmt.Errorf("client: %q is not a service and a command", command)
	}
	body := []byte("{}")
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return fmt.Errorf("client: %s: encode the body: %w", command, err)
		}
	}
	sig := c.caller.sig()
	answer, err := c.post(ctx, command, sig, body)
	if err != nil {
		return err
	}
	err = open(command, answer, out)
	if errors.Is(err, CodeUserSigExpired) || errors.Is(err, CodeUserSigRevoked) {
		c.caller.refused(sig)
	}
	return err
}

// isCommand wants exactly "service/command", so that nothing else gets into the URL.
func isCommand(command string) bool {
	service, name, ok := strings.Cut(command, "/")
	other := func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9') }
	return ok && service != "" && name != "" && !strings.ContainsFunc(service+name, other)
}

// url has the parameters in the order in which the documentation shows them.
func (c *Client) url(command, sig string) string {
	return fmt.Sprintf("%s/v4/%s?sdkappid=%d&identifier=%s&usersig=%s&random=%d&contenttype=json",
		c.base, command, c.caller.app, c.caller.escapedIdentifier(), sig, rand.Uint32())
}

// post returns the body of an answer with HTTP status 200.
func (c *Client) post(ctx context.Context, command, sig string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url(command, sig), bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("client: %s: %w", command, withoutURL(err))
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("client: %s: %w", command, withoutURL(err))
	}
	defer resp.Body.Close()
	// Read before anything is judged: only a connection whose body was read is used again.
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if resp.StatusCode != http.StatusOK {
		return nil, &HTTPError{Status: resp.StatusCode, Command: command}
	}
	if err != nil {
		return nil, fmt.Errorf("client: %s: read the answer: %w", command, err)
	}
	if len(answer) > maxAnswer {
		return nil, &HTTPError{Status: resp.StatusCode, Command: command, Err: fmt.Errorf("the body is over %d bytes", maxAnswer)}
	}
	return answer, nil
}

// open takes the data out of an answer, or the refusal.
func open(command string, answer []byte, out any) error {
	unusable := func(err error) error {
		return &HTTPError{Status: http.StatusOK, Command: command, Err: err}
	}
	var e envelope
	if err := json.Unmarshal(answer, &e); err != nil {
		return unusable(fmt.Errorf("the body is not the API's JSON: %w", err))
	}
	if e.ErrorCode == nil {
		return unusable(errors.New("the body has no ErrorCode"))
	}
	if *e.ErrorCode != 0 {
		return &Error{Code: *e.ErrorCode, Info: e.ErrorInfo, RequestID: e.RequestID, Command: command}
	}
	if out == nil {
		return nil
	}
	data := answer
	if e.Response != nil {
		data = e.Response
	}
	if err := json.Unmarshal(data, out); err != nil {
		return unusable(fmt.Errorf("the answer's data: %w", err))
	}
	return nil
}
