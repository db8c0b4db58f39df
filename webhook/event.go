package webhook

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/go-json-experiment/json"
)

// Event is one of this package's event types, by value, or [*Unknown].
//
// In every event type, EventTime is the time of the event as Unix time in milliseconds, account fields are UserIDs, and
// the fields are in the order in which they go over the wire.
type Event interface {
	// Command returns the command word under which the event is sent.
	Command() Command
}

// Unknown is a webhook for which this package has no type: a newer one, or one of another product at the same URL.
type Unknown struct {
	Word Command // CallbackCommand, as sent
	Body []byte  // the JSON object
}

func (u *Unknown) Command() Command { return u.Word }

// ErrNotEncodable means that [Encode] was given something that is not one of this package's event types, by value.
var ErrNotEncodable = errors.New("webhook: not an event type")

// ErrBody means that a body is not a JSON object with a CallbackCommand, or that a field has the wrong type.
var ErrBody = errors.New("webhook: malformed body")

// Encode returns the JSON body of e. Its first member is CallbackCommand, which depends on e's type alone: no event can
// be sent under another's word. It fails with [ErrNotEncodable], or when a string in e is not UTF-8.
func Encode(e Event) ([]byte, error) {
	kind, ok := kindByType[reflect.TypeOf(e)]
	if !ok {
		return nil, fmt.Errorf("%w: %T", ErrNotEncodable, e)
	}
	members, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("webhook: encode %s: %w", kind.Command, err)
	}
	const open, next = `{"CallbackCommand":"`, `",`
	body := make([]byte, 0, len(open)+len(kind.Command)+len(next)+len(members)-1)
	body = append(body, open...)
	body = append(body, kind.Command...)
	body = append(body, next...)
	return append(body, members[1:]...), nil
}

// Decode reads the body of a webhook into the type that its CallbackCommand names, or into an [*Unknown]. Fields that
// the type does not have are ignored, fields that the body does not have stay zero. It fails with [ErrBody] when the body
// is not one JSON object in UTF-8 with distinct names, has no CallbackCommand or has a field of another type.
func Decode(body []byte) (Event, error) {
	var head struct {
		CallbackCommand Command `json:"CallbackCommand"`
	}
	if err := json.Unmarshal(body, &head); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBody, err)
	}
	if head.CallbackCommand == "" {
		return nil, fmt.Errorf("%w: no CallbackCommand", ErrBody)
	}
	kind, known := kindByWord[string(head.CallbackCommand)]
	if !known || kind.event.decode == nil {
		return &Unknown{Word: head.CallbackCommand, Body: body}, nil
	}
	event, err := kind.event.decode(body)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrBody, head.CallbackCommand, err)
	}
	return event, nil
}

// eventType is the Go type of a webhook; the zero value stands for one that has none yet.
type eventType struct {
	goType reflect.Type
	decode func(body []byte) (Event, error)
}

func typeOf[E Event]() eventType {
	return eventType{
		goType: reflect.TypeFor[E](),
		decode: func(body []byte) (Event, error) {
			var event E
			err := json.Unmarshal(body, &event)
			return event, err
		},
	}
}
