package restapi_test

import (
	"flag"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/restapi"
	"github.com/greenroom-live/greenroom/webhook"
)

// descriptions are what the registry says, by command.
var descriptions = func() map[string]restapi.Description {
	all := make(map[string]restapi.Description)
	for _, d := range restapi.Describe() {
		all[d.Path] = d
	}
	return all
}()

// gotten has the codes that the scenarios of each command, their steps and the walk of wrong types got.
var gotten = struct {
	sync.Mutex
	codes map[string][]live.Code
}{codes: make(map[string][]live.Code)}

// itemCode finds the codes that a reply has for each of several things.
var itemCode = regexp.MustCompile(`"(?:ResultCode|ErrorCode)":([0-9]+)`)

// played notes what a call of command got, which must be something that the registry says of it.
func played(t testing.TB, command string, got answer) {
	t.Helper()
	code, d := live.Code(got.ErrorCode), descriptions[command]
	known := []live.Code{0, d.TooOften}
	known = slices.Concat(known, d.Codes, restapi.CommonCodes())
	require.True(t, slices.Contains(known, code) || ofTheAppServer(code), "%s got %d, which its row does not declare", command, code)
	gotten.Lock()
	defer gotten.Unlock()
	gotten.codes[command] = append(gotten.codes[command], code)
	for _, item := range itemCode.FindAllStringSubmatch(got.Payload, -1) {
		n, err := strconv.Atoi(item[1])
		require.NoError(t, err)
		gotten.codes[command] = append(gotten.codes[command], live.Code(n))
	}
}

// ofTheAppServer tells whether a code is one that an app server refused a message or a gift with.
func ofTheAppServer(code live.Code) bool {
	return code >= webhook.FirstMsgCode && code <= webhook.LastMsgCode || code >= webhook.FirstGiftCode && code <= webhook.LastGiftCode
}

// unplayed are the codes that a row declares and no scenario got, when all tests were run.
func unplayed() (missing []string) {
	for _, name := range []string{"test.run", "test.skip", "test.list", "test.bench", "test.fuzz"} {
		if flag.Lookup(name).Value.String() != "" {
			return nil
		}
	}
	for _, d := range restapi.Describe() {
		for _, code := range d.Codes {
			if code == d.TooOften {
				continue // TestFrequencyOfTheContract gets it from every command
			}
			if !slices.Contains(gotten.codes[d.Path], code) {
				missing = append(missing, fmt.Sprintf("%s: %d, %s", d.Path, code, code.Meaning()))
			}
		}
	}
	return missing
}
