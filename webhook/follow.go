package webhook

// AfterFollowAdd reports that a user follows others from now on (doc 74356). It belongs to no room.
type AfterFollowAdd struct {
	FromAccount string     `json:"From_Account"` // the follower
	FollowList  []Followed `json:"FollowList"`   // whom, each newly
	EventTime   int64      `json:"EventTime"`    // when it happened, Unix time in ms
}

func (AfterFollowAdd) Command() Command { return CommandAfterFollowAdd }

// Followed is a user whom somebody follows.
type Followed struct {
	ToAccount string `json:"To_Account"` // who is followed
}

// AfterFollowDelete reports that a user follows others no more (doc 74357). It belongs to no room.
type AfterFollowDelete struct {
	FromAccount string   `json:"From_Account"` // the former follower
	ToAccount   []string `json:"To_Account"`   // whom no more
	EventTime   int64    `json:"EventTime"`    // when it happened, Unix time in ms
}

func (AfterFollowDelete) Command() Command { return CommandAfterFollowDelete }
