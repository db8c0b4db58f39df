package restapi_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/restapi"
)

// FuzzCall sends any bytes to any command: the answer is always an envelope and never an internal error, and a refusal
// tells nobody anything.
func FuzzCall(f *testing.F) {
	d := everybodys.prepared(f, "")
	commands := restapi.Commands()
	for i, command := range commands {
		f.Add(uint8(i), []byte(good[command]))
	}
	for i, body := range []string{
		``, `{}`, `[]`, `null`, `{"RoomId":"\ud800"}`, `{"RoomId":1e999}`, `{"RoomInfo":{"Category":[null,-0]}}`, "{\"\xff\":0}",
		`{"Metadata":[{}],"RoomId":"live_9001"}`, `{"Keys":["","",null],"RoomId":"live_9001"}`, `{"CheckItem":[[]]}`,
	} {
		f.Add(uint8(i), []byte(body))
	}
	f.Fuzz(func(t *testing.T, command uint8, body []byte) {
		d.t = t
		told := d.told()
		got := d.serve(d.request(commands[int(command)%len(commands)], d.query(), strings.NewReader(string(body))))
		require.NotEqual(t, 100001, got.ErrorCode, got.ErrorInfo)
		if got.ErrorCode != 0 {
			require.Equal(t, told, d.told())
		} else {
			require.Equal(t, jsontext.Kind('{'), jsontext.Value(body).Kind(), "only an object can succeed")
		}
	})
}

// FuzzQuery sends any query: nobody gets in without the app's UserSig, and the answer is always an envelope.
func FuzzQuery(f *testing.F) {
	d := everybodys.open(f)
	sig := d.sign(admin)
	f.Add(d.query())
	for _, query := range []string{
		"", "&", "=", "sdkappid", "sdkappid=1&sdkappid=2", "sdkappid=%31&identifier=%zz&usersig=*-_", "sdkappid=+1", "random=-1&sdkappid=1",
		"sdkappid=" + d.app.String() + "&identifier=\xff&usersig=\x00", "sdkappid=99999999999999999999", "sdkappid=1400000001&contenttype=xml",
		"sdkappid=" + d.app.String() + "&usersig=" + sig, "usersig=" + sig + "&identifier=admin%69strator&sdkappid=" + d.app.String(),
	} {
		f.Add(query)
	}
	refusals := []int{60002, 60006, 60010, 60012, 60025, 70001, 70002, 70003, 70009, 70013, 70014, 70020}
	f.Fuzz(func(t *testing.T, query string) {
		d.t = t
		got := d.ask(query)
		if got.ErrorCode != 0 {
			require.Contains(t, refusals, got.ErrorCode)
			return
		}
		plain := escape.ReplaceAllStringFunc(query, func(e string) string {
			c, err := strconv.ParseUint(e[1:], 16, 8)
			require.NoError(t, err)
			return string([]byte{byte(c)})
		})
		require.Contains(t, plain, sig)
		require.Contains(t, plain, d.app.String())
	})
}

var escape = regexp.MustCompile(`%[0-9a-fA-F]{2}`)
