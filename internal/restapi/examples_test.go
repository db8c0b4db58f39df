package restapi_test

import (
	"bytes"
	"cmp"
	"flag"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/restapi"
)

var update = flag.Bool("update", false, "write docs/api/examples.json anew")

// examplesFile has the exchanges that the API's reference shows.
const examplesFile = "../../docs/api/examples.json"

// exemplary are the bodies that the reference shows of commands whose good ones say something twice, in older fields too.
var exemplary = map[string]string{}

// exchange is a call of a command with its good body, and what came of it.
type exchange struct {
	Command  string           `json:"command"`
	Request  jsontext.Value   `json:"request"`
	Reply    jsontext.Value   `json:"reply"`
	Webhooks []jsontext.Value `json:"webhooks,omitempty"`
}

// TestExamplesAreTrue makes the calls that the reference shows as examples and compares what came of them.
func TestExamplesAreTrue(t *testing.T) {
	var all []exchange
	for _, command := range restapi.Commands() {
		all = append(all, everybodys.example(t, command))
	}
	got, err := json.Marshal(all, jsontext.WithIndent("  "), jsontext.EscapeForHTML(false))
	require.NoError(t, err)
	got = append(got, '\n')
	if *update {
		require.NoError(t, os.WriteFile(examplesFile, got, 0o644))
	}
	want, err := os.ReadFile(examplesFile)
	require.NoError(t, err)
	require.Equal(t, string(want), string(got), "run: go generate ./...")
}

// example records the exchange in two apps. What differs was made up by the server, and gets a stand-in.
func (w *world) example(t *testing.T, command string) exchange {
	t.Helper()
	e, other := w.prepared(t, command).exchange(command), w.prepared(t, command).exchange(command)
	require.Len(t, e.Webhooks, len(other.Webhooks), command)
	e.Reply = settled(t, e.Reply, other.Reply)
	for i := range e.Webhooks {
		e.Webhooks[i] = settled(t, e.Webhooks[i], other.Webhooks[i])
	}
	return e
}

func (d *door) exchange(command string) exchange {
	d.t.Helper()
	fired, asked, request := len(d.fired()), len(d.asked), cmp.Or(exemplary[command], good[command])
	response, err := d.server.Client().Post(d.server.URL+"/v4/"+command+"?"+d.query(), "application/json", strings.NewReader(request))
	require.NoError(d.t, err)
	defer response.Body.Close()
	require.Equal(d.t, http.StatusOK, response.StatusCode)
	reply, err := io.ReadAll(response.Body)
	require.NoError(d.t, err)
	require.Contains(d.t, string(reply), `"ErrorCode":0`, command)
	reply = sequence.ReplaceAll(reply, []byte("-O-Seq-70211"))
	e := exchange{Command: command, Request: jsontext.Value(compact(d.t, request)), Reply: reply}
	for _, body := range d.asked[asked:] {
		e.Webhooks = append(e.Webhooks, jsontext.Value(body))
	}
	for _, event := range d.fired()[fired:] {
		e.Webhooks = append(e.Webhooks, event.Body)
	}
	return e
}

var (
	scalar = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false|null`)
	part   = regexp.MustCompile(`[0-9A-Za-z]+`)

	sequence = regexp.MustCompile(`-O-Seq-[0-9]+`) // counts the calls that prepared the app too
)

// settled writes stand-ins for what differs between two recordings of the same, which are alike in everything else.
func settled(t *testing.T, a, b jsontext.Value) jsontext.Value {
	t.Helper()
	as, bs := scalar.FindAll(a, -1), scalar.FindAll(b, -1)
	require.Len(t, as, len(bs), "%s\n%s", a, b)
	i := -1
	return scalar.ReplaceAllFunc(a, func(value []byte) []byte {
		if i++; bytes.Equal(value, bs[i]) {
			return value
		}
		if value[0] != '"' {
			return []byte("1234567890")
		}
		return standIn(value, bs[i])
	})
}

// standIn replaces those parts of a text that differ from the other's.
func standIn(value, other []byte) []byte {
	others, i := part.FindAll(other, -1), -1
	return part.ReplaceAllFunc(value, func(p []byte) []byte {
		if i++; i < len(others) && bytes.Equal(p, others[i]) {
			return p
		}
		letters := []byte("K4XQ7LPDM2ZB5TWRJ6VHANCSEYFGIOU3")
		switch {
		case len(bytes.Trim(p, "0123456789")) == 0:
			return []byte("1234567890")
		case len(bytes.Trim(p, "0123456789abcdef")) == 0:
			letters = []byte("5d20c94be17f4a6f9a31b7c8e2f60d13")
		}
		return bytes.Repeat(letters, len(p)/len(letters)+1)[:len(p)]
	})
}
