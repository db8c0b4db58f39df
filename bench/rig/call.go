package rig

import (
	"fmt"
	"net/url"
	"strings"
	"time"
)

// DelMetadata is the command of the webhook that all runs use.
const DelMetadata = "Live.CallbackAfterDelMetadata"

// KeysPerRoom is how many keys a room's metadata holds (doc 64375).
const KeysPerRoom = 10

// Call is a REST call made ready.
type Call struct {
	URL  *url.URL
	Body []byte
}

// Get reads all metadata of a room.
func (a *App) Get(room string) Call {
	return Call{a.URL("get_room_metadata"), fmt.Appendf(nil, `{"RoomId":%q,"Keys":[]}`, room)}
}

// Set writes keys of a room, up to [KeysPerRoom].
func (a *App) Set(room string, keys ...Mark) Call {
	pairs := make([]string, len(keys))
	for i, key := range keys {
		pairs[i] = fmt.Sprintf(`{"Key":"%s","Value":"a value of some length"}`, key)
	}
	return Call{a.URL("set_room_metadata"), fmt.Appendf(nil, `{"RoomId":%q,"Metadata":[%s]}`, room, strings.Join(pairs, ","))}
}

// Del removes a key of a room, which causes a webhook with that mark.
func (a *App) Del(room string, key Mark) Call {
	return Call{a.URL("del_room_metadata"), fmt.Appendf(nil, `{"RoomId":%q,"Keys":["%s"]}`, room, key)}
}

// Body is the webhook of a deletion, as [App.Del] causes it.
func Body(room string, key Mark) []byte {
	return fmt.Appendf(nil, `{"CallbackCommand":%q,"Operator_Account":%q,"RoomId":%q,"Keys":["%s"],"EventTime":%d}`,
		DelMetadata, admin, room, key, time.Now().UnixMilli())
}
