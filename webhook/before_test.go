package webhook_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/webhook"
)

const (
	mayISay = `{"CallbackCommand":"Group.CallbackBeforeSendMsg","GroupId":"live_1","Type":"Live","From_Account":"fan_1",` +
		`"Operator_Account":"fan_1","Random":7,"MsgId":"1-2-7","MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hello"}}],` +
		`"CloudCustomData":"","EventTime":1767225600444}`
	mayIGive = `{"CallbackCommand":"Live.CallbackBeforeSendGift","Operator_Account":"fan_1","RoomId":"live_1",` +
		`"GiftWater":{"From_Account":"fan_1","To_Account":["host_7"],"Time":1767225600,"GiftId":"rose","Count":3,"Coins":10}}`
)

func TestAQuestionIsAnsweredByItsFunction(t *testing.T) {
	changed, none := "new", ""
	for name, c := range map[string]struct {
		answer webhook.Answer
		body   string
	}{
		"yes":  {webhook.Answer{}, okay},
		"no":   {webhook.Answer{ErrorCode: webhook.AnswerRefuse, ErrorInfo: "no <b>"}, `{"ActionStatus":"OK","ErrorCode":1,"ErrorInfo":"no <b>"}`},
		"FAIL": {webhook.Answer{ActionStatus: "FAIL", ErrorCode: 10123}, `{"ActionStatus":"FAIL","ErrorCode":10123,"ErrorInfo":""}`},
		"otherwise": {webhook.Answer{MsgBody: []webhook.MsgElement{{MsgType: "TIMTextElem", MsgContent: []byte(`{"Text":"h***o"}`)}}, CloudCustomData: &changed},
			`{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"h***o"}}],"CloudCustomData":"new"}`},
		"without data": {webhook.Answer{CloudCustomData: &none}, `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","CloudCustomData":""}`},
	} {
		t.Run(name, func(t *testing.T) {
			server := newAppServer(t, bothChecks)
			var asked []webhook.BeforeSendMsg
			webhook.Before(server.Receiver, func(_ context.Context, d webhook.Delivery, e webhook.BeforeSendMsg) (webhook.Answer, error) {
				require.Equal(t, mayISay, string(d.Body))
				asked = append(asked, e)
				return c.answer, nil
			})
			for n := range 2 { // with the same id: a question is not an event that is taken once
				status, body := server.send(withBody(mayISay))
				require.Equal(t, http.StatusOK, status)
				require.Equal(t, c.body, body)
				require.Len(t, asked, n+1)
			}
			require.Equal(t, "hello", string(asked[0].MsgBody[0].MsgContent[9:14]))
		})
	}
}

func TestAQuestionWithoutAFunctionIsAllowed(t *testing.T) {
	server := newAppServer(t, bothChecks)
	webhook.Before(server.Receiver, func(context.Context, webhook.Delivery, webhook.BeforeSendGift) (webhook.Answer, error) {
		return webhook.Answer{ErrorCode: 102100}, nil
	})
	status, body := server.send(withBody(mayISay))
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, okay, body)
	_, body = server.send(withBody(mayIGive))
	require.Equal(t, `{"ActionStatus":"OK","ErrorCode":102100,"ErrorInfo":""}`, body)
	_, body = server.send(withID("evt_2"))
	require.Equal(t, okay, body, "other webhooks are taken as ever")
}

func TestAQuestionWhoseFunctionFailsGetsNoAnswer(t *testing.T) {
	for name, decide := range map[string]func() (webhook.Answer, error){
		"an error":          func() (webhook.Answer, error) { return webhook.Answer{}, errors.New("the database is gone") },
		"an answer no JSON": func() (webhook.Answer, error) { return webhook.Answer{ErrorInfo: "\xff"}, nil },
	} {
		t.Run(name, func(t *testing.T) {
			server := newAppServer(t, bothChecks)
			webhook.Before(server.Receiver, func(context.Context, webhook.Delivery, webhook.BeforeSendMsg) (webhook.Answer, error) {
				return decide()
			})
			status, body := server.send(withBody(mayISay))
			require.Equal(t, http.StatusInternalServerError, status)
			require.Equal(t, `{"ActionStatus":"FAIL","ErrorCode":500,"ErrorInfo":"the event was not processed"}`, body)
		})
	}
}

func TestAQuestionIsCheckedLikeEveryWebhook(t *testing.T) {
	server := newAppServer(t, bothChecks)
	webhook.Before(server.Receiver, func(context.Context, webhook.Delivery, webhook.BeforeSendMsg) (webhook.Answer, error) {
		t.Error("asked by a stranger")
		return webhook.Answer{}, nil
	})
	status, _ := server.send(withBody(mayISay), withoutHeader(webhook.HeaderSignature))
	require.Equal(t, http.StatusForbidden, status)
	status, _ = server.send(withBody(mayISay), inQuery("&Sign=", "&Sign=0"))
	require.Equal(t, http.StatusForbidden, status)
}

func TestOthersHearOfAQuestionFirst(t *testing.T) {
	server := newAppServer(t, bothChecks)
	var order []string
	var fails error
	webhook.Before(server.Receiver, func(context.Context, webhook.Delivery, webhook.BeforeSendMsg) (webhook.Answer, error) {
		order = append(order, "decide")
		return webhook.Answer{}, nil
	})
	webhook.On(server.Receiver, func(context.Context, webhook.Delivery, webhook.BeforeSendMsg) error {
		order = append(order, "on")
		return fails
	})
	server.OnAny(func(context.Context, webhook.Delivery, webhook.Event) error {
		order = append(order, "any")
		return nil
	})
	status, _ := server.send(withBody(mayISay))
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, []string{"on", "any", "decide"}, order)
	fails = errors.New("no")
	status, _ = server.send(withBody(mayISay))
	require.Equal(t, http.StatusInternalServerError, status)
	require.Equal(t, "on", order[len(order)-1])
}

func TestBeforeIsForQuestionsOnceEach(t *testing.T) {
	server := newAppServer(t, bothChecks)
	allow := func(context.Context, webhook.Delivery, webhook.BeforeSendGift) (webhook.Answer, error) {
		return webhook.Answer{}, nil
	}
	webhook.Before(server.Receiver, allow)
	require.PanicsWithValue(t, "webhook: Before: Live.CallbackBeforeSendGift has a function already", func() { webhook.Before(server.Receiver, allow) })
	require.PanicsWithValue(t, "webhook: Before: webhook.AfterSendMsg asks nothing", func() {
		webhook.Before(server.Receiver, func(context.Context, webhook.Delivery, webhook.AfterSendMsg) (webhook.Answer, error) {
			return webhook.Answer{}, nil
		})
	})
	require.Panics(t, func() {
		webhook.Before(server.Receiver, func(context.Context, webhook.Delivery, *webhook.Unknown) (webhook.Answer, error) {
			return webhook.Answer{}, nil
		})
	})
}
