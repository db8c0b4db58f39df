// Package usersig makes and verifies UserSig tokens (TLSSigAPI v2, doc 69883): the passes with which an app server lets
// its users into a live room, and with which it authenticates its own REST calls.
//
// A token names an app (SDKAppID) and a user (UserID), says when it was issued and for how long it holds, and carries an
// HMAC-SHA256 made with the app's secret key. The key is used as text: its 64 hexadecimal characters are not decoded.
// On the wire a token is JSON, compressed with zlib, in a base64 whose +, / and = are written *, - and _.
//
// An app server makes tokens with [New]. A server that is shown one calls [Verify], or [Parse] and the methods of [Sig]
// when it has to look up the key by the app that the token names. [Code] turns their errors into the contract's numbers.
//
// Every form that the vendor's libraries for Go, Java, Node, PHP and Python write is understood: members in any order,
// white space, JSON escapes, any level of compression. The signature is computed from the decoded values.
package usersig
