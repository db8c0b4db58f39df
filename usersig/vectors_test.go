package usersig_test

import "time"

// testKey is used as text, like every app's key.
const testKey = "7f3c0e5b9a1d4826c1e0b7f59d3a64820fb1c2d3e4f5061728394a5b6c7d8e9f"

var issued = time.Unix(1767225600, 0).UTC()

// vector is a token that the vendor's verifier accepts, and what it says.
type vector struct {
	name    string
	app     uint32
	user    string
	expire  time.Duration
	userbuf []byte
	token   string
	stored  bool // the token is what New makes, byte for byte
}

var vectors = []vector{
	{
		name: "administrator", app: 1400000123, user: "administrator", expire: 24 * time.Hour, stored: true,
		token: "eAEBrgBR-3siVExTLnZlciI6IjIuMCIsIlRMUy5pZGVudGlmaWVyIjoiYWRtaW5pc3RyYXRvciIsIlRMUy5zZGthcHBpZCI6MTQwMDAwMDEyMywiVExTLmV4cGlyZSI6ODY0MDAsIlRMUy50aW1lIjoxNzY3MjI1NjAwLCJUTFMuc2lnIjoiakxmOUphWjAvMElBdVE2ckEvVTZ5Ym1LUHRTSHBUZExzeTBKYkFVbWkzUT0ifbrlM9M_",
	},
	{
		name: "viewer", app: 20005678, user: "viewer_042", expire: 7 * 24 * time.Hour, stored: true,
		token: "eAEBqgBV-3siVExTLnZlciI6IjIuMCIsIlRMUy5pZGVudGlmaWVyIjoidmlld2VyXzA0MiIsIlRMUy5zZGthcHBpZCI6MjAwMDU2NzgsIlRMUy5leHBpcmUiOjYwNDgwMCwiVExTLnRpbWUiOjE3NjcyMjU2MDAsIlRMUy5zaWciOiJUUktnaDFwa2xVNkU2eDlaRzRMVWNDRndjVWIrRi91OFRLWWM0UmFmTUc0PSJ9eKwxXw__",
	},
	{
		name: "deflated, other order, spaces", app: 1400000123, user: "anchor@east.1", expire: 180 * 24 * time.Hour,
		token: "eNqrVgrxCdYrzkxXslJQcnXJ1XeOSDetqixwSU8JDdAuLnc3SvdwCnSvMkox86ryMdH3d3PJ9AtNLrdV0lEAay3JzE0F6jU0NzM3MjI1MzCAiqdWFGQWgWVMTU2NDODixSnZiQUFmSkgGRMDEDA0MobKZaak5pVkpmWmFoFck5iXnJFf5JCaWFyiZwizrgwiZ6RnoFQLAO*WNRE_",
	},
	{
		name: "PrivateMapKey", app: 1400000123, user: "host-7", expire: time.Hour, stored: true,
		userbuf: []byte("\x01\x00\x06host-7\x53\x72\x4e\x7b\x00\x00\x00\x00\x69\x55\xc7\x10\x00\x00\x00\xff\x00\x00\x00\x00\x00\x0blive_room_9"),
		token:   "eAEB7wAQ-3siVExTLnZlciI6IjIuMCIsIlRMUy5pZGVudGlmaWVyIjoiaG9zdC03IiwiVExTLnNka2FwcGlkIjoxNDAwMDAwMTIzLCJUTFMuZXhwaXJlIjozNjAwLCJUTFMudGltZSI6MTc2NzIyNTYwMCwiVExTLnVzZXJidWYiOiJBUUFHYUc5emRDMDNVM0pPZXdBQUFBQnBWY2NRQUFBQS93QUFBQUFBQzJ4cGRtVmZjbTl2YlY4NSIsIlRMUy5zaWciOiJKU1M5SWszSWhCbkdwQmtaVVJmcnVjUEowUDluOVYrRzVIdnpadURZZTlBPSJ9cNdGqQ__",
	},
}
