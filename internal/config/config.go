// Package config is Greenroom's configuration: what can be set, to what, and what is set when nobody says anything.
//
// The struct [Config] is the only source. Each field's tags carry its key, its default, its bounds and its meaning; the
// sample file ([Sample]), the page docs/configuration.md ([Markdown]), the command line flags ([RegisterFlags]), the
// names of the environment variables and most of the validation are made from them. To add a setting, add a field.
//
// A value is looked for in four layers, and the last one that has it wins:
//
//  1. the default;
//  2. the YAML file;
//  3. the environment, GREENROOM_ and the key in capitals: GREENROOM_HTTP_IDLE_TIMEOUT for http.idle_timeout;
//  4. the flags, the key with dashes: --http-idle-timeout.
//
// [Load] names every mistake at once, each with its place and its key, and never prints the value of a secret.
//
// The tags are:
//
//	koanf    the key's own name, snake_case
//	default  the default, as one would write it in the file; a list is separated by commas
//	min, max the bounds of a number or a duration, both inclusive
//	oneof    the words that are allowed, separated by |
//	example  makes the key required, and is what the sample file shows
//	doc      what the key means, for the operator
package config

import (
	"net/netip"
	"time"
)

//go:generate go test -run ^TestConfigurationPageIsUpToDate$ . -update

// Config is the whole configuration of one Greenroom process. [Load] and [Default] make one; both fill every field.
type Config struct {
	Listen         string         `koanf:"listen" default:"127.0.0.1:8700" doc:"Address and port that the server listens on. It speaks plain HTTP, or HTTPS when tls is set, and HTTP/1.1 and HTTP/2 on both. :8700 listens on every address of the machine; port 0 takes any free port."`
	DataDir        string         `koanf:"data_dir" default:"./greenroom-data" doc:"Folder of the database. It is made when it does not exist. A relative path starts at the working directory."`
	DatabaseURL    Secret         `koanf:"database_url" default:"" doc:"PostgreSQL in place of the embedded database, for several processes that serve together: postgres://user:password@host:5432/name, with sslmode=verify-full and sslrootcert=FILE for TLS. With an empty value everything is kept in data_dir, and this process is the only one."`
	RedisURL       Secret         `koanf:"redis_url" default:"" doc:"Redis, through which the clients of several processes hear of the same rooms: redis://user:password@host:6379/0, or rediss:// for TLS. Only with database_url, and needed as soon as more than one process serves clients."`
	TLS            TLS            `koanf:"tls" doc:"Certificate for HTTPS: both files or none. Leave both empty when something in front of Greenroom ends TLS."`
	TrustedProxies []netip.Prefix `koanf:"trusted_proxies" default:"" doc:"Networks of your own proxies and load balancers, in CIDR form, such as 10.0.0.0/8. X-Forwarded-For is believed only in requests from them; with an empty list the caller's address is always the connection's."`
	Log            Log            `koanf:"log" doc:"What the process writes to standard error."`
	HTTP           HTTP           `koanf:"http" doc:"Limits of the HTTP server."`
	Limits         Limits         `koanf:"limits" doc:"Limits of rooms and calls. Where the vendor documents a figure, the default is that figure."`
	Client         Client         `koanf:"client" doc:"Connections of app users."`
	Store          Store          `koanf:"store" doc:"The embedded database."`
	Database       Database       `koanf:"database" doc:"PostgreSQL, where database_url names one."`
	Cluster        Cluster        `koanf:"cluster" doc:"How several processes on one PostgreSQL serve together."`
	Delivery       Delivery       `koanf:"delivery" doc:"Sending of webhooks, for all apps."`
	DeliveryLog    DeliveryLog    `koanf:"delivery_log" doc:"The delivery log: every attempt to deliver a webhook, for operators to see, and delivered webhooks, to be sent again."`
	Operator       Operator       `koanf:"operator" doc:"The operator API under /admin/v1/, which shows, replays, pauses and purges webhooks."`
	Apps           []App          `koanf:"apps" doc:"The apps that this server serves. In the environment, GREENROOM_APPS holds the whole list as YAML or JSON text and replaces the file's list."`
}

// TLS names the certificate of the listener. With both paths empty the listener speaks plain HTTP.
type TLS struct {
	CertFile string `koanf:"cert_file" default:"" doc:"PEM file with the certificate, followed by its chain."`
	KeyFile  string `koanf:"key_file" default:"" doc:"PEM file with the certificate's private key."`
}

// Enabled tells whether the listener speaks HTTPS.
func (t TLS) Enabled() bool { return t.CertFile != "" && t.KeyFile != "" }

// Log says what is logged and how.
type Log struct {
	Level  string `koanf:"level" default:"info" oneof:"debug|info|warn|error" doc:"The least severe level that is written."`
	Format string `koanf:"format" default:"text" oneof:"text|json" doc:"Form of a log line."`
}

// HTTP holds the limits of the HTTP server. Sizes are bytes.
type HTTP struct {
	ReadHeaderTimeout time.Duration `koanf:"read_header_timeout" default:"5s" min:"1ms" max:"1h" doc:"Time to receive the headers of a request."`
	ReadTimeout       time.Duration `koanf:"read_timeout" default:"15s" min:"1ms" max:"1h" doc:"Time to receive a whole request."`
	WriteTimeout      time.Duration `koanf:"write_timeout" default:"15s" min:"1ms" max:"1h" doc:"Time from the end of a request's headers to the end of its answer. Not shorter than request_timeout."`
	IdleTimeout       time.Duration `koanf:"idle_timeout" default:"120s" min:"1ms" max:"24h" doc:"How long an idle connection is kept for the next request."`
	RequestTimeout    time.Duration `koanf:"request_timeout" default:"3s" min:"1ms" max:"1h" doc:"Time that the server takes for one REST call before it answers with an error."`
	MaxBodyBytes      int           `koanf:"max_body_bytes" default:"1048576" min:"1024" max:"67108864" doc:"Largest body of a REST call, in bytes."`
	MaxHeaderBytes    int           `koanf:"max_header_bytes" default:"65536" min:"1024" max:"1048576" doc:"Largest request line and headers together, in bytes."`
	ShutdownTimeout   time.Duration `koanf:"shutdown_timeout" default:"15s" min:"0s" max:"10m" doc:"How long running calls may go on after the process was told to stop."`
}

// Limits holds the limits of rooms and of calls.
type Limits struct {
	Frequency             Frequency     `koanf:"frequency" default:"off" doc:"How many calls per second an app may make of each REST command. off: as many as the server can do. contract: the vendor's published figures, with its error codes, to develop against its behaviour. Or a map of service/command to calls per second, such as {live_engine_http_srv/create_room: 50}; a command that is not in the map is not limited. In the environment and in the flag, the map is written live_engine_http_srv/create_room=50,live_engine_http_srv/add_gift=1."`
	MaxMembers            int           `koanf:"max_members" default:"100000" min:"1" max:"10000000" doc:"Members of one room at the same time."`
	MaxSeats              int           `koanf:"max_seats" default:"16" min:"1" max:"1000" doc:"Seats of one room."`
	MaxAdmins             int           `koanf:"max_admins" default:"5" min:"0" max:"1000" doc:"Admins of one room."`
	MaxCategories         int           `koanf:"max_categories" default:"3" min:"0" max:"1000" doc:"Categories of one room."`
	MaxRobots             int           `koanf:"max_robots" default:"100" min:"0" max:"1000" doc:"Robots of one room."`
	MaxBattleRooms        int           `koanf:"max_battle_rooms" default:"9" min:"2" max:"100" doc:"Rooms of one battle, the calling one among them."`
	MaxBattleDuration     time.Duration `koanf:"max_battle_duration" default:"5m" min:"1ms" max:"24h" doc:"Longest time that a battle may be set to."`
	MaxGifts              int           `koanf:"max_gifts" default:"1000" min:"0" max:"10000" doc:"Gifts in the catalogue of one app."`
	MaxGiftCategories     int           `koanf:"max_gift_categories" default:"10" min:"0" max:"10000" doc:"Categories of gifts in the catalogue of one app. The vendor's page says 3, but real consoles make up to 10."`
	RoomMessagesPerSecond int           `koanf:"room_messages_per_second" default:"40" min:"0" max:"100000" doc:"Messages that one room gets in a second; what is beyond is dropped, and its sender told so. Messages of high priority may use as much again; those of low priority give way from three quarters on, of the lowest from half. Of what else a room is told, changes of the member count wait from three quarters on, the last one always comes; and from the full number on nobody is told who came or left. 0 is no limit."`
	UserSigCache          int           `koanf:"user_sig_cache" default:"100000" min:"0" max:"10000000" doc:"Verified UserSigs that are remembered, so that a caller who repeats one is checked faster. 0 switches it off."`
}

// Client holds the limits of the connections of app users.
type Client struct {
	OfflineAfter    time.Duration `koanf:"offline_after" default:"90s" min:"1ms" max:"24h" doc:"A member who was not heard of for this long counts as offline. Longer than ping_interval."`
	PingInterval    time.Duration `koanf:"ping_interval" default:"25s" min:"1s" max:"1h" doc:"How often the server pings a connection. Clients are told whole seconds."`
	AllowedOrigins  []string      `koanf:"allowed_origins" default:"" doc:"Web origins whose pages may connect, as the browser sends them, such as https://live.example.com. With an empty list every origin may."`
	MaxMessageBytes int           `koanf:"max_message_bytes" default:"65536" min:"1024" max:"16777216" doc:"Largest message that a connection may send, in bytes."`
}

// Store tunes the embedded database.
type Store struct {
	MaxBatch int `koanf:"max_batch" default:"128" min:"1" max:"10000" doc:"Most updates that share one commit to disk."`
	CacheMiB int `koanf:"cache_mib" default:"64" min:"1" max:"65536" doc:"Memory for the database's page cache, in MiB."`
}

// Database tunes the use of PostgreSQL.
type Database struct {
	MaxConnections   int           `koanf:"max_connections" default:"20" min:"6" max:"1000" doc:"Connections that one process keeps to PostgreSQL at most. All processes together must stay below PostgreSQL's own max_connections."`
	Writers          int           `koanf:"writers" default:"4" min:"1" max:"100" doc:"How many of the connections carry out updates. The updates that wait share commits, so few connections carry many updates."`
	MaxBatch         int           `koanf:"max_batch" default:"64" min:"1" max:"1000" doc:"Most updates that share one commit."`
	StatementTimeout time.Duration `koanf:"statement_timeout" default:"10s" min:"100ms" max:"1h" doc:"Longest time that one statement may take; PostgreSQL ends it then."`
	Migrate          string        `koanf:"migrate" default:"auto" oneof:"auto|manual" doc:"auto: a process that starts brings the tables up to its version; the processes of the version before go on. manual: it refuses to start until an operator has called greenroom migrate up."`
}

// Cluster says how processes serve together.
type Cluster struct {
	NodeName string        `koanf:"node_name" default:"" doc:"What this process is called in the log and in what operators are shown. With an empty value it is the name of the host."`
	Lease    time.Duration `koanf:"lease" default:"10s" min:"1s" max:"1h" doc:"When a process was not heard of for this long, the others take over the webhooks that it was to deliver and look after the members whose connections it had. A process that cannot reach PostgreSQL for that long stops delivering by itself."`
}

// Delivery tunes the sending of webhooks.
type Delivery struct {
	Concurrency   int           `koanf:"concurrency" default:"64" min:"1" max:"10000" doc:"Requests in flight to one app server, unless the app says otherwise. The events of one room are always sent one at a time."`
	LaneWindow    int           `koanf:"lane_window" default:"64" min:"1" max:"100000" doc:"Events of one room that wait in memory. The rest wait on disk."`
	ShutdownGrace time.Duration `koanf:"shutdown_grace" default:"5s" min:"0s" max:"10m" doc:"How long requests in flight may go on after the process was told to stop. What is not answered by then is sent again after the next start."`
}

// App is one app that the server serves. [DefaultApp] makes one with every default.
type App struct {
	SDKAppID                uint32   `koanf:"sdk_app_id" default:"0" min:"1" max:"4294967295" example:"1400000123" doc:"The app's SDKAppID. Required; no two apps have the same."`
	SecretKey               Secret   `koanf:"secret_key" default:"" example:"replace-with-a-long-random-text" doc:"The key that the app's UserSigs are signed with. Required, at least 8 characters, and not the text of the sample."`
	Admins                  []string `koanf:"admins" default:"administrator" doc:"UserIDs that may call the REST API: 1 to 10, each 1 to 32 bytes of printable ASCII."`
	RequireImportedAccounts bool     `koanf:"require_imported_accounts" default:"false" doc:"true refuses UserIDs that were not imported, with the vendor's error codes. false registers an account when a command first names it."`
	MaxRooms                int      `koanf:"max_rooms" default:"0" min:"0" max:"100000000" doc:"Rooms that the app may have at once. Past it create_room answers 100013; from 70 % on, every new room fires Live.CallbackAfterCreateRoomReachingThreshold. 0 sets no quota."`
	Lifetime                Lifetime `koanf:"lifetime" doc:"When the app's rooms end that nobody ends. Each rule ends a room as the system, with EventType DestroyBySystem."`
	Webhook                 Webhook  `koanf:"webhook" doc:"How this app's webhooks are sent. Where they go is not set here but by the app itself, with the live_config commands of the REST API."`
}

// Lifetime says when an app's rooms end that nobody ends (doc 63406).
type Lifetime struct {
	Empty        time.Duration `koanf:"empty" default:"30m" min:"1s" max:"720h" doc:"A room that somebody has entered and that is empty for this long ends, unless it has robots. Cannot be switched off. The vendor allows 10m to 24h."`
	OwnerLeft    time.Duration `koanf:"owner_left" default:"0s" min:"0s" max:"720h" doc:"A room ends when its owner has left it by the call and is not back after this time, unless the owner is a robot. 0s switches the rule off. The vendor allows 2m to 12h, and takes 10m when it is on."`
	OwnerOffline time.Duration `koanf:"owner_offline" default:"10m" min:"0s" max:"720h" doc:"A room ends when its owner counts as offline and is not back after this time, unless the owner is a robot. 0s switches the rule off."`
}

// DeliveryLog says how much of the past the delivery log keeps.
type DeliveryLog struct {
	Keep        time.Duration `koanf:"keep" default:"72h" min:"0s" max:"8760h" doc:"How long an attempt is kept. 0s keeps none: delivered webhooks can then be neither seen nor replayed."`
	MaxMiB      int           `koanf:"max_mib" default:"1024" min:"1" max:"1048576" doc:"Most that the log may take in the database, in MiB. The oldest attempts go first."`
	AnswerBytes int           `koanf:"answer_bytes" default:"1024" min:"0" max:"65536" doc:"How much of each answer's body is kept, in bytes."`
}

// Operator says who may use the operator API.
type Operator struct {
	Token    Secret         `koanf:"token" default:"" doc:"The token that calls of the operator API carry, at least 16 characters: Authorization: Bearer TOKEN. With an empty value one is made and kept in the file operator-token of data_dir, where the command line finds it."`
	Networks []netip.Prefix `koanf:"networks" default:"127.0.0.0/8,::1/128" doc:"Networks that the operator API answers, in CIDR form. Calls that came through a proxy count by the address before it, and are refused when that is not known. With an empty list the operator API is off."`
}

// Webhook says how one app's webhooks are sent.
type Webhook struct {
	AllowPrivateAddresses   bool           `koanf:"allow_private_addresses" default:"false" doc:"true lets the webhook URL lead to any address: private, loopback and link-local ones too. false protects what is reachable only from this machine."`
	AllowNetworks           []netip.Prefix `koanf:"allow_networks" default:"" doc:"Networks in CIDR form, such as 10.20.0.0/16, that the webhook URL may lead to although their addresses are private. Narrower than allow_private_addresses."`
	CAFile                  string         `koanf:"ca_file" default:"" doc:"PEM file with certificates of authorities that this app's server may have its certificate from, in addition to those of the system."`
	ClientCertFile          string         `koanf:"client_cert_file" default:"" doc:"PEM file with the certificate that webhooks of this app show to its server, followed by its chain. With client_key_file, or neither."`
	ClientKeyFile           string         `koanf:"client_key_file" default:"" doc:"PEM file with the private key of client_cert_file."`
	Proxy                   Secret         `koanf:"proxy" default:"" doc:"Proxy that this app's webhooks go through: an http:// or https:// URL, with user and password if it wants some, or the word environment for what HTTP_PROXY, HTTPS_PROXY and NO_PROXY say. With an empty value webhooks go straight, whatever the environment says. A proxy is reached at any address; where it leads to cannot be checked here, except for addresses that the webhook URL itself holds."`
	Timeout                 time.Duration  `koanf:"timeout" default:"2s" min:"1s" max:"30s" doc:"Time for one attempt, from the connection to the end of the answer."`
	RetryWindow             time.Duration  `koanf:"retry_window" default:"24h" min:"1s" max:"720h" doc:"How long a failing event is tried again before it becomes a dead letter and the room's next event goes out."`
	RetryFirstDelay         time.Duration  `koanf:"retry_first_delay" default:"1s" min:"10ms" max:"1h" doc:"Longest wait before the first retry. It grows with each further one; the real wait is a random part of it. A Retry-After of the answer is kept to, up to retry_max_delay."`
	RetryFactor             int            `koanf:"retry_factor" default:"2" min:"1" max:"10" doc:"By what the longest wait grows with each further retry."`
	RetryMaxDelay           time.Duration  `koanf:"retry_max_delay" default:"10m" min:"10ms" max:"24h" doc:"The wait does not grow beyond this. Not shorter than retry_first_delay."`
	PoisonAttempts          int            `koanf:"poison_attempts" default:"10" min:"0" max:"1000" doc:"An event that fails this often in the same way, while the app server takes the events of other rooms, becomes a dead letter before the retry_window ends, so that its room can go on. 0 switches this off."`
	RetryOnFail             bool           `koanf:"retry_on_fail" default:"false" doc:"true also retries when the app server answers properly but with ActionStatus FAIL. false counts that as delivered."`
	DelMetadataQueryCommand string         `koanf:"del_metadata_query_command" default:"canonical" oneof:"canonical|documented" doc:"CallbackCommand in the URL when room metadata was deleted. canonical: Live.CallbackAfterDelMetadata, as in the body. documented: Live.CallbackAfterSetMetadata, as the vendor's page prints it."`
	MessageOnNoAnswer       string         `koanf:"message_on_no_answer" default:"deliver" oneof:"deliver|refuse" doc:"What becomes of a message when the app server was asked about it (Group.CallbackBeforeSendMsg) and gave no valid answer within 2 s. deliver: it is delivered. refuse: its sender gets 80003."`
	SigningSecrets          []Secret       `koanf:"signing_secrets" default:"" doc:"Standard Webhooks secrets: whsec_ and 24 to 64 bytes in base64. Each one signs every webhook, so that a secret can be replaced without a gap: add the new one, switch the app server over, remove the old one. With an empty list, secret_key signs, used as text."`
	Concurrency             int            `koanf:"concurrency" default:"0" min:"0" max:"10000" doc:"Requests in flight to this app's server. 0 means delivery.concurrency."`
}

// Default returns the configuration of a server to which nobody said anything. It has no apps.
func Default() *Config {
	var c Config
	fill(&c, configKeys, defaults(configKeys)) // TestEveryDefaultIsValid holds that each default can be read
	return &c
}

// DefaultApp returns an app with every default, for the caller to give an SDKAppID and a secret key.
func DefaultApp() App {
	var a App
	fill(&a, appKeys, defaults(appKeys))
	return a
}
