package client

import "context"

const accounts = "im_open_login_svc/"

// Account is a user and its profile.
type Account struct {
	UserID  string // 1 to 32 bytes
	Nick    string `json:"Nick,omitzero"`    // at most 500 bytes
	FaceURL string `json:"FaceUrl,omitzero"` // at most 500 bytes
}

// AccountCheck says whether a user is known.
type AccountCheck struct {
	UserID     string
	ResultCode int // other than 0: this user could not be looked up, ResultInfo says why
	ResultInfo string
	Status     string `json:"AccountStatus"` // "Imported" or "NotImported"
}

// Imported tells whether the user is known.
func (a AccountCheck) Imported() bool { return a.Status == "Imported" }

// ImportAccount makes a user known; an empty nick or face is not sent (doc 34953). Importing again does no harm.
func (c *Client) ImportAccount(ctx context.Context, account Account) error {
	return c.Do(ctx, accounts+"account_import", account, nil)
}

// CheckAccounts tells of each user whether it is known; at most 100 in a call (doc 34956). An unknown user is no error.
func (c *Client) CheckAccounts(ctx context.Context, users ...string) ([]AccountCheck, error) {
	type item struct{ UserID string }
	items := make([]item, len(users))
	for i, user := range users {
		items[i].UserID = user
	}
	in := struct{ CheckItem []item }{items}
	var out struct{ ResultItem []AccountCheck }
	err := c.Do(ctx, accounts+"account_check", in, &out)
	return out.ResultItem, err
}
