package operator

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

const (
	// trialTime is for a trial and its answer: the longest time-out that an app can have, and some more.
	trialTime = 40 * time.Second
	// maxShown is how much of an answer is told, in bytes.
	maxShown = 16 << 10
	// defaultTrial is what is sent when the caller does not say.
	defaultTrial = webhook.CommandAfterSetMetadata
)

// TrialRequest asks for a sample webhook to be sent.
type TrialRequest struct {
	Command string `json:"command,omitzero"` // Live.CallbackAfterSetMetadata when empty
	URL     string `json:"url,omitzero"`     // the app's own when empty
}

// Trial is how a sample webhook fared.
type Trial struct {
	Delivered bool         `json:"delivered"` // whether it would count as a delivery; of a question, whether it was answered
	Error     string       `json:"error"`     // why not
	Decision  *int         `json:"decision"`  // ErrorCode of the answer to a question; null for other webhooks
	Took      float64      `json:"took_ms"`
	Request   TrialSent    `json:"request"`
	Answer    *TrialAnswer `json:"answer"` // null when there was none
}

// TrialSent is the request of a trial.
type TrialSent struct {
	Method  string         `json:"method"`
	URL     string         `json:"url"`
	Headers http.Header    `json:"headers"`
	Body    jsontext.Value `json:"body"`
}

// TrialAnswer is the answer to a trial.
type TrialAnswer struct {
	Status    int         `json:"status"`
	Headers   http.Header `json:"headers"`
	Body      string      `json:"body"`       // its first 16 KiB
	BodyBytes int         `json:"body_bytes"` // its length, as far as it was read
}

func (a *API) test(ctx context.Context, c *call) (any, error) {
	command, url, err := c.trial()
	if err != nil {
		return nil, err
	}
	if err := a.demandConfigured(ctx, c.app); err != nil {
		return nil, err
	}
	c.extend(trialTime)
	trial, err := a.opts.Delivery.Test(ctx, c.app, command, url)
	if err != nil {
		return nil, untried(err)
	}
	a.changed(c, "tested the webhooks", "command", command, "own_url", url == "", "delivered", trial.Delivered)
	return told(trial), nil
}

// trial reads what is to be sent where.
func (c *call) trial() (command webhook.Command, url string, err error) {
	var in TrialRequest
	if err := c.decode(&in); err != nil {
		return "", "", err
	}
	if in.Command == "" {
		return defaultTrial, in.URL, nil
	}
	command, known := commandOf(in.Command)
	if !known {
		return "", "", wrong("command", "is no command word of a webhook")
	}
	return command, in.URL, nil
}

// untried turns the reasons for which nothing was sent into refusals.
func untried(err error) error {
	var refused *live.Error
	switch {
	case errors.As(err, &refused):
		return wrong("url", "cannot be a webhook URL: %s", refused.Info)
	case errors.Is(err, delivery.ErrNoSample):
		return wrong("command", "is a switch, which is never sent")
	case errors.Is(err, delivery.ErrNoURL):
		return conflict("%v", delivery.ErrNoURL)
	case errors.Is(err, delivery.ErrTooManyTrials):
		return refuse(http.StatusTooManyRequests, CodeTooMany, "%v", delivery.ErrTooManyTrials)
	}
	return err
}

// told is a trial as the API writes it.
func told(t delivery.Trial) Trial {
	out := Trial{
		Delivered: t.Delivered, Error: t.Reason, Took: milliseconds(t.Took),
		Request: TrialSent{t.Request.Method, t.Request.URL, t.Request.Header, body(t.Request.Body)},
	}
	if t.Decision != nil {
		out.Decision = &t.Decision.ErrorCode
	}
	if a := t.Answer; a != nil {
		out.Answer = &TrialAnswer{a.Status, a.Header, string(a.Body[:min(len(a.Body), maxShown)]), len(a.Body)}
	}
	return out
}

// extend gives the call more time than the server allows by default.
func (c *call) extend(d time.Duration) {
	_ = http.NewResponseController(c.w).SetWriteDeadline(time.Now().Add(d)) // without it, the default holds
}
