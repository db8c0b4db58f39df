package usersig_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/usersig"
)

// FuzzParse holds that no token makes Parse panic, that a refused one gets one of the two errors, and that one signed
// with the key is, made anew from what it says, signed alike.
func FuzzParse(f *testing.F) {
	for _, v := range vectors {
		f.Add(v.token)
		f.Add(v.token[:len(v.token)-9])
	}
	f.Add("")
	f.Add(tokenOf(f, `{"TLS.sdkappid":1,"TLS.time":0,"TLS.expire":-1,"TLS.identifier":"a\/\u0000","TLS.sig":""}`, 9))

	f.Fuzz(func(t *testing.T, token string) {
		sig, err := usersig.Parse(token)
		if err != nil {
			require.Contains(t, []int{70002, 70003}, usersig.Code(err))
			require.Nil(t, sig)
			return
		}
		require.False(t, sig.Expire < 0)
		if !sig.SignedBy(testKey) {
			return
		}
		again, err := usersig.Parse(usersig.NewWithBuf(sig.App, testKey, sig.User, sig.IssuedAt, sig.Expire, sig.UserBuf))
		require.NoError(t, err)
		require.Equal(t, sig, again)
	})
}
