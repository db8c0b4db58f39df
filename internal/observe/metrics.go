// Package observe is how operators see inside: the metrics, all declared here, and the log.
package observe

//go:generate go test -run ^TestThePageOfTheMetricsIsUpToDate$ . -update

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// Metrics are all the figures the server counts.
type Metrics struct {
	Registry *prometheus.Registry

	RESTCalls    *prometheus.CounterVec   // by command and code
	RESTDuration *prometheus.HistogramVec // by command

	WebhookAttempts  *prometheus.CounterVec   // by app and fate
	WebhookFailures  *prometheus.CounterVec   // by app and cause
	WebhookDuration  *prometheus.HistogramVec // by app
	WebhookAge       *prometheus.HistogramVec // by app
	WebhookLanes     *prometheus.GaugeVec     // by app: lanes in memory
	WebhookLanesRead *prometheus.CounterVec   // by app: because other nodes had put events in
	WebhookQuestions *prometheus.HistogramVec // by app and outcome

	Clients     prometheus.Gauge
	ClientCalls *prometheus.CounterVec // by method and code

	StoreCommits prometheus.Counter
	StoreUpdates prometheus.Counter
	StoreSeconds prometheus.Histogram

	Nodes        prometheus.Gauge
	NodesGone    prometheus.Counter
	NodeMessages *prometheus.CounterVec // by direction: told or heard
	Baskets      prometheus.Gauge
	Takeovers    prometheus.Counter
	LeasesLost   prometheus.Counter
	Connections  *prometheus.GaugeVec // by state: busy or idle

	DeliveryLogBytes   prometheus.Gauge
	DeliveryLogTrimmed prometheus.Counter
}

var seconds = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// ages are the buckets for what may take as long as a retry window, in seconds.
var ages = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 4 * 3600, 12 * 3600, 24 * 3600}

// NewMetrics returns metrics that have counted nothing yet, in a registry of their own.
func NewMetrics() *Metrics {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	f := promauto.With(r)
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return f.NewCounterVec(prometheus.CounterOpts{Namespace: "greenroom", Name: name, Help: help}, labels)
	}
	histogram := func(name, help string, labels ...string) *prometheus.HistogramVec {
		return f.NewHistogramVec(prometheus.HistogramOpts{Namespace: "greenroom", Name: name, Help: help, Buckets: seconds}, labels)
	}
	return &Metrics{
		Registry:        r,
		RESTCalls:       counter("rest_calls_total", "REST calls, by command and ErrorCode.", "command", "code"),
		RESTDuration:    histogram("rest_duration_seconds", "Time to answer a REST call.", "command"),
		WebhookAttempts: counter("webhook_attempts_total", "Attempts to deliver a webhook, by what became of it.", "app", "fate"),
		WebhookFailures: counter("webhook_failures_total", "Attempts to deliver a webhook that failed, by cause.", "app", "cause"),
		WebhookAge: f.NewHistogramVec(prometheus.HistogramOpts{Namespace: "greenroom", Name: "webhook_age_seconds", Buckets: ages,
			Help: "Time from a webhook's commit, or its replay, until the app server has taken it."}, []string{"app"}),
		WebhookDuration:  histogram("webhook_duration_seconds", "Time of one attempt to deliver a webhook.", "app"),
		WebhookQuestions: histogram("webhook_question_seconds", "Time that app servers took to answer webhooks that ask beforehand, by outcome.", "app", "outcome"),
		WebhookLanes: f.NewGaugeVec(prometheus.GaugeOpts{Namespace: "greenroom", Name: "webhook_lanes",
			Help: "Rooms with undelivered webhooks in memory."}, []string{"app"}),
		WebhookLanesRead: counter("webhook_lanes_read_total", "Times that a room's webhooks were read from the database because other "+
			"nodes had put some in.", "app"),
		Clients: f.NewGauge(prometheus.GaugeOpts{Namespace: "greenroom", Name: "clients",
			Help: "Client connections."}),
		ClientCalls: counter("client_calls_total", "Calls of clients, by method and code.", "method", "code"),
		StoreCommits: f.NewCounter(prometheus.CounterOpts{Namespace: "greenroom", Name: "store_commits_total",
			Help: "Group commits."}),
		StoreUpdates: f.NewCounter(prometheus.CounterOpts{Namespace: "greenroom", Name: "store_updates_total",
			Help: "Updates carried out in group commits."}),
		StoreSeconds: f.NewHistogram(prometheus.HistogramOpts{Namespace: "greenroom", Name: "store_commit_seconds",
			Help: "Time of one group commit, with its updates and the fsync.", Buckets: seconds}),
		Nodes: f.NewGauge(prometheus.GaugeOpts{Namespace: "greenroom", Name: "nodes",
			Help: "Processes that serve together, this one among them, as this one sees it."}),
		NodesGone: f.NewCounter(prometheus.CounterOpts{Namespace: "greenroom", Name: "nodes_gone_total",
			Help: "Other processes that this one has found to be gone, because they stopped or were not heard of for as long as their lease."}),
		NodeMessages: counter("node_messages_total", "Messages between the processes that serve together, by direction: told or heard.",
			"direction"),
		Connections: f.NewGaugeVec(prometheus.GaugeOpts{Namespace: "greenroom", Name: "database_connections",
			Help: "Connections to PostgreSQL that reads share, by state: busy or idle; looked at four times in a lease. A process has " +
				"database.writers and 4 more beside them."}, []string{"state"}),
		Baskets: f.NewGauge(prometheus.GaugeOpts{Namespace: "greenroom", Name: "baskets",
			Help: "Shares of the rooms whose webhooks this process delivers: 16 of its own, and those of processes that are gone. " +
				"0 with the embedded database."}),
		Takeovers: f.NewCounter(prometheus.CounterOpts{Namespace: "greenroom", Name: "baskets_taken_total",
			Help: "Shares of the rooms that this process has taken over from others that were gone."}),
		LeasesLost: f.NewCounter(prometheus.CounterOpts{Namespace: "greenroom", Name: "leases_lost_total",
			Help: "Times that others had taken over from this process because it was not heard of for as long as its lease."}),
		DeliveryLogBytes: f.NewGauge(prometheus.GaugeOpts{Namespace: "greenroom", Name: "delivery_log_bytes",
			Help: "Size of the delivery log in the database."}),
		DeliveryLogTrimmed: f.NewCounter(prometheus.CounterOpts{Namespace: "greenroom", Name: "delivery_log_trimmed_bytes_total",
			Help: "Bytes of the delivery log that were removed because they were too old or too many."}),
	}
}
