// Package api holds the reference of the API as files, so that a server can show it: see internal/apidoc, which writes them.
package api

import _ "embed"

// OpenAPI is the OpenAPI 3.1 document.
//
//go:embed openapi.json
var OpenAPI []byte

// Page is the reference for readers: HTML that needs nothing beside itself, with one style and one script element.
//
//go:embed index.html
var Page []byte
