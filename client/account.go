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

// AccountResult is what became of one user of a call.
type AccountResult struct {
	UserID     string
	ResultCode int    // 0: done
	ResultInfo string // why not
}

// ImportAccounts makes up to 100 users known, or changes those that are (doc 34954), and returns those that could not be
// imported.
func (c *Client) ImportAccounts(ctx context.Context, list ...Account) (failed []string, err error) {
	in := struct{ AccountList []Account }{list}
	var out struct{ FailAccounts []string }
	err = c.Do(ctx, accounts+"multiaccount_import", in, &out)
	return out.FailAccounts, err
}

// DeleteAccounts deletes up to 100 users with their profiles and follow relations, and ends their logins (doc 34955). Each
// result stands by itself: [CodeNoAccount] for an unknown user, [CodeNoDeletion] for an App admin.
func (c *Client) DeleteAccounts(ctx context.Context, users ...string) ([]AccountResult, error) {
	type item struct{ UserID string }
	items := make([]item, len(users))
	for i, user := range users {
		items[i].UserID = user
	}
	in := struct{ DeleteItem []item }{items}
	var out struct{ ResultItem []AccountResult }
	err := c.Do(ctx, accounts+"account_delete", in, &out)
	return out.ResultItem, err
}

// Kick ends a user's logins: its connections are closed, and the UserSigs that it has now are refused (doc 34957). It fails
// with [CodeNoAccount].
func (c *Client) Kick(ctx context.Context, user string) error {
	in := struct{ UserID string }{user}
	return c.Do(ctx, accounts+"kick", in, nil)
}

// OnlineStatus says whether a user is connected.
type OnlineStatus struct {
	UserID    string   `json:"To_Account"`
	Status    string   // "Online" or "Offline"
	Platforms []string `json:"-"` // from where, like "Web", "Android" or "iPhone"
}

// Online tells whether the user is connected.
func (s OnlineStatus) Online() bool { return s.Status == "Online" }

// OnlineStatus tells of up to 500 users whether they are connected, and from where (doc 35477). Those whom the server does
// not know are apart.
func (c *Client) OnlineStatus(ctx context.Context, users ...string) (known []OnlineStatus, unknown []string, err error) {
	in := struct {
		Users        []string `json:"To_Account"`
		IsNeedDetail int
	}{users, 1}
	var out struct {
		QueryResult []struct {
			OnlineStatus
			Detail []struct{ Platform, Status string }
		}
		ErrorList []struct {
			UserID string `json:"To_Account"`
		}
	}
	if err := c.Do(ctx, "openim/query_online_status", in, &out); err != nil {
		return nil, nil, err
	}
	for _, r := range out.QueryResult {
		for _, d := range r.Detail {
			if d.Status == "Online" {
				r.Platforms = append(r.Platforms, d.Platform)
			}
		}
		known = append(known, r.OnlineStatus)
	}
	for _, e := range out.ErrorList {
		unknown = append(unknown, e.UserID)
	}
	return known, unknown, nil
}
