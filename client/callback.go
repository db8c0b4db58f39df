package client

import "context"

const callbacks = "live_config/"

// Callback is where an app's webhooks go, and which of them it has switched on.
type Callback struct {
	URL      string   `json:"Url"`                 // begins with http:// or https://
	Commands []string `json:"CallbackCommandList"` // like "Live.CallbackAfterDelMetadata"; none is allowed
}

// CallbackToken is the secret with which webhooks are signed (doc 64412).
type CallbackToken struct {
	Token   string
	Enabled bool `json:"IsTokenEnable"`
}

// SetCallback configures an app's webhooks for the first time (doc 64420). It fails with [CodeCallbackExists] when they are.
func (c *Client) SetCallback(ctx context.Context, callback Callback) error {
	return c.Do(ctx, callbacks+"set_callback", callback, nil)
}

// UpdateCallback replaces the whole configuration of an app's webhooks (doc 64419). It fails with [CodeNoCallback] when there
// is none.
func (c *Client) UpdateCallback(ctx context.Context, callback Callback) error {
	return c.Do(ctx, callbacks+"update_callback", callback, nil)
}

// Callback returns the configuration of an app's webhooks (doc 64418).
func (c *Client) Callback(ctx context.Context) (Callback, error) {
	var out Callback
	err := c.Do(ctx, callbacks+"get_callback", nil, &out)
	return out, err
}

// DeleteCallback ends an app's webhooks (doc 64421).
func (c *Client) DeleteCallback(ctx context.Context) error {
	return c.Do(ctx, callbacks+"delete_callback", nil, nil)
}

// SetCallbackToken changes the token that signs webhooks, and whether it does; nil leaves as it is (doc 69528). The first call
// has to give both. A token has 1 to 128 characters.
func (c *Client) SetCallbackToken(ctx context.Context, token *string, enabled *bool) error {
	in := struct {
		Token         *string `json:",omitzero"`
		IsTokenEnable *bool   `json:",omitzero"`
	}{token, enabled}
	return c.Do(ctx, callbacks+"set_callback_token", in, nil)
}

// CallbackToken returns the token that signs webhooks (doc 69529). It fails with [CodeNoCallbackToken] when there is none.
func (c *Client) CallbackToken(ctx context.Context) (CallbackToken, error) {
	var out CallbackToken
	err := c.Do(ctx, callbacks+"get_callback_token", nil, &out)
	return out, err
}

// DeleteCallbackToken ends the signing of webhooks (doc 1071/78182). It is no error when there is no token.
func (c *Client) DeleteCallbackToken(ctx context.Context) error {
	return c.Do(ctx, callbacks+"delete_callback_token", nil, nil)
}
