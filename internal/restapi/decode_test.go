package restapi_test

import (
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/restapi"
)

// TestTheBodyIsAJSONObject sends every command what is none.
func TestTheBodyIsAJSONObject(t *testing.T) {
	d := everybodys.open(t)
	deep := func(n int) string { return `{"x":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}` }
	before, told := d.state(), d.told()
	for _, body := range []string{
		"", " ", "\n", "[]", "[{}]", "null", " null ", "true", "7", `"text"`, "text", "{", "}", "{}}", "{}{}", "{},", `{"a"}`, `{"a":}`, `{"a":1,}`,
		`{a:1}`, `{'a':1}`, "{}x", "\ufeff{}", "{}\x00", `{"a":NaN}`, `{"a":01}`, `{"a":+1}`, `{"a":.5}`, `{"a":"` + "\n" + `"}`, "// {}\n{}", `{"a":1 /* one */}`,
		`{"RoomId":"a","RoomId":"a"}`, `{"x":1,"x":2}`, `{"x":{"y":1,"y":1}}`, `{"x":1,"\u0078":1}`,
		"{\"x\":\"\xff\"}", "{\"\xff\":1}", "{\"x\":\"\xc0\x80\"}", "{\"x\":\"\xed\xa0\x80\"}", `{"x":"\ud800"}`, `{"x":"\udc00\ud800"}`, `{"x":"\x41"}`,
		"{\"RoomId\":\"live_9001\xff\"}", `{"RoomId":"\ud83d"}`,
		deep(10_001), strings.Repeat("[", 100_000), strings.Repeat(`{"a":`, 100_000), "\x1f\x8b\x08\x00", "RoomId=live_9001",
	} {
		for _, command := range restapi.Commands() {
			got := d.serve(d.request(command, d.query(), strings.NewReader(body)))
			require.Equal(t, 60003, got.ErrorCode, "%s %.60q: %s", command, body, got.ErrorInfo)
			require.Less(t, len(got.ErrorInfo), 100, "what is no JSON is not repeated")
		}
	}
	require.Equal(t, before, d.state())
	require.Equal(t, told, d.told())
	require.Zero(t, d.call(getCallback, " \t\r\n{ }\n").ErrorCode, "white space is allowed")
	require.Zero(t, d.call(getCallback, deep(9_000)).ErrorCode, "fields that the command does not have may hold anything")
}

func TestAFieldGivenTwiceIsNamedAsSuch(t *testing.T) {
	d := everybodys.open(t)
	require.Contains(t, d.call(destroyRoom, `{"RoomId":"a","RoomId":"b"}`).ErrorInfo, "twice")
}

func TestTheSizeOfTheBody(t *testing.T) {
	padded := func(n int) string { return `{"x":"` + strings.Repeat("x", n-len(`{"x":""}`)) + `"}` }
	for _, s := range []struct {
		name string
		max  int64 // the operator's; 0 leaves it at 1 MiB
		size int
		code int
	}{
		{"the default", 0, 1 << 20, 0}, {"past the default", 0, 1<<20 + 1, 60002},
		{"the operator's", 100, 100, 0}, {"past the operator's", 100, 101, 60002},
	} {
		t.Run(s.name, func(t *testing.T) {
			d := everybodys.open(t, func(o *setup) { o.options.MaxBody = s.max })
			got := d.serve(d.request(getCallback, d.query(), strings.NewReader(padded(s.size))))
			require.Equal(t, s.code, got.ErrorCode, got.ErrorInfo)
			chunked := d.request(getCallback, d.query(), struct{ io.Reader }{strings.NewReader(padded(s.size))})
			require.EqualValues(t, -1, chunked.ContentLength)
			got = d.serve(chunked)
			require.Equal(t, s.code, got.ErrorCode, got.ErrorInfo)
			if s.code != 0 {
				require.Contains(t, got.ErrorInfo, fmt.Sprintf("%d bytes", s.size-1))
			}
		})
	}
}

func TestAChunkedBody(t *testing.T) {
	d := everybodys.open(t)
	body := struct{ io.Reader }{io.MultiReader(strings.NewReader(aRoom.body[:30]), strings.NewReader(aRoom.body[30:]))}
	require.Zero(t, d.post(createRoom, d.query(), body).ErrorCode)
	d.take([]step{has(``)})
	require.Equal(t, 60003, d.post(createRoom, d.query(), struct{ io.Reader }{strings.NewReader("")}).ErrorCode)
}

func TestABodyThatBreaksOff(t *testing.T) {
	d := everybodys.open(t)
	before := d.state()
	for _, length := range []int64{-1, int64(len(aRoom.body)), int64(len(aRoom.body)) + 1} {
		r := d.request(createRoom, d.query(), io.MultiReader(strings.NewReader(aRoom.body[:len(aRoom.body)-1]), broken{}))
		r.ContentLength = length
		require.Equal(t, 60002, d.serve(r).ErrorCode)
	}
	require.Equal(t, before, d.state())
}

// broken is a connection that was lost.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestContentTypesDoNotMatter: the contract names none, so whatever the header says the body is read as JSON.
func TestContentTypesDoNotMatter(t *testing.T) {
	d := everybodys.open(t)
	for _, contentType := range []string{"", "application/json", "application/json; charset=utf-8", "text/plain", "application/x-www-form-urlencoded"} {
		r, err := http.NewRequest(http.MethodPost, d.server.URL+"/v4/"+getCallback+"?"+d.query(), strings.NewReader(`{}`))
		require.NoError(t, err)
		r.Header.Set("Content-Type", contentType)
		require.Zero(t, d.send(r).ErrorCode, contentType)
	}
}

// good is a body for every command that it takes in the app that prepare makes, with every field that it has.
var good = map[string]string{
	createRoom: `{"RoomInfo":{"RoomId":"live_9002","RoomName":"Evening sketches","RoomType":"Live","Owner_Account":"host_7",
		"SeatTemplate":"Karaoke","SeatLayoutTemplateId":70,"TakeSeatMode":"ApplyToTake","IsSeatEnabled":true,
		"MaxSeatCount":6,"MaxMemberCount":300,"IsMessageDisabled":false,"IsPublicVisible":true,"IsUnlimitedRoomEnabled":true,
		"KeepOwnerOnSeat":true,"CoverURL":"https://img.example.net/c/9002.jpg","BackgroundURL":"https://img.example.net/b/9002.jpg",
		"Notice":"Bring your own pencil","Category":[4,11],"ActivityStatus":1,
		"IsGiftEnabled":true,"IsLikeEnabled":true}}`,
	destroyRoom:         askRoom,
	getRoomInfo:         askRoom,
	setRoomMetadata:     `{"RoomId":"live_9001","Metadata":[{"Key":"pinned_sku","Value":"A-17"}]}`,
	getRoomMetadata:     `{"RoomId":"live_9001","Keys":["theme"]}`,
	delRoomMetadata:     `{"RoomId":"live_9001","Keys":["theme"]}`,
	modifyAdmin:         `{"RoomId":"live_9001","Admin_Account":["lin"],"OpType":"add"}`,
	getAdminList:        askRoom,
	setCallback:         `{"Url":"https://hooks.example.net/live","CallbackCommandList":["Live.CallbackAfterCreateRoom","Live.CallbackAfterDestroyRoom"]}`,
	updateCallback:      `{"Url":"https://hooks.example.net/live?tenant=eu1","CallbackCommandList":["Live.CallbackAfterCreateRoom","Group.CallbackBeforeSendMsg"]}`,
	getCallback:         `{}`,
	deleteCallback:      `{}`,
	setCallbackToken:    `{"Token":"Vb3kTq9ZsX","IsTokenEnable":true}`,
	getCallbackToken:    `{}`,
	deleteCallbackToken: `{}`,
	accountImport:       `{"UserID":"shop_17","Identifier":"shop_17","Nick":"Corner Shop","FaceUrl":"https://img.example.net/17.png"}`,
	accountCheck:        `{"CheckItem":[{"UserID":"shop_17"}]}`,
}

// preparing has what a command's good body needs in its app, beside what every command finds there.
var preparing = map[string][]step{}

// furnishing has what the reference's example of a command is to find in live_9001, and its good body finds there too.
var furnishing = map[string][]step{}

// prepared opens an app in which command succeeds with its good body.
func (w *world) prepared(t testing.TB, command string) *door {
	t.Helper()
	d := w.open(t)
	d.take(preparing[command])
	d.take([]step{
		aRoom, {call: setRoomMetadata, body: write(theme)}, {call: modifyAdmin, body: modify("add", `["mod_1"]`)},
		{call: setCallbackToken, body: `{"Token":"c0ffee5eedVb3kTq9ZsX","IsTokenEnable":true}`}, {call: accountImport, body: `{"UserID":"shop_17"}`},
	})
	d.take(furnishing[command])
	if command == setCallback {
		d.take([]step{{call: deleteCallback, body: `{}`}})
	}
	return d
}

func TestGoodBodiesNameEveryFieldOfEveryCommand(t *testing.T) {
	require.ElementsMatch(t, restapi.Commands(), keysOf(good))
	require.ElementsMatch(t, restapi.Commands(), keysOf(restapi.RequestTypes))
	for command, body := range good {
		got := everybodys.prepared(t, command).call(command, body)
		require.Zero(t, got.ErrorCode, "%s: %s", command, got.ErrorInfo)
		for _, f := range fieldsOf(restapi.RequestTypes[command]) {
			require.NotNil(t, f.in(parse(t, body)), "%s of %s", f.name(), command)
		}
	}
}

func keysOf[V any](m map[string]V) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	return keys
}

// field is one field of a request: its path, in which 0 stands for the first element of a list, and its type.
type field struct {
	path []any
	kind reflect.Kind
}

// looseInt stands for a number that may also be a text of digits.
const looseInt = reflect.Complex128

// fieldsOf walks a type of request: its fields, the elements of its lists, and theirs.
func fieldsOf(t reflect.Type) (all []field) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	below := func(step any, t reflect.Type) {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		kind := t.Kind()
		if t == restapi.LooseInt {
			kind = looseInt
		}
		all = append(all, field{[]any{step}, kind})
		for _, f := range fieldsOf(t) {
			all = append(all, field{append([]any{step}, f.path...), f.kind})
		}
	}
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			name := t.Field(i).Tag.Get("json")
			if name == "" {
				continue // an object that may hold anything
			}
			below(name, t.Field(i).Type)
		}
	case reflect.Slice:
		below(0, t.Elem())
	}
	return all
}

// name is the field as ErrorInfo names it.
func (f field) name() string {
	var b strings.Builder
	for _, step := range f.path {
		switch step := step.(type) {
		case int:
			fmt.Fprintf(&b, "[%d]", step)
		case string:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(step)
		}
	}
	return b.String()
}

// in returns what a document has in the field, nil when nothing.
func (f field) in(document any) any {
	for _, step := range f.path {
		switch node := document.(type) {
		case map[string]any:
			document = node[step.(string)]
		case []any:
			document = node[step.(int)]
		}
	}
	return document
}

// set puts a value into the field of a document, or takes the field out of it.
func (f field) set(document, value any, remove bool) {
	last := len(f.path) - 1
	switch node := (field{f.path[:last], 0}).in(document).(type) {
	case map[string]any:
		node[f.path[last].(string)] = value
		if remove {
			delete(node, f.path[last].(string))
		}
	case []any:
		node[f.path[last].(int)] = value
	}
}

// with returns body with the field set to a raw JSON value, or without the field.
func (f field) with(t *testing.T, body, value string, remove bool) string {
	t.Helper()
	const mark = "the place of the value"
	document := parse(t, body)
	f.set(document, mark, remove)
	out, err := json.Marshal(document)
	require.NoError(t, err)
	return strings.Replace(string(out), `"`+mark+`"`, value, 1)
}

func parse(t *testing.T, body string) (document any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(body), &document))
	return document
}

// wrong are values of every JSON type that a field of that kind does not take.
func (f field) wrong() []string {
	text, number, object, array := []string{`""`, `"7"`, `"true"`}, []string{"7", "-1", "1.5"}, []string{`{}`, `{"Key":"a"}`}, []string{`[]`, `["a"]`, `[null]`}
	boolean := []string{"true", "false"}
	switch f.kind {
	case reflect.String:
		return slices.Concat(number, object, array, boolean, []string{"9007199254740993", "1e400", "99999999999999999999"})
	case reflect.Int:
		return slices.Concat(text, object, array, boolean, []string{"1.5", "1.0", "1e2", "9223372036854775808", "-9223372036854775809", "1e400", "-0.0"})
	case looseInt:
		return slices.Concat(object, array, boolean, []string{`"x"`, `"1.5"`, `" 1"`, "1.5", "1e2", `"9223372036854775808"`, "9223372036854775808"})
	case reflect.Bool:
		return slices.Concat(text, number, object, array, []string{"0", "1"})
	case reflect.Slice:
		return slices.Concat(text, number, object, boolean)
	case reflect.Interface: // a value of a profile
		return slices.Concat(object, array, boolean)
	}
	return slices.Concat(text, number, array, boolean)
}

// code is the contract's code for a wrong type of the field.
func (f field) code(command string) int {
	for _, step := range f.path {
		if name, ok := step.(string); ok && (strings.HasSuffix(name, "_Account") || name == "UserID" || name == "Identifier") {
			return 60015
		}
	}
	if f.kind == reflect.Interface {
		return 40610
	}
	return restapi.ParameterCode(command)
}

// taken are values of another type that a field takes all the same, by command and field.
var taken = map[string][]string{}

// TestEveryFieldOfTheWrongType puts a value of every other JSON type into every field of every command, where all else
// is right: the field is named, nothing changes and nobody is told.
func TestEveryFieldOfTheWrongType(t *testing.T) {
	calls := 0
	for _, command := range restapi.Commands() {
		d := everybodys.prepared(t, command)
		before, told := d.state(), d.told()
		for _, f := range fieldsOf(restapi.RequestTypes[command]) {
			for _, value := range f.wrong() {
				if slices.Contains(taken[command+" "+f.name()], value) {
					continue
				}
				calls++
				got := d.serve(d.request(command, d.query(), strings.NewReader(f.with(t, good[command], value, false))))
				require.Equal(t, f.code(command), got.ErrorCode, "%s of %s = %s: %s", f.name(), command, value, got.ErrorInfo)
				played(t, command, got)
				require.Contains(t, got.ErrorInfo, f.name())
			}
		}
		require.Equal(t, before, d.state(), command)
		require.Equal(t, told, d.told(), command)
	}
	require.Greater(t, calls, 400)
}

// TestNullIsAsIfNotGiven compares null in every field with the same call without the field.
func TestNullIsAsIfNotGiven(t *testing.T) {
	eachCommand(t, func(w *walker, fields []field) {
		for _, f := range fields {
			if _, element := f.path[len(f.path)-1].(int); element {
				continue
			}
			null, _ := w.send(f.with(w.t, good[w.command], "null", false))
			absent, _ := w.send(f.with(w.t, good[w.command], "", true))
			w.settle()
			require.Equal(w.t, absent.ErrorCode, null.ErrorCode, "%s of %s", f.name(), w.command)
			require.Equal(w.t, absent.ErrorInfo, null.ErrorInfo, "%s of %s", f.name(), w.command)
		}
	})
}

// nullElement has the codes of the commands that judge null in a list in a way of their own.
var nullElement = map[string]int{getRoomMetadata: 0, delRoomMetadata: 100503}

// TestNullInAList: an element must be there; only a key of metadata that is null is one that no room has.
func TestNullInAList(t *testing.T) {
	for _, command := range restapi.Commands() {
		for _, f := range fieldsOf(restapi.RequestTypes[command]) {
			if _, element := f.path[len(f.path)-1].(int); element {
				got := everybodys.prepared(t, command).call(command, f.with(t, good[command], "null", false))
				want, ok := nullElement[command]
				if !ok {
					want = restapi.ParameterCode(command)
				}
				require.Equal(t, want, got.ErrorCode, "%s of %s", f.name(), command)
			}
		}
	}
}

// anyLength are the commands that may be asked for any number of things; hugeList has the codes of those that refuse too
// many of them in a way of their own.
var (
	anyLength = []string{getRoomMetadata}
	hugeList  = map[string][]int{}
)

// TestHugeLists gives every list of every command far more elements than it may have.
func TestHugeLists(t *testing.T) {
	for _, command := range restapi.Commands() {
		for _, f := range fieldsOf(restapi.RequestTypes[command]) {
			if f.kind != reflect.Slice || slices.Contains(anyLength, command) {
				continue
			}
			d := everybodys.prepared(t, command)
			element, err := json.Marshal(f.in(parse(t, good[command])).([]any)[0])
			require.NoError(t, err)
			many := "[" + strings.TrimSuffix(strings.Repeat(string(element)+",", 10_000), ",") + "]"
			got := d.call(command, f.with(t, good[command], many, false))
			switch f.name() {
			case "Keys", "CallbackCommandList":
				require.Zero(t, got.ErrorCode, "the same one 10,000 times over is allowed")
			default:
				codes := append(hugeList[command], 100009, restapi.ParameterCode(command))
				require.Contains(t, codes, got.ErrorCode, "%s of %s", f.name(), command)
			}
		}
	}
}
