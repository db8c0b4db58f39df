package webhook_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"

	"github.com/greenroom-live/greenroom/webhook"
)

// An app server takes the webhooks of its app. Here the live server's part is played by the last lines.
func ExampleReceiver() {
	key := "7f3c0e5b9a1d4826c1e0b7f59d3a64820fb1c2d3e4f5061728394a5b6c7d8e9f"
	receiver, err := webhook.NewReceiver(webhook.ReceiverConfig{
		SDKAppID: 1400000123,
		Token:    "Vb3kTq9ZsX",
		Secrets:  []webhook.Secret{webhook.SecretFromKey(key)},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	webhook.On(receiver, func(_ context.Context, d webhook.Delivery, e webhook.AfterDelMetadata) error {
		fmt.Println(d.ID, e.OperatorAccount, "deleted", e.Keys, "of", e.RoomID)
		return nil
	})
	mux := http.NewServeMux()
	mux.Handle("/webhooks", receiver)
	server := httptest.NewServer(mux)
	defer server.Close()

	now := time.Now().Unix()
	body, err := webhook.Encode(webhook.AfterDelMetadata{
		OperatorAccount: "host_7", RoomID: "live_1", Keys: []string{"theme"}, EventTime: now * 1000})
	if err != nil {
		fmt.Println(err)
		return
	}
	query := webhook.Query{SDKAppID: 1400000123, Command: webhook.CommandAfterDelMetadata, Token: "Vb3kTq9ZsX", RequestTime: now}
	for range 2 { // the second time is not processed again
		request, _ := http.NewRequest(http.MethodPost, query.AppendTo(server.URL+"/webhooks"), strings.NewReader(string(body)))
		request.Header.Set(webhook.HeaderID, "evt_1")
		request.Header.Set(webhook.HeaderTimestamp, strconv.FormatInt(now, 10))
		request.Header.Set(webhook.HeaderSignature, webhook.SecretFromKey(key).Signature("evt_1", now, body))
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			fmt.Println(err)
			return
		}
		answer, _ := io.ReadAll(response.Body)
		response.Body.Close()
		fmt.Println(response.StatusCode, string(answer))
	}
	// Output:
	// evt_1 host_7 deleted [theme] of live_1
	// 200 {"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}
	// 200 {"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}
}

// An app server lets through what its word list allows. Here the live server's part is played by the last lines.
func ExampleBefore() {
	receiver, err := webhook.NewReceiver(webhook.ReceiverConfig{SDKAppID: 1400000123})
	if err != nil {
		fmt.Println(err)
		return
	}
	webhook.Before(receiver, func(_ context.Context, _ webhook.Delivery, e webhook.BeforeSendMsg) (webhook.Answer, error) {
		for _, element := range e.MsgBody {
			if strings.Contains(string(element.MsgContent), "darn") {
				return webhook.Answer{ErrorCode: webhook.AnswerRefuse, ErrorInfo: "mind your words"}, nil
			}
		}
		return webhook.Answer{}, nil
	})
	server := httptest.NewServer(receiver)
	defer server.Close()

	query := webhook.Query{SDKAppID: 1400000123, Command: webhook.CommandBeforeSendMsg}
	for _, text := range []string{"hello", "darn it"} {
		body, err := webhook.Encode(webhook.BeforeSendMsg{GroupID: "live_1", MsgBody: []webhook.MsgElement{
			{MsgType: webhook.MsgTypeText, MsgContent: []byte(`{"Text":"` + text + `"}`)}}})
		if err != nil {
			fmt.Println(err)
			return
		}
		response, err := http.Post(query.AppendTo(server.URL), "application/json", strings.NewReader(string(body)))
		if err != nil {
			fmt.Println(err)
			return
		}
		answer, _ := io.ReadAll(response.Body)
		response.Body.Close()
		fmt.Println(string(answer))
	}
	// Output:
	// {"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}
	// {"ActionStatus":"OK","ErrorCode":1,"ErrorInfo":"mind your words"}
}

func ExampleEncode() {
	body, err := webhook.Encode(webhook.AfterModifyAdmin{
		RoomID: "live_1", EventTime: 1767226000777, OperatorAccount: "host_7",
		AdminAccount: []string{"mod_1"}, OpType: webhook.AdminAdd,
	})
	fmt.Println(string(body), err)
	// Output: {"CallbackCommand":"Live.CallbackAfterModifyAdmin","RoomId":"live_1","EventTime":1767226000777,"Operator_Account":"host_7","Admin_Account":["mod_1"],"opType":"add"} <nil>
}

func ExampleDecode() {
	event, err := webhook.Decode([]byte(`{"CallbackCommand":"Live.CallbackAfterMemberStateChanged","RoomId":"live_1",
		"EventType":"Online","EventCause":"Enter","MemberList":[{"Member_Account":"fan_1"}],"EventTime":1767225900555}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	switch e := event.(type) {
	case webhook.AfterMemberStateChanged:
		fmt.Println(e.RoomID, e.EventType, e.MemberList)
	case *webhook.Unknown:
		fmt.Println("no type for", e.Word)
	}
	// Output: live_1 Online [{fan_1}]
}

func ExampleQuery_AppendTo() {
	query := webhook.Query{
		SDKAppID: 1400000123, Command: webhook.CommandAfterSetMetadata, ClientIP: "203.0.113.9", Platform: webhook.PlatformREST,
	}
	fmt.Println(query.AppendTo("https://hooks.example.net/live?tenant=eu1"))
	// Output: https://hooks.example.net/live?tenant=eu1&SdkAppid=1400000123&CallbackCommand=Live.CallbackAfterSetMetadata&contenttype=json&ClientIP=203.0.113.9&OptPlatform=RESTAPI
}

func ExampleLookup() {
	kind, ok := webhook.Lookup("Live.CallbackMemberStateChanged") // as doc 64424's table has it
	fmt.Println(kind.Command, kind.OmitsClient, ok)
	// Output: Live.CallbackAfterMemberStateChanged true true
}
