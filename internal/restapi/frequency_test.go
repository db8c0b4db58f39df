package restapi_test

import (
	"cmp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/restapi"
)

// contractPerSecond has the contract's figures that are not 200.
var contractPerSecond = map[string]int{
	accountCheck: 100, multiaccountImport: 100, accountDelete: 100, addRobot: 100, delRobot: 100, getRobot: 100,
}

// burst makes n calls at one moment and returns how many were not too often.
func (d *door) burst(command string, n int) (allowed int) {
	d.t.Helper()
	for range n {
		got := d.serve(d.request(command, d.query(), strings.NewReader(`{}`)))
		if got.ErrorCode != 60007 && got.ErrorCode != 100012 {
			allowed++
			continue
		}
		require.Contains(d.t, got.ErrorInfo, command)
	}
	return allowed
}

func TestFrequencyIsUnlimitedByDefault(t *testing.T) {
	d := everybodys.open(t)
	require.Equal(t, 500, d.burst(getCallbackToken, 500))
}

func TestFrequencyOfTheContract(t *testing.T) {
	d := everybodys.open(t, func(s *setup) { s.options.Frequency.Contract = true })
	for _, command := range restapi.Commands() {
		perSecond := cmp.Or(contractPerSecond[command], 200)
		require.Equal(t, perSecond, d.burst(command, perSecond+10), command)
	}
	require.Zero(t, d.burst(getCallback, 1), "the second is not over")
	d.ahead.Store(int64(100 * time.Millisecond))
	require.Equal(t, 20, d.burst(getCallback, 30), "a tenth of a second is worth a tenth of the calls")
	d.ahead.Store(int64(time.Hour))
	require.Equal(t, 200, d.burst(getCallback, 300), "calls that were not made are not saved up")
}

func TestFrequencyOfTheOperator(t *testing.T) {
	figures := func(f restapi.Frequency) func(*setup) { return func(s *setup) { s.options.Frequency = f } }
	d := everybodys.open(t, figures(restapi.Frequency{PerSecond: map[string]int{getCallback: 3}}))
	require.Equal(t, 3, d.burst(getCallback, 10))
	require.Equal(t, 300, d.burst(getCallbackToken, 300), "other commands stay free")
	d.ahead.Store(int64(time.Second))
	require.Equal(t, 3, d.burst(getCallback, 10))

	d = everybodys.open(t, figures(restapi.Frequency{Contract: true, PerSecond: map[string]int{getCallback: 3, getAdminList: 0}}))
	require.Equal(t, 3, d.burst(getCallback, 10), "the operator's figure wins")
	require.Equal(t, 300, d.burst(getAdminList, 300), "and takes a limit away with 0")
	require.Equal(t, 200, d.burst(getCallbackToken, 300))
}

func TestFrequencyChangesNothingWhenItRefuses(t *testing.T) {
	d := everybodys.open(t, func(s *setup) { s.options.Frequency.PerSecond = map[string]int{setRoomMetadata: 1} })
	d.take([]step{aRoom, {call: setRoomMetadata, body: write(theme)}})
	before, fired := d.state(), len(d.fired())
	d.take([]step{{call: setRoomMetadata, body: write(lang), code: 60007}})
	require.Equal(t, before, d.state())
	require.Len(t, d.fired(), fired)
	d.ahead.Store(int64(time.Second))
	d.take([]step{{call: setRoomMetadata, body: write(lang)}, has(lang + `,` + theme)})
}

// TestFrequencyIsOfTheApp: strangers who cannot log in take nothing of what an app may call.
func TestFrequencyIsOfTheApp(t *testing.T) {
	d := everybodys.open(t, func(s *setup) { s.options.Frequency.PerSecond = map[string]int{getCallback: 2} })
	for range 10 {
		as := d.login()
		as.sig = ""
		require.Equal(t, 70002, d.ask(as.query()).ErrorCode)
	}
	require.Equal(t, 2, d.burst(getCallback, 3))
}
