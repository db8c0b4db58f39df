package restapi

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

type accountImportRequest struct {
	UserID     string  `json:"UserID" doc:"The account, 1 to 32 bytes of printable ASCII. Required, unless Identifier is given."`
	Identifier string  `json:"Identifier" doc:"Older name of UserID, which wins when both are given."`
	Nick       *string `json:"Nick" doc:"Nickname, at most 500 bytes. Stays when missing; an empty text clears it."`
	FaceURL    *string `json:"FaceUrl" doc:"Picture, at most 500 bytes. Stays when missing; an empty text clears it."`
}

// accountImport is account_import (doc 34953).
func accountImport(ctx context.Context, c *call, in *accountImportRequest) (*none, error) {
	if in.UserID == "" {
		in.UserID = in.Identifier
	}
	id, err := parseAccount("UserID", in.UserID)
	if err != nil {
		return nil, err
	}
	return nil, c.live.ImportAccount(ctx, c.caller, live.AccountImport{ID: id, Nick: in.Nick, FaceURL: in.FaceURL})
}

// parseAccount is live.ParseUserID with the login family's code.
func parseAccount(field, s string) (live.UserID, error) {
	if !live.ValidUserID(s) {
		return "", live.Refuse(live.CodeLoginParameter, "%s must be 1 to 32 bytes of printable ASCII", field)
	}
	return live.UserID(s), nil
}

type accountCheckRequest struct {
	CheckItem []struct {
		UserID string `json:"UserID" req:"true" doc:"An account, 1 to 32 bytes of printable ASCII."`
	} `json:"CheckItem" req:"true" doc:"Accounts to look up, 1 to 100."`
}

type accountCheckResponse struct {
	ResultItem []accountStatus `json:"ResultItem" doc:"One for each account, in the order asked."`
}

type accountStatus struct {
	UserID        string `json:"UserID" doc:"The account."`
	ResultCode    int    `json:"ResultCode" doc:"0."`
	ResultInfo    string `json:"ResultInfo" doc:"Empty."`
	AccountStatus string `json:"AccountStatus" doc:"Imported or NotImported."`
}

// accountCheck is account_check (doc 34956). An account that was never imported is no error.
func accountCheck(ctx context.Context, c *call, in *accountCheckRequest) (*accountCheckResponse, error) {
	ids := make([]live.UserID, len(in.CheckItem))
	for i, item := range in.CheckItem {
		var err error
		if ids[i], err = parseAccount("UserID", item.UserID); err != nil {
			return nil, err
		}
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
