-- +goose Up
CREATE TABLE accounts (
    app      INTEGER NOT NULL,
    user     TEXT    NOT NULL,
    nick     TEXT    NOT NULL,
    face_url TEXT    NOT NULL,
    PRIMARY KEY (app, user)
) WITHOUT ROWID;

CREATE TABLE rooms (
    app                     INTEGER NOT NULL,
    room                    TEXT    NOT NULL,
    owner                   TEXT    NOT NULL,
    name                    TEXT    NOT NULL,
    seat_template           TEXT    NOT NULL,
    seat_layout_template_id INTEGER NOT NULL,
    take_seat_mode          TEXT    NOT NULL,
    seat_enabled            INTEGER NOT NULL,
    max_seat_count          INTEGER NOT NULL,
    max_member_count        INTEGER NOT NULL,
    message_disabled        INTEGER NOT NULL,
    public_visible          INTEGER NOT NULL,
    unlimited               INTEGER NOT NULL,
    keep_owner_on_seat      INTEGER NOT NULL,
    cover_url               TEXT    NOT NULL,
    background_url          TEXT    NOT NULL,
    notice                  TEXT    NOT NULL,
    custom_info             TEXT    NOT NULL,
    categories              TEXT    NOT NULL, -- JSON array of integers
    activity_status         INTEGER NOT NULL,
    created_at              INTEGER NOT NULL, -- Unix seconds
    view_count              INTEGER NOT NULL,
    online_count            INTEGER NOT NULL,
    PRIMARY KEY (app, room)
) WITHOUT ROWID;

CREATE TABLE room_metadata (
    app   INTEGER NOT NULL,
    room  TEXT    NOT NULL,
    key   TEXT    NOT NULL,
    value TEXT    NOT NULL,
    PRIMARY KEY (app, room, key)
) WITHOUT ROWID;

CREATE TABLE room_admins (
    app  INTEGER NOT NULL,
    room TEXT    NOT NULL,
    user TEXT    NOT NULL,
    PRIMARY KEY (app, room, user)
) WITHOUT ROWID;

CREATE TABLE room_members (
    app    INTEGER NOT NULL,
    room   TEXT    NOT NULL,
    user   TEXT    NOT NULL,
    online INTEGER NOT NULL,
    PRIMARY KEY (app, room, user)
) WITHOUT ROWID;

CREATE INDEX room_members_online ON room_members (app, room, user) WHERE online = 1;

CREATE TABLE callbacks (
    app      INTEGER PRIMARY KEY,
    url      TEXT NOT NULL,
    commands TEXT NOT NULL -- JSON array of words
);

CREATE TABLE callback_tokens (
    app     INTEGER PRIMARY KEY,
    token   TEXT    NOT NULL,
    enabled INTEGER NOT NULL
);

-- Webhooks that are not delivered yet, kept lane by lane: that is how they are read and removed.
CREATE TABLE outbox (
    app        INTEGER NOT NULL,
    room       TEXT    NOT NULL, -- the lane; empty for events without a room
    seq        INTEGER NOT NULL, -- the order of commits
    id         TEXT    NOT NULL, -- the webhook-id, constant for all attempts
    command    TEXT    NOT NULL,
    body       BLOB    NOT NULL,
    client_ip  TEXT    NOT NULL,
    platform   TEXT    NOT NULL,
    created_at INTEGER NOT NULL, -- Unix milliseconds
    attempts   INTEGER NOT NULL DEFAULT 0,
    last_error TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (app, room, seq)
) WITHOUT ROWID;

-- Numbers of the outbox from next on have not been given out.
CREATE TABLE outbox_sequence (next INTEGER NOT NULL);
INSERT INTO outbox_sequence (next) VALUES (1);

-- Webhooks that were given up on.
CREATE TABLE dead_letters (
    seq        INTEGER NOT NULL,
    id         TEXT    PRIMARY KEY,
    app        INTEGER NOT NULL,
    room       TEXT    NOT NULL,
    command    TEXT    NOT NULL,
    body       BLOB    NOT NULL,
    client_ip  TEXT    NOT NULL,
    platform   TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    attempts   INTEGER NOT NULL,
    last_error TEXT    NOT NULL,
    died_at    INTEGER NOT NULL -- Unix milliseconds
) WITHOUT ROWID;

CREATE INDEX dead_letters_app ON dead_letters (app, died_at);

-- +goose Down
DROP TABLE dead_letters;
DROP TABLE outbox_sequence;
DROP TABLE outbox;
DROP TABLE callback_tokens;
DROP TABLE callbacks;
DROP TABLE room_members;
DROP TABLE room_admins;
DROP TABLE room_metadata;
DROP TABLE rooms;
DROP TABLE accounts;
