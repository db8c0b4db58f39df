package delivery

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/greenroom-live/greenroom/internal/observe"
)

// errLate is the error of an attempt that took longer than the app allows.
var errLate = errors.New("no whole answer")

// failureClass is the cause of a failure as the metrics tell it: there are few, so that there are few series.
type failureClass uint8

const (
	guardRefused failureClass = iota // the egress guard did not let it go to that address
	unreached                        // no URL, no such name, no connection, no TLS
	late                             // no whole answer, or no connection, in time
	broken                           // the answer broke off, is too long or is no HTTP
	redirect
	clientError
	serverError
	otherStatus // 1xx, 2xx but not 200, 600 and up
	notJSON     // the answer is no JSON object
	fail        // ActionStatus FAIL, where that is a failure
)

var failureClasses = [...]string{
	"refused", "not_reached", "timeout", "broken", "status_3xx", "status_4xx", "status_5xx", "status_other", "not_json", "says_fail",
}

func classOf(a attempt) failureClass {
	var refused *refusedAddress
	switch {
	case a.cause.kind == badStatus:
		return statusClass(a.cause.status)
	case a.cause.kind == noObject:
		return notJSON
	case a.cause.kind == saysFail:
		return fail
	case errors.As(a.err, &refused):
		return guardRefused
	case errors.Is(a.err, errLate):
		return late
	case a.cause.kind == notReached:
		return unreached
	}
	return broken
}

func statusClass(status int) failureClass {
	switch status / 100 {
	case 3:
		return redirect
	case 4:
		return clientError
	case 5:
		return serverError
	}
	return otherStatus
}

// figures are the counters of one app, looked up once so that counting is cheap.
type figures struct {
	took     prometheus.Observer
	age      prometheus.Observer
	fates    [3]prometheus.Counter // by Fate
	byOthers prometheus.Counter
	causes   [len(failureClasses)]prometheus.Counter // by failureClass
}

func newFigures(m *observe.Metrics, app string) (f figures) {
	f.took, f.age = m.WebhookDuration.WithLabelValues(app), m.WebhookAge.WithLabelValues(app)
	f.byOthers = m.WebhookLanesRead.WithLabelValues(app)
	for fate := range f.fates {
		f.fates[fate] = m.WebhookAttempts.WithLabelValues(app, Fate(fate).String())
	}
	for class, name := range failureClasses {
		f.causes[class] = m.WebhookFailures.WithLabelValues(app, name)
	}
	return f
}

// measure counts one attempt.
func (f *figures) measure(a attempt, v verdict) {
	f.took.Observe(a.ended.Sub(a.started).Seconds())
	f.fates[v.Fate].Inc()
	if v.Fate == Delivered {
		f.age.Observe(a.ended.Sub(v.Event.Queued).Seconds())
		return
	}
	f.causes[classOf(a)].Inc()
}
