-- +goose Up
-- What an app has is keyed by app first, but for dead letters; docs/scaling.md has the keys of all tables. Texts are compared byte by byte, as Go does.
CREATE TABLE accounts (
    app bigint NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    nick text COLLATE "C" NOT NULL,
    face_url text COLLATE "C" NOT NULL,
    PRIMARY KEY (app, user_id)
);

CREATE TABLE rooms (
    app bigint NOT NULL,
    room text COLLATE "C" NOT NULL,
    owner text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    seat_template text COLLATE "C" NOT NULL,
    seat_layout_template_id bigint NOT NULL,
    take_seat_mode text COLLATE "C" NOT NULL,
    seat_enabled boolean NOT NULL,
    max_seat_count bigint NOT NULL,
    max_member_count bigint NOT NULL,
    message_disabled boolean NOT NULL,
    public_visible boolean NOT NULL,
    unlimited boolean NOT NULL,
    keep_owner_on_seat boolean NOT NULL,
    cover_url text COLLATE "C" NOT NULL,
    background_url text COLLATE "C" NOT NULL,
    notice text COLLATE "C" NOT NULL,
    custom_info text COLLATE "C" NOT NULL,
    categories text COLLATE "C" NOT NULL, -- JSON array of integers
    activity_status bigint NOT NULL,
    created_at bigint NOT NULL, -- Unix seconds
    view_count bigint NOT NULL,
    online_count bigint NOT NULL,
    gift_enabled boolean NOT NULL,
    like_enabled boolean NOT NULL,
    gifts_sent bigint NOT NULL,
    gift_coins bigint NOT NULL,
    gift_senders bigint NOT NULL, -- distinct ones
    likes_received bigint NOT NULL,
    messages bigint NOT NULL, -- also the highest MsgSeq
    listened boolean NOT NULL DEFAULT false, -- somebody has listened to it who is no member
    PRIMARY KEY (app, room)
);

CREATE TABLE room_metadata (
    app bigint NOT NULL,
    room text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    PRIMARY KEY (app, room, key)
);

CREATE TABLE room_admins (
    app bigint NOT NULL,
    room text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (app, room, user_id)
);

CREATE TABLE room_members (
    app bigint NOT NULL,
    room text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    online boolean NOT NULL,
    PRIMARY KEY (app, room, user_id)
);

-- Which nodes have connections of an online member, or had them until a moment ago. Two equal rows are as one.
CREATE TABLE room_attendances (
    app bigint NOT NULL,
    room text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    node bigint NOT NULL
);

CREATE INDEX room_attendances_member ON room_attendances (app, room, user_id, node);
CREATE INDEX room_attendances_node ON room_attendances (node, app, room, user_id);

CREATE TABLE callbacks (
    app bigint PRIMARY KEY,
    url text COLLATE "C" NOT NULL,
    commands text COLLATE "C" NOT NULL, -- JSON array of words, as the app has set them
    wanted text[] COLLATE "C" NOT NULL -- the commands that they switch on
);

CREATE TABLE callback_tokens (
    app bigint PRIMARY KEY,
    token text COLLATE "C" NOT NULL,
    enabled boolean NOT NULL
);

-- What the server will do by itself.
CREATE TABLE timers (
    app bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    room text COLLATE "C" NOT NULL, -- empty for timers without a room
    key text COLLATE "C" NOT NULL,
    due_at bigint NOT NULL, -- Unix milliseconds
    PRIMARY KEY (app, room, kind, key) -- a room's lie together: they go with it
);

CREATE TABLE room_mutes (
    app bigint NOT NULL,
    room text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    until bigint NOT NULL, -- Unix seconds
    PRIMARY KEY (app, room, user_id)
);

CREATE TABLE room_robots (
    app bigint NOT NULL,
    room text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (app, room, user_id)
);

CREATE TABLE room_mixes (
    app bigint NOT NULL,
    room text COLLATE "C" NOT NULL,
    layout text COLLATE "C" NOT NULL, -- JSON
    PRIMARY KEY (app, room)
);

CREATE TABLE room_bans (
    app bigint NOT NULL,
    room text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    until bigint NOT NULL, -- Unix seconds
    reason text COLLATE "C" NOT NULL,
    PRIMARY KEY (app, room, user_id)
);

-- The messages whose sender chose their Random: a repetition within five minutes is known by it.
CREATE TABLE room_sent_messages (
    app bigint NOT NULL,
    room text COLLATE "C" NOT NULL,
    sender text COLLATE "C" NOT NULL,
    random bigint NOT NULL,
    seq bigint NOT NULL, -- MsgSeq
    sent_at bigint NOT NULL, -- Unix seconds
    PRIMARY KEY (app, room, sender, random)
);

-- Seats that are taken or have something locked. All others of a room are empty and open.
CREATE TABLE room_seats (
    app bigint NOT NULL,
    room text COLLATE "C" NOT NULL,
    seat bigint NOT NULL, -- from 0
    user_id text COLLATE "C" NOT NULL, -- who sits there; empty when nobody does
    locked boolean NOT NULL,
    video_locked boolean NOT NULL,
    audio_locked boolean NOT NULL,
    PRIMARY KEY (app, room, seat)
);

CREATE TABLE gifts (
    app bigint NOT NULL,
    gift text COLLATE "C" NOT NULL,
    place bigint NOT NULL, -- the order in which they were added
    name text COLLATE "C" NOT NULL,
    description text COLLATE "C" NOT NULL,
    icon_url text COLLATE "C" NOT NULL,
    resource_url text COLLATE "C" NOT NULL,
    coins bigint NOT NULL,
    level bigint NOT NULL,
    extension_info text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL, -- Unix seconds
    PRIMARY KEY (app, gift)
);

CREATE TABLE gift_texts (
    app bigint NOT NULL,
    gift text COLLATE "C" NOT NULL,
    language text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    description text COLLATE "C" NOT NULL,
    PRIMARY KEY (app, gift, language)
);

CREATE TABLE gift_categories (
    app bigint NOT NULL,
    category text COLLATE "C" NOT NULL,
    place bigint NOT NULL, -- the order in which they were added
    name text COLLATE "C" NOT NULL,
    description text COLLATE "C" NOT NULL,
    extension_info text COLLATE "C" NOT NULL,
    PRIMARY KEY (app, category)
);

CREATE TABLE gift_category_texts (
    app bigint NOT NULL,
    category text COLLATE "C" NOT NULL,
    language text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    description text COLLATE "C" NOT NULL,
    PRIMARY KEY (app, category, language)
);

CREATE TABLE gift_relations (
    app bigint NOT NULL,
    category text COLLATE "C" NOT NULL,
    gift text COLLATE "C" NOT NULL,
    place bigint NOT NULL, -- the order in which they were added
    PRIMARY KEY (app, category, gift)
);

-- What each sender has given in a room.
CREATE TABLE room_gift_senders (
    app bigint NOT NULL,
    room text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    gifts bigint NOT NULL,
    coins bigint NOT NULL,
    PRIMARY KEY (app, room, user_id)
);

-- How often gifts were given in a room.
CREATE TABLE room_gifts (
    app bigint NOT NULL,
    room text COLLATE "C" NOT NULL,
    sendings bigint NOT NULL,
    PRIMARY KEY (app, room)
);

CREATE TABLE battles (
    app bigint NOT NULL,
    battle text COLLATE "C" NOT NULL,
    extension_info text COLLATE "C" NOT NULL,
    duration bigint NOT NULL, -- ms
    status bigint NOT NULL, -- 2 running, 3 finished
    started_at bigint NOT NULL, -- Unix milliseconds
    ends_at bigint NOT NULL, -- Unix milliseconds; when it ended, once it has
    PRIMARY KEY (app, battle)
);

-- These rows stay when the room is dissolved: they go with the battle.
CREATE TABLE battle_rooms (
    app bigint NOT NULL,
    battle text COLLATE "C" NOT NULL,
    place bigint NOT NULL, -- 0 is the calling room
    room text COLLATE "C" NOT NULL,
    owner text COLLATE "C" NOT NULL,
    score bigint NOT NULL,
    out boolean NOT NULL,
    fighting boolean NOT NULL, -- not out, and the battle is running
    PRIMARY KEY (app, battle, place)
);

-- What a profile has beside the name and the picture.
CREATE TABLE profile_values (
    app bigint NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    tag text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL, -- numbers in decimal
    PRIMARY KEY (app, user_id, tag)
);

CREATE TABLE revocations (
    app bigint NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    until bigint NOT NULL, -- Unix seconds: UserSigs issued then or before are refused
    PRIMARY KEY (app, user_id)
);

CREATE TABLE follows (
    app bigint NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    target text COLLATE "C" NOT NULL, -- whom the user follows
    since bigint NOT NULL, -- Unix milliseconds
    mutual boolean NOT NULL, -- the target follows the user too
    PRIMARY KEY (app, user_id, target)
);

-- Users who neither follow nor are followed have no row.
CREATE TABLE follow_counts (
    app bigint NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    followers bigint NOT NULL,
    following bigint NOT NULL,
    mutual bigint NOT NULL,
    PRIMARY KEY (app, user_id)
);

-- Apps that were paused once.
CREATE TABLE delivery_pauses (
    app bigint PRIMARY KEY,
    paused boolean NOT NULL,
    since bigint NOT NULL, -- Unix milliseconds
    reason text COLLATE "C" NOT NULL,
    gone boolean NOT NULL, -- the app server answered 410 Gone
    resumed_at bigint NOT NULL  -- Unix milliseconds; 0 when no pause has ended yet
);

CREATE INDEX room_members_online ON room_members (app, room, user_id) WHERE online;

CREATE INDEX timers_due ON timers (due_at);

-- The public rooms of an app in the order of their list, which a page reads from where the one before ended.
CREATE INDEX rooms_listed ON rooms (app, view_count, created_at, room) WHERE public_visible;

CREATE INDEX room_bans_until ON room_bans (app, room, until);

CREATE INDEX room_sent_messages_age ON room_sent_messages (app, room, sent_at);

CREATE UNIQUE INDEX room_seats_user ON room_seats (app, room, user_id) WHERE user_id <> '';

CREATE INDEX gift_relations_gift ON gift_relations (app, gift);

CREATE UNIQUE INDEX battle_rooms_fighting ON battle_rooms (app, room) WHERE fighting;

CREATE INDEX follows_following ON follows (app, user_id, since, target);

CREATE INDEX follows_followers ON follows (app, target, since, user_id);

CREATE INDEX follows_mutual ON follows (app, user_id, since, target) WHERE mutual;

-- Whose profile changed, or was deleted, must be found in its rooms.
CREATE INDEX room_members_user ON room_members (app, user_id, online, room);

-- The rooms of an app are as many as the sum says: each one made or ended adds a row, so that those who do it need not wait for
-- each other; now and then the rows of an app are put together.
CREATE TABLE room_counts (
    app bigint NOT NULL,
    rooms bigint NOT NULL
);

CREATE INDEX room_counts_app ON room_counts (app);

-- One row for each life of a process that serves. Greater numbers are later lives; 1 is the node of an embedded database,
-- whose members may be in a database that was imported from one. A life is over when seen_at is longer ago than its lease, and
-- the row is removed by whoever finds that first; a process that stops in order sets seen_at to -infinity.
CREATE SEQUENCE node_ids START WITH 2;
CREATE TABLE nodes (
    node bigint PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    version text COLLATE "C" NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL, -- by this database's clock
    lease bigint NOT NULL -- ms
);

-- The last commit of each session that writes; see mark.go.
CREATE SEQUENCE session_ids;
CREATE TABLE sessions (
    session bigint PRIMARY KEY,
    node bigint NOT NULL, -- the life in whose name it commits
    commits bigint NOT NULL DEFAULT 0, -- their number
    ended boolean NOT NULL DEFAULT false, -- nothing can be committed in it any more
    used_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 20); -- a row is written with every commit, and so finds room on its page

-- Who delivers the lanes of a basket; nobody when node is null or is not in nodes.
CREATE SEQUENCE basket_ids;
CREATE TABLE baskets (
    basket bigint PRIMARY KEY,
    node bigint,
    taken_at timestamptz -- when that node took it over; null while it is its maker's
);

CREATE INDEX baskets_node ON baskets (node);

-- Webhooks that are not delivered yet, kept lane by lane: that is how they are read and removed. All events of a lane are in one
-- basket.
CREATE SEQUENCE outbox_seq;
CREATE TABLE outbox (
    app bigint NOT NULL,
    room text COLLATE "C" NOT NULL, -- the lane; empty for events without a room
    seq bigint NOT NULL, -- the order of commits in the lane
    id text COLLATE "C" NOT NULL, -- the webhook-id, constant for all attempts
    command text COLLATE "C" NOT NULL,
    body bytea NOT NULL,
    client_ip text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL, -- Unix milliseconds
    queued_at bigint NOT NULL, -- when it was put back into its lane, in Unix milliseconds; 0 while it waits since it was created
    attempts bigint NOT NULL DEFAULT 0,
    last_error text COLLATE "C" NOT NULL DEFAULT '',
    basket bigint NOT NULL,
    PRIMARY KEY (app, room, seq)
);

-- Whether a dead or delivered event waits again. Events that wait for the first time cost nothing here.
CREATE INDEX outbox_replayed ON outbox (id) WHERE queued_at > 0;

-- Webhooks that were given up on.
CREATE TABLE dead_letters (
    seq bigint NOT NULL,
    id text COLLATE "C" PRIMARY KEY,
    app bigint NOT NULL,
    room text COLLATE "C" NOT NULL,
    command text COLLATE "C" NOT NULL,
    body bytea NOT NULL,
    client_ip text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    queued_at bigint NOT NULL,
    attempts bigint NOT NULL,
    last_error text COLLATE "C" NOT NULL,
    died_at bigint NOT NULL -- Unix milliseconds
);

CREATE INDEX dead_letters_order ON dead_letters (app, seq);
CREATE INDEX dead_letters_room ON dead_letters (app, room, seq);

-- +goose Down
DROP TABLE dead_letters;
DROP TABLE outbox;
DROP TABLE baskets;
DROP TABLE sessions;
DROP TABLE nodes;
DROP TABLE room_counts;
DROP TABLE delivery_pauses;
DROP TABLE follow_counts;
DROP TABLE follows;
DROP TABLE revocations;
DROP TABLE profile_values;
DROP TABLE battle_rooms;
DROP TABLE battles;
DROP TABLE room_gifts;
DROP TABLE room_gift_senders;
DROP TABLE gift_relations;
DROP TABLE gift_category_texts;
DROP TABLE gift_categories;
DROP TABLE gift_texts;
DROP TABLE gifts;
DROP TABLE room_seats;
DROP TABLE room_sent_messages;
DROP TABLE room_bans;
DROP TABLE room_mixes;
DROP TABLE room_robots;
DROP TABLE room_mutes;
DROP TABLE timers;
DROP TABLE callback_tokens;
DROP TABLE callbacks;
DROP TABLE room_attendances;
DROP TABLE room_members;
DROP TABLE room_admins;
DROP TABLE room_metadata;
DROP TABLE rooms;
DROP TABLE accounts;
DROP SEQUENCE session_ids;
DROP SEQUENCE node_ids;
DROP SEQUENCE basket_ids;
DROP SEQUENCE outbox_seq;
