package live

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"slices"
	"time"

	"github.com/greenroom-live/greenroom/webhook"
)

// BattleID names a battle inside one app. Those that this server makes are 32 random bytes in base64, 44 characters.
type BattleID string

const (
	maxBattleID = 64 // bytes
	// maxBattleExtension bounds the app's own text of a battle, in bytes. The contract has no figure.
	maxBattleExtension = 1000
	// maxScore is the highest score that every reader of JSON gets exactly, 2^53-1.
	maxScore = 1<<53 - 1
	// battleMemory is how long a battle that is over can still be asked about.
	battleMemory = 24 * time.Hour
)

// timerBattle ends a running battle, and later forgets it. Its timers belong to no room, because a battle outlives the
// rooms that leave it; their key is the battle's id.
const timerBattle TimerKind = "battle"

// ParseBattleID accepts a battle's id from outside, or refuses it with [CodeBadParameter].
func ParseBattleID(s string) (BattleID, error) {
	if s == "" {
		return "", badParameter("BattleId is missing")
	}
	if len(s) > maxBattleID {
		return "", badParameter("BattleId must be 1 to %d bytes", maxBattleID)
	}
	return BattleID(s), nil
}

func randomBattleID() BattleID {
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails
	return BattleID(base64.StdEncoding.EncodeToString(random[:]))
}

// BattleStatus is how far a battle has come, in the numbers of doc 68256. Of these only 3 is documented; 1 is for a battle
// that waits for the called rooms' answers, and 4 for one that nobody joined, which App admins cannot make.
type BattleStatus int

const (
	BattleRunning  BattleStatus = 2
	BattleFinished BattleStatus = 3
)

// Battle is a contest of rooms for points, over when its time is up or when every owner has left.
type Battle struct {
	ID        BattleID
	Extension string        // the app's own
	Duration  time.Duration // whole ms
	Status    BattleStatus
	StartedAt time.Time    // whole ms
	EndsAt    time.Time    // whole ms; of a finished battle, when it ended
	Rooms     []BattleRoom // that took part, the calling one first
}

// BattleRoom is one room's part in a battle.
type BattleRoom struct {
	Room  RoomID
	Owner UserID // who owns it; or who did when it went out, or when the battle ended
	Score int64  // 0 to 2^53-1
	Out   bool   // its owner gave up, or it was dissolved
}

// Includes tells whether the room is in the battle and not out of it.
func (b Battle) Includes(room RoomID) bool {
	return slices.ContainsFunc(b.Rooms, func(r BattleRoom) bool { return r.Room == room && !r.Out })
}

// from is the room that called the others.
func (b Battle) from() RoomID { return b.Rooms[0].Room }

// fighting counts the rooms that are not out.
func (b Battle) fighting() (n int) {
	for _, r := range b.Rooms {
		if !r.Out {
			n++
		}
	}
	return n
}

// BattleLineup is a battle with the profiles of its rooms' owners, in the rooms' order.
type BattleLineup struct {
	Battle
	Owners []Account
}

type battleReader interface {
	// Battle returns the battle as it was last written, its rooms in their order.
	Battle(app AppID, id BattleID) (Battle, bool, error)
	// BattleOf returns which running battle the room is in and not out of.
	BattleOf(app AppID, room RoomID) (BattleID, bool, error)
}

type battleWriter interface {
	// InsertBattle writes a new battle. It fails when one of its rooms is in another running one.
	InsertBattle(app AppID, b Battle) error
	// UpdateBattle writes the battle's status and end, and what became of its rooms.
	UpdateBattle(app AppID, b Battle) error
	DeleteBattle(app AppID, id BattleID) error
}

// BattleSpec is what is asked of a new battle.
type BattleSpec struct {
	From      RoomID
	To        []RoomID
	Millis    int    // its length in ms
	Extension string // the app's own
}

// CallOutcome is what came of calling a room to a battle, in the numbers of doc 68254 and, for what that page lacks, of
// the client's.
type CallOutcome int

const (
	CallAccepted CallOutcome = 0
	CallNoRoom   CallOutcome = 1
	CallBusy     CallOutcome = 3 // it is in another battle
)

// CreateBattle begins a battle between the room From and those of the rooms To that exist and are in no other battle; the
// outcomes say which, in the order of To. It starts at once. Refused with [CodeNoRoom] and [CodeInOtherBattle] for From,
// [CodeTooManyInBattle] for too many rooms, and [CodeNoRoomForBattle] when none of To can take part. A user must own From.
func (s *Service) CreateBattle(ctx context.Context, caller Caller, spec BattleSpec) (BattleID, []CallOutcome, error) {
	if err := s.checkBattle(spec); err != nil {
		return "", nil, err
	}
	id := s.newBattleID()
	outcomes := make([]CallOutcome, len(spec.To))
	err := s.store.Update(ctx, func(tx Tx) error {
		if err := authorize(tx, caller, spec.From, RoleOwner); err != nil {
			return err
		}
		if _, busy, err := tx.BattleOf(caller.App, spec.From); err != nil || busy {
			return cmp.Or(err, Refuse(CodeInOtherBattle, "room %q is in another battle", spec.From))
		}
		rooms := []BattleRoom{{Room: spec.From}}
		for i, room := range spec.To {
			var err error
			if outcomes[i], err = callToBattle(tx, caller.App, room); err != nil {
				return err
			}
			if outcomes[i] == CallAccepted {
				rooms = append(rooms, BattleRoom{Room: room})
			}
		}
		if len(rooms) == 1 {
			return Refuse(CodeNoRoomForBattle, "none of the called rooms exists and is in no other battle")
		}
		return s.startBattle(tx, caller, id, spec, rooms)
	})
	return id, outcomes, err
}

// checkBattle judges what of a spec needs no look at the rooms.
func (s *Service) checkBattle(spec BattleSpec) error {
	if len(spec.To) == 0 {
		return badParameter("ToRoomIdList is missing or empty")
	}
	if len(spec.To) >= s.limits.MaxBattleRooms {
		return Refuse(CodeTooManyInBattle, "a battle may have %d rooms at most, the calling one among them", s.limits.MaxBattleRooms)
	}
	for i, room := range spec.To {
		if room == spec.From || slices.Contains(spec.To[:i], room) {
			return badParameter("ToRoomIdList[%d] names room %q, which is in this battle already", i, room)
		}
	}
	if longest := s.limits.MaxBattleDuration.Milliseconds(); spec.Millis < 1 || int64(spec.Millis) > longest {
		return badParameter("Duration must be 1 to %d ms", longest)
	}
	return checkTexts([]textLimit{{"ExtensionInfo", spec.Extension, maxBattleExtension}})
}

func callToBattle(r Reader, app AppID, room RoomID) (CallOutcome, error) {
	if _, exists, err := r.RoomOwner(app, room); err != nil || !exists {
		return CallNoRoom, err
	}
	if _, busy, err := r.BattleOf(app, room); err != nil || busy {
		return CallBusy, err
	}
	return CallAccepted, nil
}

func (s *Service) startBattle(tx Tx, caller Caller, id BattleID, spec BattleSpec, rooms []BattleRoom) error {
	b := Battle{
		ID: id, Extension: spec.Extension, Duration: time.Duration(spec.Millis) * time.Millisecond,
		Status: BattleRunning, StartedAt: s.now().Truncate(time.Millisecond), Rooms: rooms,
	}
	b.EndsAt = b.StartedAt.Add(b.Duration)
	if err := updateOwners(tx, caller.App, &b); err != nil {
		return err
	}
	if err := tx.InsertBattle(caller.App, b); err != nil {
		return err
	}
	if err := tx.PutTimer(battleTimer(caller.App, id, b.EndsAt)); err != nil {
		return err
	}
	if err := tx.Emit(s.event(caller, b.from(), BattleCreated{b, spec.To})); err != nil {
		return err
	}
	lineup, err := lineupOf(tx, caller.App, b)
	if err != nil {
		return err
	}
	return s.tellBattle(tx, caller, b, BattleStarted{lineup})
}

func battleTimer(app AppID, id BattleID, at time.Time) Timer {
	return Timer{App: app, Kind: timerBattle, Key: string(id), At: at}
}

// tellBattle emits a change in every room that is in the battle, and in the calling room in any case: its lane has the
// webhooks, even when the room is out or gone.
func (s *Service) tellBattle(tx Tx, caller Caller, b Battle, change Change) error {
	for i, r := range b.Rooms {
		if r.Out && i > 0 {
			continue
		}
		if err := tx.Emit(s.event(caller, r.Room, change)); err != nil {
			return err
		}
	}
	return nil
}

// battleNow returns the battle as it is, or refuses with [CodeNoBattle].
func battleNow(r Reader, app AppID, id BattleID) (Battle, error) {
	b, ok, err := r.Battle(app, id)
	if err == nil && !ok {
		err = Refuse(CodeNoBattle, "there is no such battle, or it ended more than %d hours ago", int(battleMemory.Hours()))
	}
	if err != nil || b.Status == BattleFinished {
		return b, err
	}
	return b, updateOwners(r, app, &b)
}

// runningBattle is battleNow for what can only be done while the battle goes on; [CodeBattleEnded] afterwards.
func runningBattle(r Reader, app AppID, id BattleID) (Battle, error) {
	b, err := battleNow(r, app, id)
	if err == nil && b.Status == BattleFinished {
		err = Refuse(CodeBattleEnded, "the battle is over")
	}
	return b, err
}

// updateOwners makes the owners those that the rooms have now; what is out keeps the one it had.
func updateOwners(r Reader, app AppID, b *Battle) error {
	for i := range b.Rooms {
		if b.Rooms[i].Out {
			continue
		}
		owner, exists, err := r.RoomOwner(app, b.Rooms[i].Room)
		if err != nil {
			return err
		}
		if exists {
			b.Rooms[i].Owner = owner
		}
	}
	return nil
}

func lineupOf(r Reader, app AppID, b Battle) (BattleLineup, error) {
	owners := make([]Account, len(b.Rooms))
	for i, room := range b.Rooms {
		var err error
		if owners[i], err = profile(r, app, room.Owner); err != nil {
			return BattleLineup{}, err
		}
	}
	return BattleLineup{b, owners}, nil
}

// roomsBattle returns the battle that is running in the room, nil when there is none.
func roomsBattle(r Reader, app AppID, room RoomID) (*BattleLineup, error) {
	id, ok, err := r.BattleOf(app, room)
	if err != nil || !ok {
		return nil, err
	}
	b, err := battleNow(r, app, id)
	if err != nil {
		return nil, err
	}
	lineup, err := lineupOf(r, app, b)
	return &lineup, err
}

// Battle returns the battle of that id or, when there is none, the one that is running in room, if a room is given. It
// is refused with [CodeNoBattle] when there is neither.
func (s *Service) Battle(ctx context.Context, caller Caller, id BattleID, room RoomID) (Battle, error) {
	var b Battle
	err := s.store.View(ctx, func(r Reader) (err error) {
		b, err = battleNow(r, caller.App, id)
		if CodeOf(err) != CodeNoBattle || room == "" {
			return err
		}
		running, ok, lookup := r.BattleOf(caller.App, room)
		if lookup != nil || !ok {
			return cmp.Or(lookup, err)
		}
		b, err = battleNow(r, caller.App, running)
		return err
	})
	return b, err
}

// ScoreOp says what scores do to those that rooms have (doc 68255).
type ScoreOp int

const (
	AddScore ScoreOp = 1
	SetScore ScoreOp = 2
)

// RoomScore is what one room gets.
type RoomScore struct {
	Room  RoomID
	Score int64
}

// SetBattleScore changes scores in a running battle, of all rooms named or of none; rooms that are not in it are passed
// over, and set says for each whether it was. A score stays within 0 and 2^53-1, or the call is refused.
func (s *Service) SetBattleScore(
	ctx context.Context, caller Caller, id BattleID, op ScoreOp, scores []RoomScore,
) (set []bool, err error) {
	if err := s.checkScores(op, scores); err != nil {
		return nil, err
	}
	set = make([]bool, len(scores))
	err = s.store.Update(ctx, func(tx Tx) error {
		b, err := runningBattle(tx, caller.App, id)
		if err != nil {
			return err
		}
		for i, score := range scores {
			if set[i], err = b.score(op, score); err != nil {
				return err
			}
		}
		if !slices.Contains(set, true) {
			return nil
		}
		if err := tx.UpdateBattle(caller.App, b); err != nil {
			return err
		}
		return s.tellBattle(tx, caller, b, BattleScored{b})
	})
	return set, err
}

func (s *Service) checkScores(op ScoreOp, scores []RoomScore) error {
	if op != AddScore && op != SetScore {
		return badParameter("OpType must be %d (add) or %d (overwrite)", AddScore, SetScore)
	}
	if len(scores) == 0 || len(scores) > s.limits.MaxBattleRooms {
		return badParameter("ScoreList must have 1 to %d elements", s.limits.MaxBattleRooms)
	}
	for i, score := range scores {
		if slices.ContainsFunc(scores[:i], func(other RoomScore) bool { return other.Room == score.Room }) {
			return badParameter("ScoreList names room %q twice", score.Room)
		}
		if score.Score < -maxScore || score.Score > maxScore {
			return badParameter("ScoreList[%d].Score must be within %d of 0", i, int64(maxScore))
		}
	}
	return nil
}

// score changes the score of one room, if it is in the battle.
func (b *Battle) score(op ScoreOp, change RoomScore) (bool, error) {
	for i := range b.Rooms {
		r := &b.Rooms[i]
		if r.Room != change.Room || r.Out {
			continue
		}
		if op == SetScore {
			r.Score = 0
		}
		r.Score += change.Score
		if r.Score < 0 || r.Score > maxScore {
			return false, badParameter("the score of room %q would not be 0 to %d", r.Room, int64(maxScore))
		}
		return true, nil
	}
	return false, nil
}

// ExitBattle takes the rooms that the caller owns out of a running battle: their scores stay as they are, and they are
// free for another one. The battle goes on while the owner of one of its rooms is there. [CodeNotInBattle] for who owns
// none of its rooms.
func (s *Service) ExitBattle(ctx context.Context, caller Caller, id BattleID) error {
	return s.store.Update(ctx, func(tx Tx) error {
		b, err := runningBattle(tx, caller.App, id)
		if err != nil {
			return err
		}
		var rooms []RoomID
		for _, r := range b.Rooms {
			if r.Owner == caller.User && !r.Out {
				rooms = append(rooms, r.Room)
			}
		}
		if len(rooms) == 0 {
			return Refuse(CodeNotInBattle, "%q owns no room that is in the battle", caller.User)
		}
		return s.withdraw(tx, caller, b, rooms, 1)
	})
}

// withdraw takes rooms out of a running battle. It ends with that when fewer than fewest rooms would be left, or when
// the last owner who was there goes.
func (s *Service) withdraw(tx Tx, caller Caller, b Battle, rooms []RoomID, fewest int) error {
	before, err := attended(tx, caller.App, b)
	if err != nil {
		return err
	}
	rest := b
	rest.Rooms = slices.Clone(b.Rooms)
	for i := range rest.Rooms {
		rest.Rooms[i].Out = rest.Rooms[i].Out || slices.Contains(rooms, rest.Rooms[i].Room)
	}
	after, err := attended(tx, caller.App, rest)
	if err != nil {
		return err
	}
	if rest.fighting() < fewest || before && !after {
		return s.endBattle(tx, caller, b, webhook.BattleDeserted, s.now())
	}
	if err := tx.UpdateBattle(caller.App, rest); err != nil {
		return err
	}
	lineup, err := lineupOf(tx, caller.App, b)
	if err != nil {
		return err
	}
	for i, r := range b.Rooms {
		if slices.Contains(rooms, r.Room) && !r.Out {
			if err := s.tellBattle(tx, caller, b, BattleLeft{lineup, i}); err != nil {
				return err
			}
		}
	}
	return nil
}

// attended tells whether the owner of a room that is in the battle is in that room.
func attended(r Reader, app AppID, b Battle) (bool, error) {
	for _, room := range b.Rooms {
		if room.Out {
			continue
		}
		if m, _, err := r.Member(app, room.Room, room.Owner); err != nil || m.Online {
			return m.Online, err
		}
	}
	return false, nil
}

// ownerGone ends the battle in the room whose owner has just left or was lost, when no other room's owner is there.
// Where owners never come, as with streams from elsewhere, a battle thus ends by time alone.
func (s *Service) ownerGone(tx Tx, caller Caller, room RoomID) error {
	id, ok, err := tx.BattleOf(caller.App, room)
	if err != nil || !ok {
		return err
	}
	b, err := battleNow(tx, caller.App, id)
	if err != nil {
		return err
	}
	if here, err := attended(tx, caller.App, b); err != nil || here {
		return err
	}
	return s.endBattle(tx, caller, b, webhook.BattleDeserted, s.now())
}

// leaveBattle takes a room that is about to be dissolved out of its battle, which ends when only one room would be left.
func (s *Service) leaveBattle(tx Tx, caller Caller, room RoomID) error {
	id, ok, err := tx.BattleOf(caller.App, room)
	if err != nil || !ok {
		return err
	}
	b, err := battleNow(tx, caller.App, id)
	if err != nil {
		return err
	}
	return s.withdraw(tx, caller, b, []RoomID{room}, 2)
}

// endBattle ends a running battle; why is one of the webhook's OpTypes.
func (s *Service) endBattle(tx Tx, caller Caller, b Battle, why int, at time.Time) error {
	b.Status, b.EndsAt = BattleFinished, at.Truncate(time.Millisecond)
	if err := tx.UpdateBattle(caller.App, b); err != nil {
		return err
	}
	if err := tx.PutTimer(battleTimer(caller.App, b.ID, s.now().Add(battleMemory))); err != nil {
		return err
	}
	return s.tellBattle(tx, caller, b, BattleEnded{b, why})
}

// battleDue does what a battle's timer is for: it ends one whose time is up, as of the time that was set, and forgets one
// that has been over for long.
func (s *Service) battleDue(tx Tx, t Timer) error {
	id := BattleID(t.Key)
	b, err := battleNow(tx, t.App, id)
	switch {
	case CodeOf(err) == CodeNoBattle:
		return nil
	case err != nil:
		return err
	case b.Status == BattleFinished:
		return tx.DeleteBattle(t.App, id)
	}
	return s.endBattle(tx, System(t.App), b, webhook.BattleTimeUp, b.EndsAt)
}
