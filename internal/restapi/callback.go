package restapi

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

type callbackRequest struct {
	URL                 string    `json:"Url"`
	CallbackCommandList *[]string `json:"CallbackCommandList"`
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
	URL                 string   `json:"Url"`
	CallbackCommandList []string `json:"CallbackCommandList"`
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
	Token         *string `json:"Token"`
	IsTokenEnable *bool   `json:"IsTokenEnable"`
}

// setCallbackToken is set_callback_token (doc 69528).
func setCallbackToken(ctx context.Context, c *call, in *callbackTokenRequest) (*none, error) {
	return nil, c.live.SetCallbackToken(ctx, c.caller, in.Token, in.IsTokenEnable)
}

type getCallbackTokenResponse struct {
	Token         string `json:"Token"`
	IsTokenEnable bool   `json:"IsTokenEnable"`
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
