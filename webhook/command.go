package webhook

import (
	"reflect"
	"slices"
)

// Command is the word that names a webhook: in an app's configuration, in the query and in the body.
type Command string

// The command words of the contract (doc 64413).
const (
	CommandAfterCreateRoom                  Command = "Live.CallbackAfterCreateRoom"
	CommandAfterDestroyRoom                 Command = "Live.CallbackAfterDestroyRoom"
	CommandAfterUpdateRoomInfo              Command = "Live.CallbackAfterUpdateRoomInfo"
	CommandAfterSetMetadata                 Command = "Live.CallbackAfterSetMetadata"
	CommandAfterDelMetadata                 Command = "Live.CallbackAfterDelMetadata"
	CommandAfterCreateRoomReachingThreshold Command = "Live.CallbackAfterCreateRoomReachingThreshold"
	CommandAfterMemberStateChanged          Command = "Live.CallbackAfterMemberStateChanged"
	CommandAfterChangeOwner                 Command = "Live.CallbackAfterChangeOwner"
	CommandAfterModifyAdmin                 Command = "Live.CallbackAfterModifyAdmin"
	CommandAfterSeatInfoChanged             Command = "Mic.CallbackAfterSeatInfoChanged"
	CommandAfterCreateBattle                Command = "Live.CallbackAfterCreateBattle"
	CommandAfterStartBattle                 Command = "Live.CallbackAfterStartBattle"
	CommandAfterEndBattle                   Command = "Live.CallbackAfterEndBattle"
	CommandBeforeSendGift                   Command = "Live.CallbackBeforeSendGift"
	CommandBeforeCallBackNotBlock           Command = "Live.CallbackBeforeCallBackNotBlock"
	CommandBeforeSendMsg                    Command = "Group.CallbackBeforeSendMsg"
	CommandAfterSendMsg                     Command = "Group.CallbackAfterSendMsg"
	CommandAfterFollowAdd                   Command = "Follow.CallbackAfterFollowAdd"
	CommandAfterFollowDelete                Command = "Follow.CallbackAfterFollowDelete"
	CommandAfterCloudRecordingChanged       Command = "Live.CallbackAfterCloudRecordingChanged"
)

// Kind is one row of the table of webhooks: what is true of every event of one command.
type Kind struct {
	Command Command
	// Before marks the webhooks whose answer decides whether the thing happens. All others report what has happened.
	Before bool
	// Switch marks the word that is never sent: configuring it changes how another webhook behaves.
	Switch bool
	// OmitsClient marks the webhooks whose query has no ClientIP and no OptPlatform (docs 64424, 72553, 72554).
	OmitsClient bool

	aliases []string // other spellings in the documentation, taken wherever a word is read, never sent
	event   eventType
}

// Aliases returns the other spellings of the command that the documentation has. They are taken wherever a word is read,
// and never sent.
func (k Kind) Aliases() []string { return slices.Clone(k.aliases) }

// kinds is the only list of the webhooks: a new event type is a file with the type, and its name in this table.
var kinds = []Kind{
	{Command: CommandAfterCreateRoom, event: typeOf[AfterCreateRoom]()},
	{Command: CommandAfterDestroyRoom, event: typeOf[AfterDestroyRoom]()},
	{Command: CommandAfterUpdateRoomInfo, event: typeOf[AfterUpdateRoomInfo]()},
	{Command: CommandAfterSetMetadata, event: typeOf[AfterSetMetadata]()},
	{Command: CommandAfterDelMetadata, event: typeOf[AfterDelMetadata]()},
	{Command: CommandAfterCreateRoomReachingThreshold, event: typeOf[AfterCreateRoomReachingThreshold]()},
	{Command: CommandAfterMemberStateChanged, OmitsClient: true, event: typeOf[AfterMemberStateChanged](),
		aliases: []string{"Live.CallbackMemberStateChanged"}},
	{Command: CommandAfterChangeOwner, OmitsClient: true, event: typeOf[AfterChangeOwner]()},
	{Command: CommandAfterModifyAdmin, OmitsClient: true, event: typeOf[AfterModifyAdmin]()},
	{Command: CommandAfterSeatInfoChanged, event: typeOf[AfterSeatInfoChanged]()},
	{Command: CommandAfterCreateBattle, event: typeOf[AfterCreateBattle]()},
	{Command: CommandAfterStartBattle, event: typeOf[AfterStartBattle]()},
	{Command: CommandAfterEndBattle, event: typeOf[AfterEndBattle]()},
	{Command: CommandBeforeSendGift, Before: true, event: typeOf[BeforeSendGift]()},
	{Command: CommandBeforeCallBackNotBlock, Switch: true},
	{Command: CommandBeforeSendMsg, Before: true, event: typeOf[BeforeSendMsg]()},
	{Command: CommandAfterSendMsg, event: typeOf[AfterSendMsg]()},
	{Command: CommandAfterFollowAdd, event: typeOf[AfterFollowAdd]()},
	{Command: CommandAfterFollowDelete, event: typeOf[AfterFollowDelete]()},
	{Command: CommandAfterCloudRecordingChanged, event: typeOf[AfterCloudRecordingChanged](),
		aliases: []string{"Follow.CallbackAfterCloudRecordingChanged"}},
}

var (
	kindByWord = make(map[string]*Kind)
	kindByType = make(map[reflect.Type]*Kind)
)

func init() {
	for i := range kinds {
		kind := &kinds[i]
		kindByWord[string(kind.Command)] = kind
		for _, alias := range kind.aliases {
			kindByWord[alias] = kind
		}
		if kind.event.goType != nil {
			kindByType[kind.event.goType] = kind
		}
	}
}

// Lookup returns the webhook that word names. It also knows the two other spellings that the documentation has for
// member state (doc 64424) and cloud recording (doc 78428); Kind.Command is then still the word that is sent.
func Lookup(word string) (Kind, bool) {
	kind, ok := kindByWord[word]
	if !ok {
		return Kind{}, false
	}
	return *kind, true
}

// Words returns every command word that an app can configure, in the documentation's order, without the other spellings.
func Words() []Command {
	words := make([]Command, len(kinds))
	for i, kind := range kinds {
		words[i] = kind.Command
	}
	return words
}
