package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"time"

	"github.com/greenroom-live/greenroom/docs/api"
)

const welcome = `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Greenroom</title><link rel="icon" href="data:,"></head>
<body><h1>Greenroom</h1>
<ul><li><a href="docs">API reference</a></li><li><a href="openapi.json">OpenAPI document</a></li></ul></body>
</html>
`

// routeDocs serves what tells people and programs how to call the API.
func routeDocs(mux *http.ServeMux) {
	mux.Handle("GET /{$}", file("text/html; charset=utf-8", []byte(welcome)))
	mux.Handle("GET /docs", file("text/html; charset=utf-8", api.Page))
	mux.Handle("GET /openapi.json", file("application/json", api.OpenAPI))
}

// file serves content under a policy that allows a page the style and the script it has in itself, and nothing else.
func file(contentType string, content []byte) http.Handler {
	sum := sha256.Sum256(content)
	tag, policy := fmt.Sprintf(`"%x"`, sum[:16]), contentPolicy(content)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", contentType)
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache") // ask again: another version of the server has another reference
		h.Set("ETag", tag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	})
}

func contentPolicy(page []byte) string {
	return "default-src 'none'; img-src data:; style-src " + source(page, "style") + "; script-src " + source(page, "script") +
		"; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// source names the one element of that kind that a page has by its hash, or nothing when there is none.
func source(page []byte, element string) string {
	_, rest, found := bytes.Cut(page, []byte("<"+element+">"))
	inside, _, closed := bytes.Cut(rest, []byte("</"+element+">"))
	if !found || !closed {
		return "'none'"
	}
	sum := sha256.Sum256(inside)
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
