package live

import "time"

// Priority says which messages of a room give way to which, when there are more than its budget.
type Priority uint8

const (
	PriorityNormal Priority = iota
	PriorityHigh            // may use as much again as the budget
	PriorityLow             // gives way from three quarters of the budget on
	PriorityLowest          // gives way from half of the budget on
)

// messageBudget bounds how many messages a second each room gets: 40 in the cloud. Beyond it messages are dropped,
// those of little priority first. It is counted in this process's memory. This is the one place that judges chat.
type messageBudget struct {
	perSecond int // 0: no bound
	pace      *Pace[roomKey]
}

type roomKey struct {
	app  AppID
	room RoomID
}

func newMessageBudget(perSecond int) *messageBudget {
	return &messageBudget{perSecond, NewPace[roomKey](2 * perSecond)}
}

// share is how many messages the room's last second may have had for one more of that priority to be delivered.
func (b *messageBudget) share(p Priority) int {
	switch p {
	case PriorityHigh:
		return 2 * b.perSecond
	case PriorityLow:
		return max(1, b.perSecond*3/4)
	case PriorityLowest:
		return max(1, b.perSecond/2)
	}
	return b.perSecond
}

// allows tells whether a message would be delivered now.
func (b *messageBudget) allows(at roomKey, p Priority, now time.Time) bool {
	return b.perSecond == 0 || b.pace.Below(at, b.share(p), now)
}

// spend counts a message that is about to be delivered, or tells that it must be dropped.
func (b *messageBudget) spend(at roomKey, p Priority, now time.Time) bool {
	return b.perSecond == 0 || b.pace.Take(at, b.share(p), now)
}
