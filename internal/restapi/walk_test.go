package restapi_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/restapi"
)

// The tests of this file put bad values into every field of every command, where all else is right. Whatever the value,
// the answer has a code that blames the caller, and nothing has changed.

// overruled are the fields with which a good body does something whatever is in them: another field there wins, an element
// that cannot be used is passed over, or nobody looks at it. With an object or a list, what is in it.
var overruled = map[string][]string{
	accountImport:                             {"Identifier"},
	"im_open_login_svc/kick":                  {"Identifier"},
	"im_open_login_svc/multiaccount_import":   {"AccountList", "Accounts"},
	"group_open_http_svc/send_group_msg":      {"SendMsgControl", "ForbidCallbackControl"},
	"live_engine_http_srv/add_gift":           {"Gift"},
	"live_engine_http_srv/edit_gift":          {"Gift"},
	"live_engine_http_srv/add_gift_category":  {"Category"},
	"live_engine_http_srv/edit_gift_category": {"Category"},
}

// walker sends bodies for one command to an app in which its good body succeeds.
type walker struct {
	t       *testing.T
	command string
	door    *door
	query   string
	before  []string
	version int // of the store, when the state was before
	told    int
	refused []string // bodies of calls after which the state is still to be looked at
}

// prepare makes the app anew.
func (w *walker) prepare() {
	w.door = everybodys.prepared(w.t, w.command)
	w.version = w.storeVersion()
	w.query, w.before, w.told = w.door.query(), w.door.state(), w.door.told()
}

// storeVersion is a number that changes with every commit, of whatever app.
func (w *walker) storeVersion() (v int) {
	w.t.Helper()
	require.NoError(w.t, w.door.rows.QueryRow("PRAGMA data_version").Scan(&v))
	return v
}

// changed tells whether the app is no longer what it was. Reading all of it is slow, so it looks for commits first.
func (w *walker) changed() bool {
	w.t.Helper()
	version := w.storeVersion()
	if version != w.version && !slices.Equal(w.before, w.door.state()) {
		return true
	}
	w.version = version
	return false
}

// send makes a call, and tells whether it had an effect on the app, which is then made anew. The server's own failure fails the
// test.
func (w *walker) send(body string) (got answer, changed bool) {
	w.t.Helper()
	got = w.door.serve(w.door.request(w.command, w.query, strings.NewReader(body)))
	require.NotEqual(w.t, 100001, got.ErrorCode, "%s %.500s", w.command, body)
	if got.ErrorCode != 0 || asks(w.command) {
		w.refused = append(w.refused, body)
		return got, false
	}
	if w.told == w.door.told() && !w.changed() {
		return got, false
	}
	again := w.refused
	w.refused = nil
	w.prepare()
	for _, body := range again { // the change hides what they did
		w.send(body)
	}
	w.settle()
	return got, true
}

// settle demands that what was refused has changed nothing.
func (w *walker) settle() {
	w.t.Helper()
	require.Equal(w.t, w.told, w.door.told(), "%s: nobody may have been told: %.500s", w.command, w.refused)
	if w.changed() {
		require.Equal(w.t, w.before, w.door.state(), "%s: nothing may have changed: %.500s", w.command, w.refused)
	}
	w.refused = nil
}

// refuse sends what must not be done: it is refused, or has no effect where the command judges each element by itself.
func (w *walker) refuse(f field, value string) {
	w.t.Helper()
	_, changed := w.send(f.with(w.t, good[w.command], value, false))
	require.False(w.t, changed, "%s of %s = %.60s had an effect", f.name(), w.command, value)
}

// eachCommand calls do for every command that has fields, for several at the same time.
func eachCommand(t *testing.T, do func(w *walker, fields []field)) {
	for _, command := range restapi.Commands() {
		if fields := fieldsOf(restapi.RequestTypes[command]); len(fields) > 0 {
			t.Run(command, func(t *testing.T) {
				t.Parallel()
				w := &walker{t: t, command: command}
				w.prepare()
				do(w, fields)
				w.settle()
			})
		}
	}
}

// eachField calls do for every field of every command.
func eachField(t *testing.T, do func(w *walker, f field)) {
	eachCommand(t, func(w *walker, fields []field) {
		for _, f := range fields {
			if name := fmt.Sprint(f.path[0]); !slices.Contains(overruled[w.command], name) {
				do(w, f)
				w.settle()
			}
		}
	})
}

// last is the name of the field, or of the list whose element it is.
func (f field) last() string {
	for _, step := range slices.Backward(f.path) {
		if name, ok := step.(string); ok {
			return name
		}
	}
	return ""
}

// TestNamesGivenTwice repeats each name of every object in every body, at every depth.
func TestNamesGivenTwice(t *testing.T) {
	eachCommand(t, func(w *walker, fields []field) {
		calls, document := 0, parse(w.t, good[w.command])
		for _, f := range append([]field{{}}, fields...) {
			object, ok := f.in(document).(map[string]any)
			if !ok {
				continue
			}
			for _, name := range append(keysOf(object), "no field of its") {
				body := twice(w.t, object, name)
				if len(f.path) > 0 {
					body = f.with(w.t, good[w.command], body, false)
				}
				calls++
				got, _ := w.send(body)
				require.Equal(w.t, 60003, got.ErrorCode, "%s %s", w.command, body)
				require.Contains(w.t, got.ErrorInfo, "twice")
			}
		}
		require.Greater(w.t, calls, 1)
	})
}

// twice writes an object that has one name twice, with the same value.
func twice(t *testing.T, object map[string]any, name string) string {
	t.Helper()
	value, err := json.Marshal(object[name])
	require.NoError(t, err)
	member := `"` + name + `":` + string(value)
	all, err := json.Marshal(object)
	require.NoError(t, err)
	separator := ","
	if len(object) == 0 {
		separator = ""
	}
	text := strings.TrimSuffix(string(all), "}") + separator + member
	if _, there := object[name]; !there {
		text += "," + member
	}
	return text + "}"
}

// TestTextThatIsNotUTF8 puts broken bytes and halves of surrogate pairs into every text.
func TestTextThatIsNotUTF8(t *testing.T) {
	eachField(t, func(w *walker, f field) {
		if _, text := f.in(parse(w.t, good[w.command])).(string); !text {
			return
		}
		for _, value := range []string{"\"\xff\"", "\"a\xc3\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\xf8\x88\x80\x80\x80\"", `"\ud800"`, `"\udc00a"`} {
			got, _ := w.send(f.with(w.t, good[w.command], value, false))
			require.Equal(w.t, 60003, got.ErrorCode, "%s of %s = %q", f.name(), w.command, value)
		}
	})
}

// TestNumbersAtTheirLimits: a whole number may be any of 64 bits, also where floats lose count; what a field makes of it
// is its rule. Past that it is of the wrong type.
func TestNumbersAtTheirLimits(t *testing.T) {
	eachField(t, func(w *walker, f field) {
		if f.kind < reflect.Int || f.kind > reflect.Uint64 {
			return
		}
		for _, value := range []string{
			"-1", "0", "2147483647", "2147483648", "-2147483649", "4294967295", "4294967296", "9007199254740991", "9007199254740992",
			"9007199254740993", "-9007199254740993", "9223372036854775807", "-9223372036854775808",
		} {
			w.send(f.with(w.t, good[w.command], value, false))
		}
		for _, value := range []string{
			"9223372036854775808", "-9223372036854775809", "18446744073709551616", strings.Repeat("9", 30), "1" + strings.Repeat("0", 400), "1e400",
		} {
			w.refuse(f, value)
		}
	})
}

// TestIdsAtTheirLimits: ids of rooms have up to 48 bytes and ids of users up to 32, of printable ASCII. Others never have
// an effect.
func TestIdsAtTheirLimits(t *testing.T) {
	eachField(t, func(w *walker, f field) {
		most := 0
		switch name := f.last(); {
		case f.kind != reflect.String:
		case strings.Contains(name, "RoomId"), name == "GroupId":
			most = 48
		case strings.HasSuffix(name, "_Account"), name == "UserID", name == "Identifier":
			most = 32
		}
		if most == 0 {
			return
		}
		for _, id := range []string{"x", " ", "~", strings.Repeat("x", most), strings.Repeat("~", most)} {
			w.send(f.with(w.t, good[w.command], `"`+id+`"`, false))
		}
		for _, id := range []string{
			strings.Repeat("x", most+1), strings.Repeat(" ", most+1), strings.Repeat("x", 10_000), "店", "é", `a\u0000`, `\u0000`, `a\nb`, `\t`, `\u007f`,
			`\u0080`, `\u2028`, `\ufeffa`,
		} {
			w.refuse(f, `"`+id+`"`)
		}
	})
}

// TestDeepValues nests lists and objects in every field, about as deep as JSON may be nested here.
func TestDeepValues(t *testing.T) {
	eachField(t, func(w *walker, f field) {
		const n = 9_000 // the decoder stops at 10,000
		for _, value := range []string{
			strings.Repeat("[", n) + strings.Repeat("]", n), strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n),
		} {
			got, _ := w.send(f.with(w.t, good[w.command], value, false))
			if f.kind != reflect.Struct || value[0] == '[' { // an object may have fields that nobody knows
				require.NotZero(w.t, got.ErrorCode, "%s of %s takes anything", f.name(), w.command)
			}
		}
	})
}

// TestTextsOfAMegabyte fills every text up to what a body may have.
func TestTextsOfAMegabyte(t *testing.T) {
	eachField(t, func(w *walker, f field) {
		if f.kind == reflect.String {
			room := 1<<20 - len(f.with(w.t, good[w.command], `""`, false))
			w.refuse(f, `"`+strings.Repeat("x", room)+`"`)
		}
	})
}
