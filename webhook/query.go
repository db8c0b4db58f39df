package webhook

import (
	"net/url"
	"strconv"
	"strings"
)

// The values of OptPlatform: where the call came from that caused the event (doc 64412).
const (
	PlatformREST    = "RESTAPI"
	PlatformWeb     = "Web"
	PlatformAndroid = "Android"
	PlatformIOS     = "iOS"
	PlatformWindows = "Windows"
	PlatformMac     = "Mac"
	PlatformIPad    = "iPad"
	PlatformUnknown = "Unknown" // also of what the server does by itself
)

// SystemIP is the ClientIP of what the server does by itself.
const SystemIP = "0.0.0.0"

// Query is what the URL of a webhook says (doc 64412).
type Query struct {
	SDKAppID    uint32
	Command     Command
	ClientIP    string // empty: SystemIP
	Platform    string // empty: PlatformUnknown
	Token       string // the app's callback token; empty: no Sign and no RequestTime
	RequestTime int64  // Unix time, seconds; only with a Token
}

// AppendTo returns the URL to which a webhook is posted: configured, then SdkAppid, CallbackCommand, contenttype,
// ClientIP, OptPlatform, Sign and RequestTime in this order. A query that configured has stays in front, its fragment is
// dropped. ClientIP and OptPlatform are left out for the commands whose [Kind] says OmitsClient.
func (q Query) AppendTo(configured string) string {
	base, _, _ := strings.Cut(configured, "#")
	var u strings.Builder
	u.Grow(len(base) + 256)
	u.WriteString(base)
	u.WriteString(separator(base))

	var digits [20]byte
	u.WriteString("SdkAppid=")
	u.Write(strconv.AppendUint(digits[:0], uint64(q.SDKAppID), 10))
	u.WriteString("&CallbackCommand=")
	u.WriteString(url.QueryEscape(string(q.Command)))
	u.WriteString("&contenttype=json")
	if kind := kindByWord[string(q.Command)]; kind == nil || !kind.OmitsClient {
		u.WriteString("&ClientIP=")
		u.WriteString(url.QueryEscape(orElse(q.ClientIP, SystemIP)))
		u.WriteString("&OptPlatform=")
		u.WriteString(url.QueryEscape(orElse(q.Platform, PlatformUnknown)))
	}
	if q.Token != "" {
		u.WriteString("&Sign=")
		u.WriteString(Sign(q.Token, q.RequestTime))
		u.WriteString("&RequestTime=")
		u.Write(strconv.AppendInt(digits[:0], q.RequestTime, 10))
	}
	return u.String()
}

func separator(base string) string {
	switch {
	case !strings.Contains(base, "?"):
		return "?"
	case strings.HasSuffix(base, "?"), strings.HasSuffix(base, "&"):
		return ""
	}
	return "&"
}

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
