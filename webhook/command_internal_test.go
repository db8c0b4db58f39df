package webhook

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryEventTypeStandsInTheTableUnderItsOwnWord(t *testing.T) {
	require.Len(t, kindByType, len(kinds)-1, "all but the switch, which is never sent")
	for goType, kind := range kindByType {
		event := reflect.Zero(goType).Interface().(Event)
		require.Equal(t, kind.Command, event.Command(), goType)
	}
}
