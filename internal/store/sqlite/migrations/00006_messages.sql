-- +goose Up
-- The messages whose sender chose their Random: a repetition within five minutes is known by it.
CREATE TABLE room_sent_messages (
    app     INTEGER NOT NULL,
    room    TEXT    NOT NULL,
    sender  TEXT    NOT NULL,
    random  INTEGER NOT NULL,
    seq     INTEGER NOT NULL, -- MsgSeq
    sent_at INTEGER NOT NULL, -- Unix seconds
    PRIMARY KEY (app, room, sender, random)
) WITHOUT ROWID;

CREATE INDEX room_sent_messages_age ON room_sent_messages (app, room, sent_at);

-- +goose Down
DROP TABLE room_sent_messages;
