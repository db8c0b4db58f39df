package live

import "github.com/greenroom-live/greenroom/webhook"

// Kind says through which door a caller came, and so whose permission rules hold.
type Kind uint8

const (
	// KindUser is an app user on a client connection: the roles of the room decide.
	KindUser Kind = iota
	// KindAdmin is an App admin over REST: may do everything in its app.
	KindAdmin
	// KindSystem is the server itself, by its clock.
	KindSystem
)

// Platform is where a caller's request came from, in the words of doc 64412.
type Platform string

// The platforms of the contract.
const (
	PlatformREST    Platform = webhook.PlatformREST
	PlatformWeb     Platform = webhook.PlatformWeb
	PlatformAndroid Platform = webhook.PlatformAndroid
	PlatformIOS     Platform = webhook.PlatformIOS
	PlatformWindows Platform = webhook.PlatformWindows
	PlatformMac     Platform = webhook.PlatformMac
	PlatformIPad    Platform = webhook.PlatformIPad
	PlatformUnknown Platform = webhook.PlatformUnknown
)

// ParsePlatform returns the platform a client declared, or [PlatformUnknown] for a word that is none of the contract's.
func ParsePlatform(s string) Platform {
	switch p := Platform(s); p {
	case PlatformWeb, PlatformAndroid, PlatformIOS, PlatformWindows, PlatformMac, PlatformIPad:
		return p
	}
	return PlatformUnknown
}

// Caller says who acts, in which app, and from where.
type Caller struct {
	App      AppID
	User     UserID
	Kind     Kind
	IP       string
	Platform Platform
}

// System returns the caller for what the server does by itself in app.
func System(app AppID) Caller {
	return Caller{App: app, User: webhook.SystemAccount, Kind: KindSystem, IP: webhook.SystemIP, Platform: PlatformUnknown}
}
