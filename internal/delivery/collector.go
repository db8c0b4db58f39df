package delivery

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/greenroom-live/greenroom/internal/live"
)

// What is read when somebody asks for the metrics, and not kept up to date in between.
var (
	descWaiting = describe("webhook_waiting", "Webhooks in the outbox, in flight or not.", "app")
	descOldest  = describe("webhook_oldest_seconds", "Time since the commit of the oldest webhook that waits; 0 when none does.", "app")
	descDead    = describe("webhook_dead_letters", "Webhooks that were given up and wait for an operator.", "app")
	descOpen    = describe("webhook_breaker_open", "1 while the app server is not called but for one probe at a time, because it fails; by kind: "+
		"webhooks, or questions (the webhooks that ask beforehand).", "app", "kind")
	descPaused = describe("webhook_paused", "1 while webhooks wait because an operator has paused the app, or because its server "+
		"answered 410 Gone.", "app")
	descInFlight = describe("webhook_in_flight", "Requests to the app server that are not answered yet, by kind: webhooks or questions.",
		"app", "kind")
	descLease = describe("lease_held", "1 while this node may deliver webhooks: always with the embedded database; with PostgreSQL while its "+
		"lease is held.")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("greenroom_"+name, help, labels, nil)
}

// collector implements prometheus.Collector.
type collector struct {
	*Deliverer
	backlog func(live.AppID) Backlog
}

// Collector returns the metrics that tell how the delivery to each app stands; backlog is that of [Records]. What the
// backlog does not know yet is left out.
func (d *Deliverer) Collector(backlog func(live.AppID) Backlog) prometheus.Collector {
	return collector{d, backlog}
}

// Describe implements prometheus.Collector.
func (c collector) Describe(ch chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{descWaiting, descOldest, descDead, descOpen, descPaused, descInFlight, descLease} {
		ch <- desc
	}
}

// Collect implements prometheus.Collector.
func (c collector) Collect(ch chan<- prometheus.Metric) {
	held := c.opts.Lease == nil || c.opts.Lease.Holder(ReadClocks()) != 0
	ch <- prometheus.MustNewConstMetric(descLease, prometheus.GaugeValue, oneIf(held))
	for app := range c.apps {
		show := func(desc *prometheus.Desc, value float64, kind ...string) {
			ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, append([]string{app.String()}, kind...)...)
		}
		c.collectStatus(app, show)
		c.collectBacklog(app, show)
	}
}

func (c collector) collectStatus(app live.AppID, show func(*prometheus.Desc, float64, ...string)) {
	s, ok := c.Status(app)
	if !ok {
		return
	}
	show(descOpen, oneIf(s.Breaker.State != Closed), "webhooks")
	show(descOpen, oneIf(s.Asking.State != Closed), "questions")
	show(descPaused, oneIf(s.Pause != nil))
	show(descInFlight, float64(s.InFlight), "webhooks")
	show(descInFlight, float64(s.Questions), "questions")
}

func (c collector) collectBacklog(app live.AppID, show func(*prometheus.Desc, float64, ...string)) {
	b := c.backlog(app)
	if !b.Known {
		return
	}
	age := time.Duration(0)
	if b.Waiting > 0 {
		age = max(0, c.opts.Now().Sub(b.Oldest))
	}
	show(descWaiting, float64(b.Waiting))
	show(descOldest, age.Seconds())
	show(descDead, float64(b.Dead))
}

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
