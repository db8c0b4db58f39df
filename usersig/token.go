package usersig

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/adler32"
	"io"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Bounds of what [Parse] reads. A UserSig of a real library has some 250 characters.
const (
	maxToken    = 8 << 10  // characters
	maxInflated = 16 << 10 // bytes of JSON
)

// The latest TLS.time that is read: the last second of the year 9999. The longest TLS.expire: what a time.Duration
// holds, 292 years. The contract's own limit is 50 years (doc 69883), and nobody enforces it.
const (
	maxTime   = 253402300799
	maxExpire = math.MaxInt64 / int64(time.Second)
)

// alphabet is the standard base64 with three characters replaced. It is not RFC 4648's URL-safe one.
var alphabet = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-").
	WithPadding('_').Strict()

// document is the JSON inside a token. A pointer tells a missing member from a zero.
type document struct {
	Version    jsontext.Value `json:"TLS.ver,omitzero"`
	Identifier *string        `json:"TLS.identifier"`
	App        *uint32        `json:"TLS.sdkappid"`
	Expire     *int64         `json:"TLS.expire"`
	Time       *int64         `json:"TLS.time"`
	UserBuf    []byte         `json:"TLS.userbuf,omitzero"`
	MAC        []byte         `json:"TLS.sig"`
}

// New makes a token for user in app, signed with the app's secret key, valid from issued for expire. Both times count
// in whole seconds, fractions are dropped. Usual values of expire lie between 24 hours and 50 years; two months is the
// contract's advice (doc 69883).
//
// The same arguments always make the same token. Bytes of user that are not UTF-8 become U+FFFD. [Parse] refuses a token
// whose issued lies before 1970 or whose expire is negative, so New's caller sees to that.
func New(app uint32, key, user string, issued time.Time, expire time.Duration) string {
	return NewWithBuf(app, key, user, issued, expire, nil)
}

// NewWithBuf is [New] with a userbuf signed along, as a PrivateMapKey has one. With an empty userbuf it is New.
func NewWithBuf(app uint32, key, user string, issued time.Time, expire time.Duration, userbuf []byte) string {
	s := Sig{App: app, User: strings.ToValidUTF8(user, "\uFFFD"), IssuedAt: issued, Expire: expire}
	if len(userbuf) > 0 {
		s.UserBuf = userbuf
	}
	s.mac = s.sign(key)
	return alphabet.EncodeToString(deflateStored(s.document()))
}

// Parse decodes token without judging it: whether it is signed and still holds, the methods of [Sig] say.
//
// It returns [ErrEmpty] for an empty token, and an error that wraps [ErrMalformed] and says why for one that is longer
// than 8 KiB, inflates to more than 16 KiB, is not base64, zlib and JSON all through, with nothing behind, names a member
// twice, or lacks TLS.identifier, TLS.sdkappid, TLS.time, TLS.expire or TLS.sig. TLS.sdkappid, TLS.time and TLS.expire
// are integers; times before 1970 or after 9999 and lengths below zero or beyond a [time.Duration] are malformed too.
func Parse(token string) (*Sig, error) {
	if token == "" {
		return nil, ErrEmpty
	}
	in := inflaters.Get().(*inflater)
	defer inflaters.Put(in)
	text, err := in.inflate(token)
	if err != nil {
		return nil, malformed(err)
	}
	var doc document
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, malformed(err)
	}
	sig, err := doc.sig()
	if err != nil {
		return nil, malformed(err)
	}
	return sig, nil
}

func malformed(reason error) error { return fmt.Errorf("%w: %w", ErrMalformed, reason) }

func (d *document) sig() (*Sig, error) {
	switch {
	case d.Identifier == nil:
		return nil, errors.New("TLS.identifier is missing")
	case d.App == nil:
		return nil, errors.New("TLS.sdkappid is missing")
	case d.Time == nil:
		return nil, errors.New("TLS.time is missing")
	case d.Expire == nil:
		return nil, errors.New("TLS.expire is missing")
	case *d.Time < 0 || *d.Time > maxTime:
		return nil, fmt.Errorf("TLS.time %d is out of range", *d.Time)
	case *d.Expire < 0 || *d.Expire > maxExpire:
		return nil, fmt.Errorf("TLS.expire %d is out of range", *d.Expire)
	case len(d.MAC) != sha256.Size:
		return nil, fmt.Errorf("TLS.sig has %d bytes, not %d", len(d.MAC), sha256.Size)
	}
	return &Sig{
		App:      *d.App,
		User:     *d.Identifier,
		IssuedAt: time.Unix(*d.Time, 0).UTC(),
		Expire:   time.Duration(*d.Expire) * time.Second,
		UserBuf:  d.UserBuf,
		mac:      [sha256.Size]byte(d.MAC),
	}, nil
}

func (s *Sig) document() []byte {
	issued, expire := s.IssuedAt.Unix(), s.expireSeconds()
	text, err := json.Marshal(&document{
		Version:    jsontext.Value(`"2.0"`),
		Identifier: &s.User,
		App:        &s.App,
		Expire:     &expire,
		Time:       &issued,
		UserBuf:    s.UserBuf,
		MAC:        s.mac[:],
	})
	if err != nil {
		// Only text that is not UTF-8 could fail, and NewWithBuf has replaced it.
		panic("usersig: " + err.Error())
	}
	return text
}

// deflateStored wraps text as a zlib stream of stored blocks, as the vendor's Go library does: the text has some 180
// bytes, of which half are random, and a token's bytes then depend on its values alone.
func deflateStored(text []byte) []byte {
	const maxBlock = math.MaxUint16
	checksum := adler32.Checksum(text)
	stream := append(make([]byte, 0, len(text)+16), 0x78, 0x01)
	for final := byte(0); final == 0; {
		block := text[:min(len(text), maxBlock)]
		text = text[len(block):]
		if len(text) == 0 {
			final = 1
		}
		stream = append(stream, final)
		stream = binary.LittleEndian.AppendUint16(stream, uint16(len(block)))
		stream = binary.LittleEndian.AppendUint16(stream, ^uint16(len(block)))
		stream = append(stream, block...)
	}
	return binary.BigEndian.AppendUint32(stream, checksum)
}

// inflater takes a token's outer layers off. It is reused: a fresh zlib reader costs 40 KiB.
type inflater struct {
	token  [maxToken]byte
	stream [maxToken]byte
	source bytes.Reader
	zlib   io.ReadCloser
	limit  io.LimitedReader
	text   bytes.Buffer
}

var inflaters = sync.Pool{New: func() any { return new(inflater) }}

// inflate returns the JSON of token. It belongs to the inflater and holds until the next call.
func (in *inflater) inflate(token string) ([]byte, error) {
	if len(token) > maxToken {
		return nil, fmt.Errorf("longer than %d characters", maxToken)
	}
	if strings.ContainsAny(token, "\r\n") {
		return nil, errors.New("line break in base64") // encoding/base64 would skip it
	}
	n, err := alphabet.Decode(in.stream[:], in.token[:copy(in.token[:], token)])
	if err != nil {
		return nil, err
	}
	in.source.Reset(in.stream[:n])
	if err := in.openStream(); err != nil {
		return nil, err
	}
	in.limit = io.LimitedReader{R: in.zlib, N: maxInflated + 1}
	in.text.Reset()
	if _, err := in.text.ReadFrom(&in.limit); err != nil {
		return nil, err
	}
	if in.text.Len() > maxInflated {
		return nil, fmt.Errorf("inflates to more than %d bytes", maxInflated)
	}
	if in.source.Len() > 0 {
		return nil, errors.New("data after the zlib stream")
	}
	return in.text.Bytes(), nil
}

func (in *inflater) openStream() (err error) {
	if in.zlib == nil {
		in.zlib, err = zlib.NewReader(&in.source)
		return err
	}
	return in.zlib.(zlib.Resetter).Reset(&in.source, nil)
}
