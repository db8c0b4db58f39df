package restapi_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/usersig"
)

// login is how a call says who makes it; its zero value plus d.login() is right in everything.
type login struct {
	app         string // sdkappid
	identifier  string
	sig         string
	random      string
	contentType string
}

func (d *door) login() login {
	return login{d.app.String(), admin, d.sign(admin), "4294967295", "json"}
}

func (l login) query() string {
	return "sdkappid=" + l.app + "&identifier=" + l.identifier + "&usersig=" + l.sig + "&random=" + l.random + "&contenttype=" + l.contentType
}

// ask makes a call that changes nothing, with that query.
func (d *door) ask(query string) answer {
	d.t.Helper()
	return d.serve(d.request(getCallback, query, strings.NewReader(`{}`)))
}

func TestTheQuery(t *testing.T) {
	d := everybodys.open(t)
	sig := d.sign(admin)
	base := "sdkappid=" + d.app.String() + "&identifier=" + admin + "&usersig=" + sig
	for _, s := range []struct {
		name, query string
		code        int
		info        string
	}{
		{"as real clients write it", d.query(), 0, ""},
		{"in another order", "contenttype=json&random=0&usersig=" + sig + "&identifier=" + admin + "&sdkappid=" + d.app.String(), 0, ""},
		{"escaped", url.Values{"sdkappid": {d.app.String()}, "identifier": {admin}, "usersig": {sig}, "random": {"1"}}.Encode(), 0, ""},
		{"escaped to the last character", "sdkappid=" + escapeAll(d.app.String()) + "&identifier=" + escapeAll(admin) + "&usersig=" + escapeAll(sig), 0, ""},
		{"without random and contenttype", base, 0, ""},
		{"with parameters that do not exist", base + "&x=1&y&=&&z=%zz", 0, ""},
		{"a parameter again: the first counts", base + "&identifier=mallory&sdkappid=7&usersig=x", 0, ""},
		{"a parameter again: the first counts even when it is empty", "usersig=&" + base, 70002, "UserSig"},
		{"random of 32 bits", base + "&random=4294967295", 0, ""},
		{"random past 32 bits", base + "&random=99999999999999999999999", 0, ""},
		{"random that is negative", base + "&random=-1", 60002, "random"},
		{"random that is a fraction", base + "&random=1.5", 60002, "random"},
		{"random that is a word", base + "&random=abc", 60002, "random"},
		{"contenttype in other letters", base + "&contenttype=JSON", 60025, "contenttype"},
		{"another contenttype", base + "&contenttype=xml", 60025, "contenttype"},
		{"an empty contenttype", base + "&contenttype=", 0, ""},
		{"no query", "", 60012, "sdkappid"},
		{"no sdkappid", "identifier=" + admin + "&usersig=" + sig, 60012, "sdkappid"},
		{"an empty sdkappid", "sdkappid=&identifier=" + admin + "&usersig=" + sig, 60012, "sdkappid"},
		{"sdkappid in other letters", "SdkAppid=" + d.app.String() + "&identifier=" + admin + "&usersig=" + sig, 60012, "sdkappid"},
		{"sdkappid that is no number", "sdkappid=abc", 60006, "sdkappid"},
		{"sdkappid that is negative", "sdkappid=-1", 60006, "sdkappid"},
		{"sdkappid with a sign", "sdkappid=%2B1400000001", 60006, "sdkappid"},
		{"sdkappid that is a fraction", "sdkappid=1.0", 60006, "sdkappid"},
		{"sdkappid past 32 bits", "sdkappid=4294967296", 60006, "sdkappid"},
		{"sdkappid that wraps to the app's", fmt.Sprint("sdkappid=", 1<<32+uint64(d.app)), 60006, "sdkappid"},
		{"sdkappid with blanks", "sdkappid=+" + d.app.String(), 60006, "sdkappid"},
		{"an app that is not served", "sdkappid=4294967295&identifier=" + admin + "&usersig=" + sig, 70020, "4294967295"},
		{"the app zero", "sdkappid=0", 70020, "0"},
		{"names in other letters", "sdkappid=" + d.app.String() + "&Identifier=" + admin + "&UserSig=" + sig, 70002, "UserSig"},
		{"no identifier", "sdkappid=" + d.app.String() + "&usersig=" + sig, 70013, "user"},
		{"an empty identifier, signed", "sdkappid=" + d.app.String() + "&identifier=&usersig=" + d.sign(""), 60010, ""},
		{"sdkappid missing goes before random", "random=x&contenttype=xml", 60012, "sdkappid"},
		{"a bad sdkappid goes before random", "sdkappid=x&random=x&contenttype=xml", 60006, "sdkappid"},
		{"random goes before contenttype", base + "&random=x&contenttype=xml", 60002, "random"},
		{"contenttype goes before the app", "sdkappid=7&contenttype=xml", 60025, "contenttype"},
	} {
		t.Run(s.name, func(t *testing.T) {
			got := d.ask(s.query)
			require.Equal(t, s.code, got.ErrorCode, got.ErrorInfo)
			require.Contains(t, got.ErrorInfo, s.info)
		})
	}
}

// escapeAll writes every byte as an escape, as no client must and any may.
func escapeAll(s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, "%%%02x", s[i])
	}
	return b.String()
}

// TestIdentifiersAreTakenAsTheyStand: real clients paste the identifier into the URL without escaping it.
func TestIdentifiersAreTakenAsTheyStand(t *testing.T) {
	for _, user := range []string{
		"anchor@east.1", "host-7", "50%", "%zz", "a;b", "a=b", "a/b?c", "(x)", "user:7", "a,b", `a"b`, "a'b", "a|b^c`{d}",
		strings.Repeat("u", 32),
	} {
		t.Run(user, func(t *testing.T) {
			d := everybodys.open(t, func(s *setup) { s.app.Admins = []live.UserID{live.UserID(user)} })
			as := d.login()
			as.identifier, as.sig = user, d.sign(user)
			require.Zero(t, d.ask(as.query()).ErrorCode)
			as.identifier = url.QueryEscape(user)
			require.Zero(t, d.ask(as.query()).ErrorCode, "escaped it is the same")
		})
	}
	for _, user := range []string{"a b", "a&b", "a+b", "50%25"} {
		d := everybodys.open(t, func(s *setup) { s.app.Admins = []live.UserID{live.UserID(user)} })
		as := d.login()
		as.identifier, as.sig = url.QueryEscape(user), d.sign(user)
		require.Zero(t, d.ask(as.query()).ErrorCode, "%q must be escaped", user)
	}
}

func TestUserSig(t *testing.T) {
	d := everybodys.open(t)
	app := uint32(d.app)
	issued := began.Add(-24 * time.Hour)
	for _, s := range []struct {
		name, sig string
		code      int
	}{
		{"good", usersig.New(app, key, admin, issued, 7*24*time.Hour), 0},
		{"at its last second", usersig.New(app, key, admin, issued, 24*time.Hour), 0},
		{"a second too old", usersig.New(app, key, admin, issued.Add(-time.Second), 24*time.Hour), 70001},
		{"issued in the future", usersig.New(app, key, admin, began.Add(time.Hour), time.Hour), 0},
		{"missing", "", 70002},
		{"no base64", "§", 70003},
		{"in the ordinary alphabet of base64", strings.NewReplacer("*", "+", "-", "/", "_", "=").Replace(usersig.New(app, key, admin, issued, 7*24*time.Hour)), 70003},
		{"cut short", d.sign(admin)[:100], 70003},
		{"no zlib", "AAAA", 70003},
		{"too long", strings.Repeat("A", 8193), 70003},
		{"with a userbuf", usersig.NewWithBuf(app, key, admin, issued, 7*24*time.Hour, []byte("room")), 70003},
		{"of another app", usersig.New(app+1, key, admin, issued, 7*24*time.Hour), 70014},
		{"of another user", usersig.New(app, key, "mallory", issued, 7*24*time.Hour), 70013},
		{"of the same user in other letters", usersig.New(app, key, "Administrator", issued, 7*24*time.Hour), 70013},
		{"with another key", usersig.New(app, key+"x", admin, issued, 7*24*time.Hour), 70009},
		{"with the empty key", usersig.New(app, "", admin, issued, 7*24*time.Hour), 70009},
	} {
		t.Run(s.name, func(t *testing.T) {
			as := d.login()
			as.sig = url.QueryEscape(s.sig)
			got := d.ask(as.query())
			require.Equal(t, s.code, got.ErrorCode, got.ErrorInfo)
			if s.code != 0 {
				require.Contains(t, got.ErrorInfo, "UserSig")
			}
		})
	}
}

// TestUserSigExpiresWhileItIsRemembered: a token that was good a moment ago is judged by the clock each time.
func TestUserSigExpiresWhileItIsRemembered(t *testing.T) {
	d := everybodys.open(t)
	as := d.login()
	as.sig = usersig.New(uint32(d.app), key, admin, began, time.Hour)
	for _, s := range []struct {
		ahead time.Duration
		code  int
	}{{0, 0}, {time.Minute, 0}, {time.Hour, 0}, {time.Hour + time.Second, 70001}, {time.Hour + time.Second, 70001}, {time.Hour, 0}} {
		d.ahead.Store(int64(s.ahead))
		require.Equal(t, s.code, d.ask(as.query()).ErrorCode, s.ahead)
	}
}

// TestARememberedUserSigIsNobodyElses: what was verified for one user in one app helps no other.
func TestARememberedUserSigIsNobodyElses(t *testing.T) {
	d := everybodys.open(t, func(s *setup) { s.app.Admins = append(s.app.Admins, "second") })
	as := d.login()
	require.Zero(t, d.ask(as.query()).ErrorCode)
	as.identifier = "second"
	require.Equal(t, 70013, d.ask(as.query()).ErrorCode)
	as = d.login()
	as.sig = as.sig[:len(as.sig)-4] + "AAA_"
	require.NotZero(t, d.ask(as.query()).ErrorCode)
}

func TestOnlyAppAdminsMayCall(t *testing.T) {
	d := everybodys.open(t, func(s *setup) { s.app.Admins = []live.UserID{admin, "second"} })
	for user, code := range map[string]int{admin: 0, "second": 0, "host_7": 60010, "Administrator": 60010, "secon": 60010, "second ": 60010} {
		as := d.login()
		as.identifier, as.sig = url.QueryEscape(user), d.sign(user)
		got := d.ask(as.query())
		require.Equal(t, code, got.ErrorCode, user)
		if code != 0 {
			require.Contains(t, got.ErrorInfo, user)
		}
	}
	// The owner of a room is no App admin either.
	d.take([]step{aRoom})
	before := d.state()
	as := d.login()
	as.identifier, as.sig = "host_7", d.sign("host_7")
	got := d.post(destroyRoom, as.query(), strings.NewReader(askRoom))
	require.Equal(t, 60010, got.ErrorCode)
	require.Equal(t, before, d.state())
}

// TestTheOrderOfChecks makes mistakes pile up: with each step one that is judged earlier is added to all the later ones,
// and its code is the answer.
func TestTheOrderOfChecks(t *testing.T) {
	d := everybodys.open(t, func(s *setup) { s.options.Frequency.PerSecond = map[string]int{setRoomMetadata: 1} })
	d.take([]step{aRoom, {call: setRoomMetadata, body: write(theme)}}) // the second's only call
	before, fired := d.state(), len(d.fired())
	token := struct {
		app       uint32
		key, user string
		issued    time.Time
	}{uint32(d.app), key, admin, began}
	as, method, path, forged := d.login(), http.MethodPost, setRoomMetadata, ""
	for _, mistake := range []struct {
		code int
		make func()
	}{
		{60007, func() {}}, // too often, and the body is no JSON
		{60010, func() { as.identifier, token.user = "host_7", "host_7" }},
		{70001, func() { token.issued = began.Add(-48 * time.Hour) }},
		{70009, func() { token.key = "another" }},
		{70013, func() { token.user = "mallory" }},
		{70014, func() { token.app++ }},
		{70003, func() { forged = "nonsense" }},
		{70002, func() { forged = " " }},
		{70020, func() { as.app = "7" }},
		{60025, func() { as.contentType = "xml" }},
		{60002, func() { as.random = "x" }},
		{60006, func() { as.app = "x" }},
		{60012, func() { as.app = "" }},
		{60002, func() { method = http.MethodGet }},
		{60009, func() { path = "live_engine_http_srv/nothing" }},
	} {
		mistake.make()
		as.sig = usersig.New(token.app, token.key, token.user, token.issued, time.Hour)
		if forged != "" {
			as.sig = strings.TrimSpace(forged)
		}
		r := d.request(path, as.query(), strings.NewReader(`{"RoomId":`))
		r.Method = method
		got := d.serve(r)
		require.Equal(t, mistake.code, got.ErrorCode, got.ErrorInfo)
	}
	require.Equal(t, before, d.state())
	require.Len(t, d.fired(), fired)
}

// TestTheOrderOfTwoMistakes takes the checks of the UserSig two by two, without those between them.
func TestTheOrderOfTwoMistakes(t *testing.T) {
	d := everybodys.open(t)
	type attempt struct {
		login
		app       uint32
		key, user string
		issued    time.Time
		sig       *string
	}
	text := func(s string) *string { return &s }
	mistakes := []struct {
		code int
		make func(*attempt)
	}{
		{70020, func(a *attempt) { a.login.app = "7" }},
		{70002, func(a *attempt) { a.sig = text("") }},
		{70003, func(a *attempt) {
			if a.sig == nil {
				a.sig = text("nonsense")
			}
		}},
		{70014, func(a *attempt) { a.app++ }},
		{70013, func(a *attempt) { a.user = "mallory" }},
		{70009, func(a *attempt) { a.key = "another" }},
		{70001, func(a *attempt) { a.issued = began.Add(-48 * time.Hour) }},
		{60010, func(a *attempt) {
			a.identifier = "host_7"
			if a.user == admin {
				a.user = "host_7"
			}
		}},
	}
	for i, first := range mistakes {
		for _, second := range mistakes[i:] {
			a := attempt{login: d.login(), app: uint32(d.app), key: key, user: admin, issued: began}
			first.make(&a)
			second.make(&a)
			a.login.sig = usersig.New(a.app, a.key, a.user, a.issued, time.Hour)
			if a.sig != nil {
				a.login.sig = *a.sig
			}
			got := d.ask(a.query())
			require.Equal(t, first.code, got.ErrorCode, "%d with %d: %s", first.code, second.code, got.ErrorInfo)
		}
	}
}
