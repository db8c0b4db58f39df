package live

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// robotRoom is a Tx of which only robots and timers are of interest.
type robotRoom struct {
	Tx
	robots []UserID
	set    []Timer
}

func (r *robotRoom) Robots(AppID, RoomID) ([]UserID, error) { return r.robots, nil }

func (r *robotRoom) PutTimer(t Timer) error {
	r.set = append(r.set, t)
	return nil
}

func TestTheLastRobotToLeaveAnEmptyRoomStartsItsTime(t *testing.T) {
	now := time.UnixMilli(1765001300444)
	s := NewService(nil, nil, []*App{{ID: 1, Lifetime: Lifetime{Empty: time.Minute}}}, DefaultLimits, func() time.Time { return now })
	want := Timer{App: 1, Kind: timerRoomEmpty, Room: "r", At: now.Add(time.Minute)}
	for name, tc := range map[string]struct {
		room   Room
		robots []UserID
		want   []Timer
	}{
		"empty":                {Room{ID: "r", ViewCount: 1}, nil, []Timer{want}},
		"another robot left":   {Room{ID: "r", ViewCount: 1}, []UserID{"bot"}, nil},
		"people in it":         {Room{ID: "r", ViewCount: 1, OnlineCount: 1}, nil, nil},
		"nobody ever in it":    {Room{ID: "r"}, nil, nil},
		"empty, and long ago":  {Room{ID: "r", ViewCount: 9}, nil, []Timer{want}},
		"people and one robot": {Room{ID: "r", ViewCount: 9, OnlineCount: 2}, []UserID{"bot"}, nil},
	} {
		tx := &robotRoom{robots: tc.robots}
		require.NoError(t, s.robotsLeft(tx, 1, tc.room), name)
		require.Equal(t, tc.want, tx.set, name)
	}
}
