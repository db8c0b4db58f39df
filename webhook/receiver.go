package webhook

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

// What a [Receiver] takes.
const (
	maxBody           = 1 << 20 // bytes
	maxID             = 256     // bytes of webhook-id
	requestTimeSkew   = 60      // seconds that RequestTime may be off (doc 64412)
	timestampSkew     = 5 * 60  // seconds that webhook-timestamp may be off
	defaultRememberID = 100_000
)

// ReceiverConfig says whose webhooks a [Receiver] takes. With neither a Token nor Secrets it takes them from anybody who
// finds the URL.
type ReceiverConfig struct {
	// SDKAppID is the app whose webhooks are taken. Required.
	SDKAppID uint32

	// Token is the app's callback token. When it is set, requests need a right Sign and a RequestTime at most 1 minute
	// off (doc 64412). It does not protect the body.
	Token string

	// Secrets are the app's signing secrets; SecretFromKey makes the one of an app that has configured none. When there
	// are any, requests need a webhook-signature with one of them, over the body, and a webhook-timestamp at most 5
	// minutes off. To change the secret without a gap, give the new and the old one for a while.
	Secrets []Secret

	// RememberIDs is the number of events, the latest, whose repetition is answered OK without calling a function.
	// Default 100,000, which takes some 10 MB.
	RememberIDs int

	// Now is the clock. Default time.Now.
	Now func() time.Time

	// Logger is told when a function fails. Default slog.Default().
	Logger *slog.Logger
}

// Delivery is one arrival of an event.
type Delivery struct {
	ID         string // webhook-id: the same when the event comes again; empty when the sender has no ids
	SDKAppID   uint32
	ClientIP   string // of who caused the event; empty for the commands whose Kind says OmitsClient
	Platform   string // of who caused the event, PlatformREST and so on; empty as ClientIP
	ReceivedAt time.Time
	Body       []byte // the JSON, as sent
}

// Receiver is the [http.Handler] of an app server's webhook URL. It checks who sends, decodes the event and calls the
// functions that were registered for its type with [On], in the order of their registration.
//
// It answers as the contract asks (doc 64412), HTTP 200 and {"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}, when all
// of them returned nil, when there was none, and when the event has been taken before. Otherwise ActionStatus is FAIL,
// ErrorCode is the HTTP status and the sender tries again:
//
//   - 405 when the method is not POST
//   - 400 for a body that cannot be read or is no event, or a webhook-id of more than 256 bytes
//   - 413 for a body of more than 1 MiB
//   - 403 for another SDKAppID, a missing, wrong or outdated Sign, a missing, wrong or outdated webhook-signature
//   - 500 when a function returned an error, which is logged and not told to the sender
//
// The body says which event it is; CallbackCommand in the query is not looked at (doc 68223 prints another word there). An
// event of which this package knows no type arrives as [*Unknown].
//
// The webhooks that ask beforehand are answered by what is registered with [Before].
//
// An event is taken once all functions have returned nil. When two deliveries of the same id come at once, the second
// waits for the outcome of the first and only calls the functions if that failed. A function that panics has failed; the
// panic goes on to the HTTP server.
type Receiver struct {
	config   ReceiverConfig
	handlers []func(context.Context, Delivery, Event) error
	deciders map[Command]decider
	ledger   *ledger
}

// NewReceiver returns a Receiver. It fails when config has no SDKAppID, a zero Secret or a negative RememberIDs.
func NewReceiver(config ReceiverConfig) (*Receiver, error) {
	switch {
	case config.SDKAppID == 0:
		return nil, errors.New("webhook: receiver without an SDKAppID")
	case slices.ContainsFunc(config.Secrets, Secret.IsZero):
		return nil, errors.New("webhook: receiver with an empty secret")
	case config.RememberIDs < 0:
		return nil, fmt.Errorf("webhook: receiver that remembers %d ids", config.RememberIDs)
	case config.RememberIDs == 0:
		config.RememberIDs = defaultRememberID
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Logger == nil {
		config.Logger = slog.Default()
	}
	config.Secrets = slices.Clone(config.Secrets)
	return &Receiver{config: config, deciders: make(map[Command]decider), ledger: newLedger(config.RememberIDs)}, nil
}

// On has r call handle for every event of type E: one of this package's event types, or [*Unknown]. ctx ends when the
// sender gives up waiting, by default after 2 s. Register everything before r serves.
//
// On panics when E is a type of which no event can be, such as a pointer to an event type.
func On[E Event](r *Receiver, handle func(ctx context.Context, d Delivery, e E) error) {
	if !canArrive(reflect.TypeFor[E]()) {
		panic(fmt.Sprintf("webhook: On: no event is a %v", reflect.TypeFor[E]()))
	}
	r.handlers = append(r.handlers, func(ctx context.Context, d Delivery, event Event) error {
		if e, ok := event.(E); ok {
			return handle(ctx, d, e)
		}
		return nil
	})
}

// OnAny has r call handle for every event, whatever its type. The JSON is in d.Body. See [On].
func (r *Receiver) OnAny(handle func(ctx context.Context, d Delivery, e Event) error) {
	r.handlers = append(r.handlers, handle)
}

func canArrive(t reflect.Type) bool {
	_, known := kindByType[t]
	return known || t == reflect.TypeFor[*Unknown]() || t == reflect.TypeFor[Event]()
}

// ServeHTTP takes one webhook.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if req.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		answer(w, http.StatusMethodNotAllowed, "webhooks are posted")
		return
	}
	delivery, event, refused := r.admit(w, req)
	if refused != nil {
		answer(w, refused.status, refused.reason)
		return
	}
	if asks(event) {
		body, err := r.decide(req.Context(), delivery, event)
		if err != nil {
			r.fail(w, req, delivery, event, err)
			return
		}
		writeDecision(w, body)
		return
	}
	if err := r.handle(req.Context(), delivery, event); err != nil {
		r.fail(w, req, delivery, event, err)
		return
	}
	answer(w, http.StatusOK, "")
}

func (r *Receiver) fail(w http.ResponseWriter, req *http.Request, d Delivery, event Event, err error) {
	r.config.Logger.ErrorContext(req.Context(), "webhook not processed", "command", event.Command(), "id", d.ID, "error", err)
	answer(w, http.StatusInternalServerError, "the event was not processed")
}

// refusal is why a request gets no further.
type refusal struct {
	status int
	reason string
}

func badRequest(reason string) *refusal { return &refusal{http.StatusBadRequest, reason} }
func forbidden(reason string) *refusal  { return &refusal{http.StatusForbidden, reason} }

// admit fails closed: whatever is configured and cannot be checked is a refusal.
func (r *Receiver) admit(w http.ResponseWriter, req *http.Request) (Delivery, Event, *refusal) {
	now := r.config.Now()
	query := req.URL.Query() // what the URL has of its own may be anything
	if refused := r.checkQuery(query, now); refused != nil {
		return Delivery{}, nil, refused
	}
	body, refused := readBody(w, req)
	if refused != nil {
		return Delivery{}, nil, refused
	}
	if refused := r.checkSignature(req.Header, body, now); refused != nil {
		return Delivery{}, nil, refused
	}
	event, err := Decode(body)
	if err != nil {
		return Delivery{}, nil, badRequest(err.Error())
	}
	return Delivery{
		ID:         req.Header.Get(HeaderID),
		SDKAppID:   r.config.SDKAppID,
		ClientIP:   query.Get("ClientIP"),
		Platform:   query.Get("OptPlatform"),
		ReceivedAt: now,
		Body:       body,
	}, event, nil
}

func (r *Receiver) checkQuery(query url.Values, now time.Time) *refusal {
	app, err := strconv.ParseUint(only(query, "SdkAppid"), 10, 32)
	if err != nil || uint32(app) != r.config.SDKAppID {
		return forbidden("not this SdkAppid")
	}
	if r.config.Token == "" {
		return nil
	}
	requestTime, err := strconv.ParseInt(only(query, "RequestTime"), 10, 64)
	if err != nil || !within(now, requestTime, requestTimeSkew) {
		return forbidden("RequestTime is missing or more than 1 minute off")
	}
	if !sameText(only(query, "Sign"), Sign(r.config.Token, requestTime)) {
		return forbidden("Sign does not match")
	}
	return nil
}

func (r *Receiver) checkSignature(header http.Header, body []byte, now time.Time) *refusal {
	id := header.Get(HeaderID)
	if len(id) > maxID {
		return badRequest("webhook-id is too long")
	}
	if len(r.config.Secrets) == 0 {
		return nil
	}
	if id == "" {
		return forbidden("webhook-id is missing")
	}
	timestamp, err := strconv.ParseInt(header.Get(HeaderTimestamp), 10, 64)
	if err != nil || !within(now, timestamp, timestampSkew) {
		return forbidden("webhook-timestamp is missing or more than 5 minutes off")
	}
	given := strings.Fields(header.Get(HeaderSignature))
	for _, secret := range r.config.Secrets {
		want := secret.Signature(id, timestamp, body)
		for _, signature := range given {
			if sameText(signature, want) {
				return nil
			}
		}
	}
	return forbidden("webhook-signature does not match")
}

// handle calls the functions for a delivery, unless the event has been taken before.
func (r *Receiver) handle(ctx context.Context, d Delivery, event Event) error {
	if d.ID == "" {
		return r.dispatch(ctx, d, event)
	}
	taken, err := r.ledger.begin(ctx, d.ID)
	if taken || err != nil {
		return err
	}
	succeeded := false
	defer func() { r.ledger.end(d.ID, succeeded) }()
	err = r.dispatch(ctx, d, event)
	succeeded = err == nil
	return err
}

func (r *Receiver) dispatch(ctx context.Context, d Delivery, event Event) error {
	for _, handle := range r.handlers {
		if err := handle(ctx, d, event); err != nil {
			return err
		}
	}
	return nil
}

func readBody(w http.ResponseWriter, req *http.Request) ([]byte, *refusal) {
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxBody))
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return nil, &refusal{http.StatusRequestEntityTooLarge, "body of more than 1 MiB"}
	}
	if err != nil {
		return nil, badRequest("body cannot be read")
	}
	return body, nil
}

func answer(w http.ResponseWriter, status int, reason string) {
	reply := struct {
		ActionStatus string `json:"ActionStatus"`
		ErrorCode    int    `json:"ErrorCode"`
		ErrorInfo    string `json:"ErrorInfo"`
	}{"OK", 0, ""}
	if status != http.StatusOK {
		reply.ActionStatus, reply.ErrorCode, reply.ErrorInfo = "FAIL", status, reason
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// A sender that has gone away is told nothing; it will try again.
	_ = json.MarshalWrite(w, reply)
}

// only returns the one value of a parameter. A parameter that comes twice counts as missing: what was checked must be
// what every other reader of the query sees.
func only(query url.Values, name string) string {
	if values := query[name]; len(values) == 1 {
		return values[0]
	}
	return ""
}

func within(now time.Time, at, seconds int64) bool {
	return at >= now.Unix()-seconds && at <= now.Unix()+seconds
}

func sameText(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
