package restapi_test

import (
	"flag"
	"fmt"
	"slices"
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

// played notes what a call of command got, which must be something that the registry says of it.
func played(t testing.TB, command string, got int) {
	t.Helper()
	code, d := live.Code(got), descriptions[command]
	if code == 0 {
		return
	}
	declared := slices.Contains(d.Codes, code) || slices.Contains(restapi.CommonCodes(), code) || code == d.TooOften
	require.True(t, declared || ofTheAppServer(code), "%s got %d, which its row does not declare", command, code)
	gotten.Lock()
	defer gotten.Unlock()
	gotten.codes[command] = append(gotten.codes[command], code)
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
