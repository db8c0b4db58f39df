package client

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAGroupMessageGetsARandomUnlessItHasOne(t *testing.T) {
	s := newServer(t, okAnswer)
	m := GroupMessage{GroupID: "live_1", Body: []MsgElement{TextElem("x")}}
	_, err := s.client(t).SendGroupMessage(t.Context(), m)
	require.NoError(t, err)
	first := s.last.body
	require.Regexp(t, `"Random":[0-9]+,`, first)
	_, err = s.client(t).SendGroupMessage(t.Context(), m)
	require.NoError(t, err)
	require.NotEqual(t, first, s.last.body)
	require.Nil(t, m.Random)
}

func TestADroppedMessageTellsSo(t *testing.T) {
	require.True(t, SentMessage{MsgDropReason: "MsgFreqCtrl"}.Dropped())
	require.False(t, SentMessage{MsgSeq: 1}.Dropped())
}
