package restapi

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

type queryOnlineStatusRequest struct {
	ToAccount            []string `json:"To_Account" req:"true" doc:"The accounts asked about, 1 to 500."`
	IsNeedDetail         int      `json:"IsNeedDetail" doc:"1: tell the platforms too."`
	IsReturnInstid       int      `json:"IsReturnInstid" doc:"Accepted; devices have no ids here."`
	IsReturnCustomStatus int      `json:"IsReturnCustomStatus" doc:"Accepted; users have no status of their own here."`
}

type queryOnlineStatusResponse struct {
	QueryResult []onlineStatus `json:"QueryResult" doc:"The known accounts, in the order asked."`
	ErrorList   []unknownUser  `json:"ErrorList,omitempty" doc:"The unknown accounts; missing when there are none."`
}

type onlineStatus struct {
	ToAccount string           `json:"To_Account" doc:"The account."`
	Status    string           `json:"Status" doc:"Online while it has a connection, else Offline."`
	Detail    []platformStatus `json:"Detail,omitzero" doc:"With IsNeedDetail 1: the platforms it is connected from."`
}

type platformStatus struct {
	Platform string `json:"Platform" doc:"iPhone, Android, Web, Windows, Mac, iPad or Unknown: what the client said on connecting."`
	Status   string `json:"Status" doc:"Always Online."`
}

type unknownUser struct {
	ToAccount string    `json:"To_Account" doc:"The account."`
	ErrorCode live.Code `json:"ErrorCode" doc:"Always 70107: there is no such account."`
}

const online, offline = "Online", "Offline"

// queryOnlineStatus is query_online_status (doc 35477).
func queryOnlineStatus(ctx context.Context, c *call, in *queryOnlineStatusRequest) (*queryOnlineStatusResponse, error) {
	users, err := parseAccountsAs(live.CodeLoginParameter, "To_Account", in.ToAccount)
	if err != nil {
		return nil, err
	}
	all, err := c.live.OnlineStatus(ctx, c.caller, c.online, users)
	if err != nil {
		return nil, err
	}
	out := &queryOnlineStatusResponse{QueryResult: []onlineStatus{}}
	for _, s := range all {
		if !s.Known {
			out.ErrorList = append(out.ErrorList, unknownUser{string(s.User), live.CodeNoAccount})
			continue
		}
		result := onlineStatus{ToAccount: string(s.User), Status: offline}
		if len(s.Platforms) > 0 {
			result.Status = online
		}
		if in.IsNeedDetail != 0 {
			result.Detail = platforms(s.Platforms)
		}
		out.QueryResult = append(out.QueryResult, result)
	}
	return out, nil
}

func platforms(list []live.Platform) []platformStatus {
	detail := make([]platformStatus, len(list))
	for i, p := range list {
		name := string(p)
		if p == live.PlatformIOS {
			name = "iPhone" // the word of doc 35477
		}
		detail[i] = platformStatus{name, online}
	}
	return detail
}
