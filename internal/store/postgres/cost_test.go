package postgres

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

// filledEach is how many rows of each kind a room, a user, a battle and a catalogue have in the tables of fillRows.
const filledEach = 40

// fillRows fills every table of rooms, accounts and battles, and the catalogue as far as it is bounded.
func fillRows(d *desk) {
	d.t.Helper()
	rooms := "FROM generate_series(1, 500) AS r, generate_series(1, 40) AS u"
	for _, statement := range []string{
		`INSERT INTO rooms SELECT 7, 'r' || r, 'u1', '', '', 0, '', true, 9, 100, false, true, true, true, '', '', '', '', '[]', 0, r, r, 0,
			true, true, 0, 0, 0, 0, 0 FROM generate_series(1, 20000) AS r`,
		"INSERT INTO accounts SELECT 7, 'u' || u, '', '' FROM generate_series(1, 20000) AS u",
		"INSERT INTO revocations SELECT 7, 'u' || u, u FROM generate_series(1, 20000) AS u",
		"INSERT INTO timers SELECT 7, 'mute', 'r' || r, 'u' || u, r * u " + rooms,
		"INSERT INTO room_metadata SELECT 7, 'r' || r, 'k' || u, '' " + rooms,
		"INSERT INTO room_admins SELECT 7, 'r' || r, 'u' || u " + rooms,
		"INSERT INTO room_members SELECT 7, 'r' || r, 'u' || u + r % 500, u % 2 = 0 " + rooms,
		"INSERT INTO room_attendances SELECT 7, 'r' || r, 'u' || u + r % 500, 2 + u % 3 " + rooms,
		"INSERT INTO room_mutes SELECT 7, 'r' || r, 'u' || u, u " + rooms,
		"INSERT INTO room_bans SELECT 7, 'r' || r, 'u' || u, u, '' " + rooms,
		"INSERT INTO room_robots SELECT 7, 'r' || r, 'u' || u " + rooms,
		"INSERT INTO room_mixes SELECT 7, 'r' || r, '{}' FROM generate_series(1, 20000) AS r",
		"INSERT INTO room_sent_messages SELECT 7, 'r' || r, 'u' || u, u, u, u " + rooms,
		"INSERT INTO room_seats SELECT 7, 'r' || r, u, 's' || u, false, false, false " + rooms,
		"INSERT INTO room_gift_senders SELECT 7, 'r' || r, 'u' || u, 1, 1 " + rooms,
		"INSERT INTO room_gifts SELECT 7, 'r' || r, 1 FROM generate_series(1, 20000) AS r",
		"INSERT INTO battles SELECT 7, 'b' || b, '', 1, 2, 1, 1 FROM generate_series(1, 20000) AS b",
		"INSERT INTO battle_rooms SELECT 7, 'b' || r, u, 'r' || r || '/' || u, 'u1', 0, false, true " + rooms,
		"INSERT INTO profile_values SELECT 7, 'u' || r, 'Tag_' || u, '' " + rooms,
		"INSERT INTO follows SELECT 7, 'u' || r, 'u' || r + u, u, u % 2 = 0 " + rooms,
		"INSERT INTO follow_counts SELECT 7, 'u' || u, 1, 1, 1 FROM generate_series(1, 20000) AS u",
		"INSERT INTO callbacks SELECT a, '', '[]', '{}' FROM generate_series(1, 20000) AS a",
		"INSERT INTO callback_tokens SELECT a, '', true FROM generate_series(1, 20000) AS a",
		"INSERT INTO delivery_pauses SELECT a, true, 0, '', true, 0 FROM generate_series(1, 20000) AS a",
		"INSERT INTO room_counts SELECT a, 1 FROM generate_series(1, 20000) AS a",
		"INSERT INTO gifts SELECT a, 'g' || g, g, '', '', '', '', 1, 1, '', 1 FROM generate_series(1, 500) AS a, generate_series(1, 40) AS g",
		"INSERT INTO gift_texts SELECT a, 'g' || g, 'en', '', '' FROM generate_series(1, 500) AS a, generate_series(1, 40) AS g",
		"INSERT INTO gift_categories SELECT a, 'c' || c, c, '', '', '' FROM generate_series(1, 4000) AS a, generate_series(1, 5) AS c",
		"INSERT INTO gift_category_texts SELECT a, 'c' || c, 'en', '', '' FROM generate_series(1, 4000) AS a, generate_series(1, 5) AS c",
		"INSERT INTO gift_relations SELECT a, 'c' || c, 'g' || g, g FROM generate_series(1, 500) AS a, generate_series(1, 5) AS c, generate_series(1, 8) AS g",
	} {
		d.do(statement)
	}
	d.do("ANALYZE")
}

// someValue sets v, and all that is in it, to something that the tables of fillRows know.
func someValue(v reflect.Value) {
	switch v.Interface().(type) {
	case live.AppID:
		v.SetUint(7)
		return
	case live.NodeID:
		v.SetInt(3)
		return
	case live.FollowList:
		v.SetInt(int64(live.Following))
		return
	case live.TimerKind:
		v.SetString("mute")
		return
	case time.Time:
		v.Set(reflect.ValueOf(time.Unix(20, 0)))
		return
	}
	switch v.Kind() {
	case reflect.Int, reflect.Int64:
		v.SetInt(10)
	case reflect.Uint32:
		v.SetUint(10)
	case reflect.String:
		initial := map[string]string{"RoomID": "r", "UserID": "u", "BattleID": "b", "GiftID": "g", "GiftCategoryID": "c"}[v.Type().Name()]
		v.SetString(initial + "5")
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		someValue(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		for i := range v.Len() {
			someValue(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			someValue(v.Field(i))
		}
	}
}

// read are the rows that the transaction under way has read, of all tables.
func (t *tx) read() (n int64, err error) {
	_, err = t.c.first(`SELECT coalesce(sum(seq_tup_read) + sum(idx_tup_fetch), 0)::bigint FROM pg_stat_xact_user_tables`, nil, &n)
	return n, err
}

// TestNoStatementReadsMoreThanItNeeds calls each method of live.Tx on tables that hold many rows: of all apps, of the app, and of
// the room or account.
func TestNoStatementReadsMoreThanItNeeds(t *testing.T) {
	t.Parallel()
	s, _ := openNode(t, database(t), nil)
	fillRows(deskAt(t, s.opts.URL))
	kind, total := reflect.TypeFor[live.Tx](), int64(0)
	for i := range kind.NumMethod() {
		method := kind.Method(i)
		if method.Name == "Emit" {
			continue // has no statement of its own but that of the outbox
		}
		var rows int64
		enough := errors.New("rolled back")
		err := s.Update(background, func(lt live.Tx) error {
			tx := lt.(*tx)
			before, err := tx.read()
			if err != nil {
				return err
			}
			f := reflect.ValueOf(lt).MethodByName(method.Name)
			args := make([]reflect.Value, f.Type().NumIn())
			for n := range args {
				args[n] = reflect.New(f.Type().In(n)).Elem()
				someValue(args[n])
			}
			results := f.Call(args)
			if err, _ := results[len(results)-1].Interface().(error); err != nil {
				return err
			}
			after, err := tx.read()
			rows = after - before
			if err != nil {
				return err
			}
			return enough
		})
		if err != nil && strings.HasPrefix(method.Name, "Insert") {
			require.ErrorContains(t, err, "duplicate key", method.Name)
			continue
		}
		require.ErrorIs(t, err, enough, method.Name)
		most := int64(3 * filledEach)
		if method.Name == "DeleteRoom" {
			most = int64(len(roomTables) * (filledEach + 1))
		}
		require.LessOrEqual(t, rows, most, method.Name)
		total += rows
	}
	require.Greater(t, total, int64(10*filledEach), "what is read is counted")
}
