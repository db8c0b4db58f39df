package restapi

import (
	"cmp"
	"context"
	"fmt"

	"github.com/greenroom-live/greenroom/internal/live"
)

type accountImportRequest struct {
	UserID     string  `json:"UserID" req:"true" doc:"The account: 1 to 32 bytes of printable ASCII."`
	Identifier string  `json:"Identifier" doc:"The older name of UserID, used when that is missing."`
	Nick       *string `json:"Nick" doc:"Its name, at most 500 bytes. Stays as it is when missing; an empty text clears it."`
	FaceURL    *string `json:"FaceUrl" doc:"URL of its picture, at most 500 bytes. Stays as it is when missing; an empty text clears it."`
}

// accountImport is account_import (doc 34953).
func accountImport(ctx context.Context, c *call, in *accountImportRequest) (*none, error) {
	id, err := parseAccount("UserID", cmp.Or(in.UserID, in.Identifier))
	if err != nil {
		return nil, err
	}
	return nil, c.live.ImportAccount(ctx, c.caller, live.AccountImport{ID: id, Nick: in.Nick, FaceURL: in.FaceURL})
}

// parseAccount is live.ParseUserID with the login family's code.
func parseAccount(field, s string) (live.UserID, error) {
	return parseAccountAs(live.CodeLoginParameter, field, s)
}

// parseAccountAs is live.ParseUserID with the code of another family.
func parseAccountAs(code live.Code, field, s string) (live.UserID, error) {
	if !live.ValidUserID(s) {
		return "", live.Refuse(code, "%s must be 1 to 32 bytes of printable ASCII", field)
	}
	return live.UserID(s), nil
}

// parseAccountsAs is parseAccountAs for a list, and names the element that is no account.
func parseAccountsAs(code live.Code, field string, list []string) ([]live.UserID, error) {
	users := make([]live.UserID, len(list))
	for i, s := range list {
		if !live.ValidUserID(s) {
			_, err := parseAccountAs(code, fmt.Sprintf("%s[%d]", field, i), s)
			return nil, err
		}
		users[i] = live.UserID(s)
	}
	return users, nil
}

type multiaccountImportRequest struct {
	AccountList []accountImportRequest `json:"AccountList" doc:"The accounts, together with those in Accounts 1 to 100. This or Accounts is required."`
	Accounts    []string               `json:"Accounts" doc:"The older form of AccountList: UserIDs only."`
}

type multiaccountImportResponse struct {
	FailAccounts []live.UserID `json:"FailAccounts" doc:"The accounts that could not be imported, because their UserID is none or a value is too long."`
}

// multiaccountImport is multiaccount_import (doc 34954), in both generations of its fields.
func multiaccountImport(ctx context.Context, c *call, in *multiaccountImportRequest) (*multiaccountImportResponse, error) {
	if err := live.CheckAccountsBatch("AccountList", len(in.AccountList)+len(in.Accounts)); err != nil {
		return nil, err
	}
	var list []live.AccountImport
	for _, a := range in.AccountList {
		id := live.UserID(cmp.Or(a.UserID, a.Identifier))
		list = append(list, live.AccountImport{ID: id, Nick: a.Nick, FaceURL: a.FaceURL})
	}
	for _, id := range in.Accounts {
		list = append(list, live.AccountImport{ID: live.UserID(id)})
	}
	for _, a := range list {
		if a.ID == "" {
			return nil, live.Refuse(live.CodeLoginParameter, "a UserID is missing")
		}
	}
	failed, err := c.live.ImportAccounts(ctx, c.caller, list)
	return &multiaccountImportResponse{failed}, err
}

// accountItem is one account of a list.
type accountItem struct {
	UserID string `json:"UserID" req:"true" doc:"The account: 1 to 32 bytes of printable ASCII."`
}

func parseItems(items []accountItem) ([]live.UserID, error) {
	users := make([]live.UserID, len(items))
	for i, item := range items {
		var err error
		if users[i], err = parseAccount("UserID", item.UserID); err != nil {
			return nil, err
		}
	}
	return users, nil
}

type accountCheckRequest struct {
	CheckItem []accountItem `json:"CheckItem" req:"true" doc:"The accounts asked about, 1 to 100."`
}

type accountCheckResponse struct {
	ResultItem []accountStatus `json:"ResultItem" doc:"One for each account, in the order asked."`
}

type accountStatus struct {
	UserID        string `json:"UserID" doc:"The account."`
	ResultCode    int    `json:"ResultCode" doc:"Always 0."`
	ResultInfo    string `json:"ResultInfo" doc:"Always empty."`
	AccountStatus string `json:"AccountStatus" doc:"Imported or NotImported."`
}

// accountCheck is account_check (doc 34956). An account that was never imported is no error.
func accountCheck(ctx context.Context, c *call, in *accountCheckRequest) (*accountCheckResponse, error) {
	ids, err := parseItems(in.CheckItem)
	if err != nil {
		return nil, err
	}
	imported, err := c.live.AccountsImported(ctx, c.caller, ids)
	if err != nil {
		return nil, err
	}
	out := &accountCheckResponse{make([]accountStatus, len(ids))}
	for i, id := range ids {
		status := "NotImported"
		if imported[i] {
			status = "Imported"
		}
		out.ResultItem[i] = accountStatus{UserID: string(id), AccountStatus: status}
	}
	return out, nil
}

type accountDeleteRequest struct {
	DeleteItem []accountItem `json:"DeleteItem" req:"true" doc:"The accounts to delete, 1 to 100."`
}

type accountDeleteResponse struct {
	ResultItem []accountDeleted `json:"ResultItem" doc:"One for each account, in the order asked."`
}

type accountDeleted struct {
	UserID     string    `json:"UserID" doc:"The account."`
	ResultCode live.Code `json:"ResultCode" doc:"0: deleted; 70107: there is no such account; 71000: an App admin cannot be deleted."`
	ResultInfo string    `json:"ResultInfo" doc:"Why it was not deleted."`
}

// infoNoAccount is what the contract says of an account that is not there (doc 34955).
const infoNoAccount = "Err_TLS_PT_Open_Login_Account_Not_Exist"

// accountDelete is account_delete (doc 34955).
func accountDelete(ctx context.Context, c *call, in *accountDeleteRequest) (*accountDeleteResponse, error) {
	users, err := parseItems(in.DeleteItem)
	if err != nil {
		return nil, err
	}
	outcomes, err := c.live.DeleteAccounts(ctx, c.caller, users)
	if err != nil {
		return nil, err
	}
	out := &accountDeleteResponse{make([]accountDeleted, len(users))}
	for i, user := range users {
		code, info := outcome(outcomes[i])
		if code == live.CodeNoAccount {
			info = infoNoAccount
		}
		out.ResultItem[i] = accountDeleted{string(user), code, info}
	}
	return out, nil
}

// outcome returns what a refusal, or nil, says of one item of a call.
func outcome(err error) (live.Code, string) {
	if refusal, ok := err.(*live.Error); ok {
		return refusal.Code, refusal.Info
	}
	return 0, ""
}

type kickRequest struct {
	UserID     string `json:"UserID" req:"true" doc:"The account whose logins end: 1 to 32 bytes of printable ASCII."`
	Identifier string `json:"Identifier" doc:"The older name of UserID, used when that is missing."`
}

// kick is kick (doc 34957).
func kick(ctx context.Context, c *call, in *kickRequest) (*none, error) {
	user, err := parseAccount("UserID", cmp.Or(in.UserID, in.Identifier))
	if err != nil {
		return nil, err
	}
	return nil, c.live.Kick(ctx, c.caller, user)
}
