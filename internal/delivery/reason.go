package delivery

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"strings"
	"syscall"
)

// maxReason is how long an error's own text may be, in bytes, before it is cut.
const maxReason = 300

// reason is why a request got no answer, in words that an operator understands.
type reason struct {
	words string
	cause error
}

func (r *reason) Error() string { return r.words }
func (r *reason) Unwrap() error { return r.cause }

// inPlainWords returns err in plain words, with err as its cause. Nothing of the request gets into them but host and
// address: the path and the query of the webhook URL may hold secrets, and what an app server sends instead of an answer
// may hold the request.
func inPlainWords(err error) error {
	var known *reason
	if err == nil || errors.As(err, &known) || errors.Is(err, context.Canceled) {
		return err
	}
	return &reason{explain(err), err}
}

func explain(err error) string {
	words := explainOwn(err)
	if words == "" {
		words = explainTLS(err)
	}
	if words == "" {
		words = explainNetwork(err)
	}
	if words == "" {
		words = bounded(own(err))
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "proxyconnect" {
		return "the proxy cannot be used: " + words
	}
	return words
}

// explainOwn knows the errors that are made here.
func explainOwn(err error) string {
	var refused *refusedAddress
	var proxy *proxyAnswer
	var host badHost
	switch {
	case errors.As(err, &refused):
		return refused.Error()
	case errors.As(err, &proxy):
		return proxy.Error()
	case errors.As(err, &host):
		return host.Error()
	case errors.Is(err, errMayHaveArrived):
		return errMayHaveArrived.Error()
	}
	return ""
}

func explainTLS(err error) string {
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var certificate *tls.CertificateVerificationError
	var alert *net.OpError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &authority):
		return "the app server's certificate is from an authority that is not known; webhook.ca_file of the app can add it"
	case errors.As(err, &host):
		return fmt.Sprintf("the app server's certificate is not for %s", bounded(host.Host))
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the app server's certificate has expired, or is not valid yet"
	case errors.As(err, &certificate):
		return "the app server's certificate is not valid: " + bounded(certificate.Err.Error())
	case errors.As(err, &alert) && alert.Op == "remote error":
		return explainAlert(alert.Err)
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &record):
		return "the app server does not speak TLS at the port of the webhook URL"
	case strings.HasPrefix(err.Error(), "tls: "):
		return "no TLS connection: " + bounded(strings.TrimPrefix(err.Error(), "tls: "))
	}
	return ""
}

// explainAlert explains what an app server sends that ends a TLS connection, with a hint where our certificate is meant.
func explainAlert(alert error) string {
	says := strings.TrimPrefix(alert.Error(), "tls: ")
	words := "the app server refuses the TLS connection: " + bounded(says)
	switch says {
	case "bad certificate", "unknown certificate authority", "certificate required", "handshake failure":
		words += "; the certificate that it may want to see is webhook.client_cert_file of the app"
	}
	return words
}

func explainNetwork(err error) string {
	var name *net.DNSError
	var malformed textproto.ProtocolError
	var timeout net.Error
	says := own(err)
	switch {
	case errors.As(err, &name):
		return explainName(name)
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused by " + peer(err)
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "the connection was reset"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "there is no way to " + peer(err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), strings.HasSuffix(says, "server closed idle connection"),
		strings.HasPrefix(says, "http2: server sent GOAWAY and closed the connection"):
		return "the connection was closed before the answer was complete"
	case errors.As(err, &malformed):
		return "the answer's headers are malformed"
	case strings.Contains(says, "malformed HTTP "):
		return "the answer is not HTTP"
	case strings.HasPrefix(says, "stream error: stream ID "):
		_, code, _ := strings.Cut(says, "; ") // without the number, which differs every time
		return "the app server ended the HTTP/2 request: " + bounded(code)
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no connection in time to " + peer(err)
	}
	return ""
}

func explainName(name *net.DNSError) string {
	switch {
	case name.IsNotFound:
		return fmt.Sprintf("the name %s does not exist", bounded(name.Name))
	case name.IsTimeout:
		return fmt.Sprintf("the name %s was not resolved in time", bounded(name.Name))
	}
	return fmt.Sprintf("the name %s cannot be resolved: %s", bounded(name.Name), bounded(name.Err))
}

// peer names the address that a connection was to go to.
func peer(err error) string {
	var op *net.OpError
	for errors.As(err, &op) {
		if op.Addr != nil {
			return op.Addr.String()
		}
		err = op.Err
	}
	return "the app server"
}

// own returns the text of an error, of an HTTP/2 request that was not repeated that of its cause.
func own(err error) string {
	if inner, ok := strings.CutPrefix(err.Error(), cannotRetry); ok {
		inner, _, _ = strings.Cut(inner, "]")
		return inner
	}
	return err.Error()
}

// bounded returns an error's own text up to where it begins to cite what it got, without the prefixes that only a
// programmer wants, and not longer than an operator reads.
func bounded(text string) string {
	text, _, _ = strings.Cut(text, `"`)
	text, _, _ = strings.Cut(text, "; got ")
	text = strings.TrimPrefix(text, "net/http: ")
	text = strings.TrimPrefix(text, "HTTP/1.x transport connection broken: ")
	if len(text) > maxReason {
		text = strings.ToValidUTF8(text[:maxReason], "") + "..."
	}
	return strings.TrimRight(text, " :,;(")
}
