package usersig_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/greenroom-live/greenroom/usersig"
)

const (
	appID = 1400000123
	key   = "7f3c0e5b9a1d4826c1e0b7f59d3a64820fb1c2d3e4f5061728394a5b6c7d8e9f"
)

// An app server makes a token when its user logs in, and hands it to the user's device.
func ExampleNew() {
	login := time.Unix(1767225600, 0) // time.Now()
	token := usersig.New(appID, key, "viewer_042", login, 7*24*time.Hour)
	fmt.Println(token[:24], len(token))
	// Output: eAEBrABT-3siVExTLnZlciI6 244
}

// A server that knows which app and user it expects.
func ExampleVerify() {
	login := time.Unix(1767225600, 0)
	token := usersig.New(appID, key, "viewer_042", login, time.Hour)

	_, err := usersig.Verify(token, appID, key, "viewer_042", login.Add(time.Minute))
	fmt.Println(err, usersig.Code(err))
	_, err = usersig.Verify(token, appID, key, "somebody_else", login.Add(time.Minute))
	fmt.Println(err, usersig.Code(err))
	_, err = usersig.Verify(token, appID, key, "viewer_042", login.Add(2*time.Hour))
	fmt.Println(err, errors.Is(err, usersig.ErrExpired))
	// Output:
	// <nil> 0
	// usersig: token is for another UserID 70013
	// usersig: token has expired true
}

// A server of several apps finds the key by the app that the token names.
func ExampleParse() {
	keys := map[uint32]string{appID: key}
	login := time.Unix(1767225600, 0)
	token := usersig.New(appID, key, "viewer_042", login, time.Hour)

	sig, err := usersig.Parse(token)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(sig.App, sig.User, sig.IssuedAt, sig.Expire)
	fmt.Println(sig.SignedBy(keys[sig.App]), sig.ExpiredAt(login.Add(time.Minute)))
	// Output:
	// 1400000123 viewer_042 2026-01-01 00:00:00 +0000 UTC 1h0m0s
	// true false
}
