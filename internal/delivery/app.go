package delivery

import (
	"crypto/tls"
	"crypto/x509"
	"net/netip"
	"net/url"
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

// App is how one app's webhooks are delivered.
type App struct {
	ID          live.AppID
	Concurrency int // requests in flight at most, on each node
	Retry       Policy
	// Secrets sign the body by the Standard Webhooks scheme; each adds a signature, so that two are valid while a
	// receiver changes from one to the other.
	Secrets               []webhook.Secret
	AllowPrivateAddresses bool           // webhooks may go to any address
	AllowNetworks         []netip.Prefix // and to these, private or not
	// CAs are the authorities that the app server's certificate may be from; the system's when nil. ClientCert is shown
	// to app servers that ask for one; none when nil. An https proxy is met in the same way.
	CAs        *x509.CertPool
	ClientCert *tls.Certificate
	// Proxy returns the proxy through which a URL is reached, nil for none. Without the function all goes straight.
	// It is called for every request, and always says the same of the same URL.
	Proxy func(*url.URL) (*url.URL, error)
	// DocumentedDelQuery sends the deletion of metadata with the command word that the English documentation prints
	// in its query, ...SetMetadata (doc 68223). The body has the right word either way.
	DocumentedDelQuery bool
}

// Policy is how long and how often an app's webhooks are tried.
type Policy struct {
	Timeout    time.Duration // for one attempt, from dialling to the end of the answer
	Window     time.Duration // from the commit until an event is given up
	FirstDelay time.Duration // bound of the first delay
	Factor     int           // by which the bound grows with every failure
	MaxDelay   time.Duration // bound of every delay
	// PoisonAttempts is how often one event fails in the same way, while the app server takes the events of other lanes,
	// before it is given up; 0 for never. Each node counts for itself, and so begins anew with a lane that it takes over.
	PoisonAttempts int
	// RetryOnFail takes an answer with ActionStatus FAIL for a failure.
	RetryOnFail bool
	AnswerKept  int // bytes of an answer that the delivery log keeps
}

// DefaultPolicy holds where an app says nothing else.
var DefaultPolicy = Policy{
	Timeout: 2 * time.Second, Window: 24 * time.Hour, FirstDelay: time.Second, MaxDelay: 10 * time.Minute, Factor: 2, PoisonAttempts: 10,
	AnswerKept: 1024,
}
