package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path"

	"github.com/greenroom-live/greenroom/client"
)

// liveServer stands in for a live-room server with one room that has one key.
func liveServer() *httptest.Server {
	answers := map[string]string{
		"create_room":       `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","RequestId":"Id-1","Response":{"RoomId":"live_mira7"}}`,
		"set_room_metadata": `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","RequestId":"Id-2"}`,
		"get_room_metadata": `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","RequestId":"Id-3",` +
			`"Response":{"Metadata":[{"Key":"theme","Value":"dusk"}]}}`,
		"del_room_metadata": `{"ActionStatus":"FAIL","ErrorCode":100503,"ErrorInfo":"no such key","RequestId":"Id-4"}`,
	}
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, answers[path.Base(r.URL.Path)])
	}))
}

func Example() {
	server := liveServer()
	defer server.Close()
	ctx := context.Background()

	c, err := client.New(server.URL, client.WithApp(1400000123, "the app's secret key", "administrator"))
	if err != nil {
		fmt.Println(err)
		return
	}
	room, err := c.CreateRoom(ctx, client.RoomInfo{RoomID: "live_mira7", SeatTemplate: "VideoDynamicGrid9Seats", Owner: "mira7"})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := c.SetMetadata(ctx, room, client.MetadataPair{Key: "theme", Value: "dusk"}); err != nil {
		fmt.Println(err)
		return
	}
	pairs, err := c.Metadata(ctx, room)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range pairs {
		fmt.Println(room, p.Key, p.Value)
	}
	err = c.DeleteMetadata(ctx, room, "pin")
	fmt.Println(errors.Is(err, client.CodeMetadataNotFound), err)
	// Output:
	// live_mira7 theme dusk
	// true client: live_engine_http_srv/del_room_metadata: refused with 100503 "no such key", request "Id-4"
}
