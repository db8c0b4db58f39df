package client

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBattleInfoWithoutABattleIsAnError(t *testing.T) {
	_, err := newServer(t, `{"ErrorCode":0,"Response":{}}`).client(t).BattleInfo(t.Context(), "q0Zb=")
	require.ErrorContains(t, err, "no BattleId")
}
