package usersig_test

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/greenroom-live/greenroom/usersig"
)

func TestParseReadsTheVectors(t *testing.T) {
	for _, v := range vectors {
		t.Run(v.name, func(t *testing.T) {
			sig, err := usersig.Parse(v.token)
			require.NoError(t, err)
			require.Equal(t, v.app, sig.App)
			require.Equal(t, v.user, sig.User)
			require.Equal(t, issued, sig.IssuedAt)
			require.Equal(t, v.expire, sig.Expire)
			require.Equal(t, v.userbuf, sig.UserBuf)
			require.True(t, sig.SignedBy(testKey))
			require.False(t, sig.SignedBy(testKey[1:]))
		})
	}
}

func TestNewMakesTheVectorsThatAreNotDeflated(t *testing.T) {
	for _, v := range vectors {
		if v.stored {
			require.Equal(t, v.token, usersig.NewWithBuf(v.app, testKey, v.user, issued, v.expire, v.userbuf), v.name)
		}
	}
}

func TestNewAndAnEmptyUserBufMakeTheSameToken(t *testing.T) {
	token := usersig.New(1400000123, testKey, "fan_1", issued, time.Hour)
	require.Equal(t, token, usersig.NewWithBuf(1400000123, testKey, "fan_1", issued, time.Hour, nil))
	require.Equal(t, token, usersig.NewWithBuf(1400000123, testKey, "fan_1", issued, time.Hour, []byte{}))
}

func TestNewDropsFractionsOfASecond(t *testing.T) {
	whole := usersig.New(1400000123, testKey, "fan_1", issued, time.Hour)
	fractional := usersig.New(1400000123, testKey, "fan_1", issued.Add(999*time.Millisecond), time.Hour+time.Millisecond)
	require.Equal(t, whole, fractional)
}

func TestNewReplacesBytesThatAreNotUTF8(t *testing.T) {
	token := usersig.New(1400000123, testKey, "fan\xff", issued, time.Hour)
	_, err := usersig.Verify(token, 1400000123, testKey, "fan\uFFFD", issued)
	require.NoError(t, err)
}

func TestWhatNewMakesVerifies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		app := rapid.Uint32().Draw(t, "app")
		key := rapid.StringN(1, 80, -1).Draw(t, "key")
		user := rapid.StringN(0, 300, 2000).Draw(t, "user")
		issued := time.Unix(rapid.Int64Range(0, 253402300799).Draw(t, "issued"), 0)
		expire := time.Duration(rapid.Int64Range(0, 9223372036).Draw(t, "expire")) * time.Second
		now := issued.Add(time.Duration(rapid.Int64Range(0, int64(expire)).Draw(t, "age")))

		sig, err := usersig.Verify(usersig.New(app, key, user, issued, expire), app, key, user, now)
		require.NoError(t, err)
		require.True(t, sig.IssuedAt.Equal(issued))
		require.Equal(t, expire, sig.Expire)
		require.Nil(t, sig.UserBuf)
		require.False(t, sig.SignedBy(key+"x"))
	})
}

func TestAUserBufSurvivesTheToken(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		userbuf := rapid.SliceOfN(rapid.Byte(), 1, 300).Draw(t, "userbuf")
		sig, err := usersig.Parse(usersig.NewWithBuf(1400000123, testKey, "host-7", issued, time.Hour, userbuf))
		require.NoError(t, err)
		require.Equal(t, userbuf, sig.UserBuf)
		require.True(t, sig.SignedBy(testKey))
		sig.UserBuf[0]++
		require.False(t, sig.SignedBy(testKey), "the userbuf is signed")
	})
}

// The values of the first vector, as the libraries of several languages spell them.
const vectorMAC = "jLf9JaZ0/0IAuQ6rA/U6ybmKPtSHpTdLsy0JbAUmi3Q="

func TestParseAcceptsEveryLibrarysSpelling(t *testing.T) {
	spellings := map[string]string{
		"go, ends with a newline":  `{"TLS.ver":"2.0","TLS.identifier":"administrator","TLS.sdkappid":1400000123,"TLS.expire":86400,"TLS.time":1767225600,"TLS.sig":"` + vectorMAC + `"}` + "\n",
		"node, time before expire": `{"TLS.ver":"2.0","TLS.identifier":"administrator","TLS.sdkappid":1400000123,"TLS.time":1767225600,"TLS.expire":86400,"TLS.sig":"` + vectorMAC + `"}`,
		"python, spaces":           `{"TLS.ver": "2.0", "TLS.identifier": "administrator", "TLS.sdkappid": 1400000123, "TLS.expire": 86400, "TLS.time": 1767225600, "TLS.sig": "` + vectorMAC + `"}`,
		"php, escaped slashes":     `{"TLS.ver":"2.0","TLS.identifier":"administrator","TLS.sdkappid":1400000123,"TLS.expire":86400,"TLS.time":1767225600,"TLS.sig":"` + strings.ReplaceAll(vectorMAC, "/", `\/`) + `"}`,
		"\\u escapes":              `{"TLS.ver":"2.0","TLS.identifier":"\u0061dministrator","TLS.sdkappid":1400000123,"TLS.expire":86400,"TLS.time":1767225600,"TLS.sig":"` + strings.ReplaceAll(vectorMAC, "=", `\u003d`) + `"}`,
		"java, any order":          `{"TLS.sig":"` + vectorMAC + `","TLS.time":1767225600,"TLS.identifier":"administrator","TLS.ver":"2.0","TLS.expire":86400,"TLS.sdkappid":1400000123}`,
		"no or other version":      `{"TLS.ver":2.1,"TLS.identifier":"administrator","TLS.sdkappid":1400000123,"TLS.expire":86400,"TLS.time":1767225600,"TLS.sig":"` + vectorMAC + `"}`,
		"members nobody knows":     `{"TLS.account3rd":0,"TLS.identifier":"administrator","TLS.sdkappid":1400000123,"TLS.expire":86400,"TLS.time":1767225600,"TLS.sig":"` + vectorMAC + `","x":{"y":[]}}`,
	}
	for name, text := range spellings {
		for level := zlib.HuffmanOnly; level <= zlib.BestCompression; level++ {
			t.Run(fmt.Sprintf("%s, level %d", name, level), func(t *testing.T) {
				_, err := usersig.Verify(tokenOf(t, text, level), 1400000123, testKey, "administrator", issued)
				require.NoError(t, err)
			})
		}
	}
}

func TestParseRefusesWhatIsNotAToken(t *testing.T) {
	const good = `"TLS.identifier":"administrator","TLS.sdkappid":1400000123,"TLS.expire":86400,"TLS.time":1767225600,"TLS.sig":"` + vectorMAC + `"`
	change := func(old, new string) string { return `{` + strings.Replace(good, old, new, 1) + `}` }
	texts := map[string]string{
		"not JSON":               "administrator",
		"no text":                "",
		"an array":               `[` + `]`,
		"null":                   `null`,
		"cut off":                `{` + good,
		"garbage behind":         `{` + good + `}x`,
		"two documents":          `{` + good + `}{}`,
		"a name twice":           `{` + good + `,"TLS.identifier":"administrator"}`,
		"a strange name twice":   `{` + good + `,"x":1,"x":1}`,
		"names in other case":    `{` + strings.ToLower(good) + `}`,
		"not UTF-8":              change("administrator", "\xff"),
		"half a surrogate":       change("administrator", `\ud800`),
		"no identifier":          change(`"TLS.identifier":"administrator",`, ""),
		"null identifier":        change(`"administrator"`, "null"),
		"number as identifier":   change(`"administrator"`, "7"),
		"no sdkappid":            change(`"TLS.sdkappid":1400000123,`, ""),
		"string as sdkappid":     change("1400000123", `"1400000123"`),
		"fraction as sdkappid":   change("1400000123", "1400000123.0"),
		"exponent as sdkappid":   change("1400000123", "1e9"),
		"negative sdkappid":      change("1400000123", "-1"),
		"sdkappid over 32 bits":  change("1400000123", "4294967296"),
		"no expire":              change(`"TLS.expire":86400,`, ""),
		"null expire":            change("86400", "null"),
		"string as expire":       change("86400", `"86400"`),
		"fraction as expire":     change("86400", "86400.5"),
		"negative expire":        change("86400", "-1"),
		"expire over a Duration": change("86400", "9223372037"),
		"expire wraps around":    change("86400", "18446744073709551615"),
		"expire times 1e9 wraps": change("86400", "18446744074"),
		"greatest int64 expire":  change("86400", "9223372036854775807"),
		"no time":                change(`"TLS.time":1767225600,`, ""),
		"string as time":         change("1767225600", `"1767225600"`),
		"negative time":          change("1767225600", "-1"),
		"time after 9999":        change("1767225600", "253402300800"),
		"greatest int64 time":    change("1767225600", "9223372036854775807"),
		"no sig":                 change(`,"TLS.sig":"`+vectorMAC+`"`, ""),
		"null sig":               change(`"`+vectorMAC+`"`, "null"),
		"sig not base64":         change(vectorMAC, "jLf9*"),
		"sig too short":          change(vectorMAC, "jLf9JaZ0"),
		"sig too long":           change(vectorMAC, "AAAA"+vectorMAC),
		"userbuf not base64":     `{` + good + `,"TLS.userbuf":"?"}`,
		"text over 16 KiB":       `{` + good + `,"x":"` + strings.Repeat("x", 16<<10) + `"}`,
		"a bomb":                 strings.Repeat(" ", 4<<20) + `{` + good + `}`,
	}
	for name, text := range texts {
		t.Run(name, func(t *testing.T) { requireMalformed(t, tokenOf(t, text, zlib.BestCompression)) })
	}
}

func TestParseRefusesWhatIsNotProperlyWrapped(t *testing.T) {
	good := vectors[2].token
	stream := streamOf(t, `{}`, zlib.DefaultCompression)
	dictionary := append([]byte{0x78, 0xbb, 0, 0, 0, 1}, stream[2:]...)
	tokens := map[string]string{
		"not base64":             "!",
		"the standard alphabet":  strings.ReplaceAll(good, "*", "+"),
		"padding cut off":        strings.TrimRight(good, "_"),
		"padding in the middle":  good + good,
		"a line break":           good + "\n",
		"a line break inside":    good[:40] + "\r\n" + good[40:],
		"bits behind the last":   good[:len(good)-2] + "F_",
		"cut off":                good[:len(good)-8],
		"only a header":          alphabetOf([]byte{0x78, 0x9c}),
		"one byte":               alphabetOf([]byte{0x78}),
		"not zlib":               alphabetOf([]byte("administrator")),
		"raw deflate":            alphabetOf(stream[2 : len(stream)-4]),
		"a preset dictionary":    alphabetOf(dictionary),
		"no checksum":            alphabetOf(stream[:len(stream)-4]),
		"wrong checksum":         alphabetOf(append(bytes.Clone(stream[:len(stream)-1]), stream[len(stream)-1]+1)),
		"garbage behind":         alphabetOf(append(bytes.Clone(streamOfToken(t, good)), 0)),
		"a second stream behind": alphabetOf(append(streamOfToken(t, good), stream...)),
		"over 8 KiB":             strings.Repeat("A", 8<<10+4),
	}
	for name, token := range tokens {
		t.Run(name, func(t *testing.T) { requireMalformed(t, token) })
	}
}

func TestParseReadsUpToItsBounds(t *testing.T) {
	text := `{"TLS.identifier":"administrator","TLS.sdkappid":1400000123,"TLS.expire":86400,"TLS.time":1767225600,"TLS.sig":"` + vectorMAC + `"}`
	padded := func(size int) string { return text + strings.Repeat(" ", size-len(text)) }

	_, err := usersig.Parse(tokenOf(t, padded(16<<10), zlib.BestCompression))
	require.NoError(t, err)
	_, err = usersig.Parse(tokenOf(t, padded(16<<10+1), zlib.BestCompression))
	require.ErrorIs(t, err, usersig.ErrMalformed)
	require.ErrorContains(t, err, "16384 bytes")

	const most = 8<<10/4*3 - 16 // what a stored stream of 8 KiB base64 holds at least
	_, err = usersig.Parse(tokenOf(t, padded(most), zlib.NoCompression))
	require.NoError(t, err)
	_, err = usersig.Parse(tokenOf(t, padded(most+32), zlib.NoCompression))
	require.ErrorIs(t, err, usersig.ErrMalformed)
	require.ErrorContains(t, err, "8192 characters")
}

func TestATokenThatParsesAfterARefusedOneIsReadAfresh(t *testing.T) {
	for _, v := range vectors {
		requireMalformed(t, v.token[:len(v.token)/2])
		sig, err := usersig.Parse(v.token)
		require.NoError(t, err)
		require.True(t, sig.SignedBy(testKey))
	}
}

func requireMalformed(t *testing.T, token string) {
	t.Helper()
	sig, err := usersig.Parse(token)
	require.ErrorIs(t, err, usersig.ErrMalformed)
	require.Nil(t, sig)
	require.Greater(t, len(err.Error()), len(usersig.ErrMalformed.Error()), "the reason is named")
	require.Equal(t, 70003, usersig.Code(err))
}

// tokenOf wraps text as the libraries do.
func tokenOf(t testing.TB, text string, level int) string {
	return alphabetOf(streamOf(t, text, level))
}

func streamOf(t testing.TB, text string, level int) []byte {
	var stream bytes.Buffer
	w, err := zlib.NewWriterLevel(&stream, level)
	require.NoError(t, err)
	_, err = w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return stream.Bytes()
}

func streamOfToken(t testing.TB, token string) []byte {
	stream, err := base64.StdEncoding.DecodeString(strings.NewReplacer("*", "+", "-", "/", "_", "=").Replace(token))
	require.NoError(t, err)
	return stream
}

func alphabetOf(stream []byte) string {
	return strings.NewReplacer("+", "*", "/", "-", "=", "_").Replace(base64.StdEncoding.EncodeToString(stream))
}
