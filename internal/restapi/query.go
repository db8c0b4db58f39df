package restapi

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/greenroom-live/greenroom/internal/live"
)

// query is what the URL of a call says (doc 63398).
type query struct {
	app        live.AppID
	identifier string
	userSig    string
}

// parseQuery reads a call's query. Real clients paste values in without escaping them, so a value whose escapes are
// broken is taken as it stands; of a parameter given twice the first counts.
func parseQuery(raw string) (query, error) {
	var q query
	var appID, random, contentType string
	names := [...]string{"sdkappid", "identifier", "usersig", "random", "contenttype"}
	values := [len(names)]*string{&appID, &q.identifier, &q.userSig, &random, &contentType}
	for pair := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if i := slices.Index(names[:], name); i >= 0 && values[i] != nil {
			*values[i] = unescape(value)
			values[i] = nil
		}
	}
	if appID == "" {
		return q, live.Refuse(live.CodeAppMissing, "sdkappid is missing from the URL")
	}
	id, err := strconv.ParseUint(appID, 10, 32)
	if err != nil {
		return q, live.Refuse(live.CodeBadApp, "sdkappid must be an unsigned 32-bit number")
	}
	q.app = live.AppID(id)
	if !digits(random) {
		return q, live.Refuse(live.CodeBadRequest, "random must be an unsigned number")
	}
	if contentType != "" && contentType != "json" {
		return q, live.Refuse(live.CodeBadContentType, "contenttype must be json")
	}
	return q, nil
}

func unescape(value string) string {
	if !strings.ContainsAny(value, "%+") {
		return value
	}
	if plain, err := url.QueryUnescape(value); err == nil {
		return plain
	}
	return value
}

func digits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
