package restapi

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

type callbackRequest struct {
	URL                 string    `json:"Url" req:"true" doc:"Where webhooks are sent: http or https with a host, at most 2,048 bytes of printable ASCII, no user name or password. A query of its own is kept."`
	CallbackCommandList *[]string `json:"CallbackCommandList" req:"true" doc:"Command words of the webhooks to send. An unknown word refuses the call; with an empty list none is sent."`
}

func (in *callbackRequest) callback() (live.Callback, error) {
	if in.CallbackCommandList == nil {
		return live.Callback{}, live.Refuse(live.CodeBadParameter, "CallbackCommandList is missing")
	}
	return live.Callback{URL: in.URL, Commands: *in.CallbackCommandList}, nil
}

// setCallback is set_callback (doc 64420).
func setCallback(ctx context.Context, c *call, in *callbackRequest) (*none, error) {
	callback, err := in.callback()
	if err != nil {
		return nil, err
	}
	return nil, c.live.SetCallback(ctx, c.caller, callback)
}

// updateCallback is update_callback (doc 64419): a full replacement.
func updateCallback(ctx context.Context, c *call, in *callbackRequest) (*none, error) {
	callback, err := in.callback()
	if err != nil {
		return nil, err
	}
	return nil, c.live.UpdateCallback(ctx, c.caller, callback)
}

type getCallbackResponse struct {
	URL                 string   `json:"Url" doc:"Where webhooks are sent."`
	CallbackCommandList []string `json:"CallbackCommandList" doc:"Command words of the webhooks that are sent, as they were given."`
}

// getCallback is get_callback (doc 64418).
func getCallback(ctx context.Context, c *call, _ *none) (*getCallbackResponse, error) {
	callback, err := c.live.Callback(ctx, c.caller)
	if err != nil {
		return nil, err
	}
	return &getCallbackResponse{callback.URL, callback.Commands}, nil
}

// deleteCallback is delete_callback (doc 64421).
func deleteCallback(ctx context.Context, c *call, _ *none) (*none, error) {
	return nil, c.live.DeleteCallback(ctx, c.caller)
}

type callbackTokenRequest struct {
	Token         *string `json:"Token" doc:"1 to 128 characters of printable ASCII. Required in the first call; when missing later, it stays."`
	IsTokenEnable *bool   `json:"IsTokenEnable" doc:"Whether the token signs the webhooks. Required in the first call; when missing later, it stays."`
}

// setCallbackToken is set_callback_token (doc 69528).
func setCallbackToken(ctx context.Context, c *call, in *callbackTokenRequest) (*none, error) {
	return nil, c.live.SetCallbackToken(ctx, c.caller, in.Token, in.IsTokenEnable)
}

type getCallbackTokenResponse struct {
	Token         string `json:"Token" doc:"The token."`
	IsTokenEnable bool   `json:"IsTokenEnable" doc:"Whether it signs the webhooks."`
}

// getCallbackToken is get_callback_token (doc 69529).
func getCallbackToken(ctx context.Context, c *call, _ *none) (*getCallbackTokenResponse, error) {
	t, err := c.live.CallbackToken(ctx, c.caller)
	if err != nil {
		return nil, err
	}
	return &getCallbackTokenResponse{t.Token, t.Enabled}, nil
}

// deleteCallbackToken is delete_callback_token (doc 78182).
func deleteCallbackToken(ctx context.Context, c *call, _ *none) (*none, error) {
	return nil, c.live.DeleteCallbackToken(ctx, c.caller)
}
