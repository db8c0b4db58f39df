-- +goose Up
-- What the server will do by itself.
CREATE TABLE timers (
    app    INTEGER NOT NULL,
    kind   TEXT    NOT NULL,
    room   TEXT    NOT NULL, -- empty for timers without a room
    key    TEXT    NOT NULL,
    due_at INTEGER NOT NULL, -- Unix milliseconds
    PRIMARY KEY (app, room, kind, key) -- a room's lie together: they go with it
) WITHOUT ROWID;

CREATE INDEX timers_due ON timers (due_at);

ALTER TABLE rooms ADD COLUMN gift_enabled INTEGER NOT NULL DEFAULT 1;
ALTER TABLE rooms ADD COLUMN like_enabled INTEGER NOT NULL DEFAULT 1;
ALTER TABLE rooms ADD COLUMN gifts_sent INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN gift_coins INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN gift_senders INTEGER NOT NULL DEFAULT 0; -- distinct ones
ALTER TABLE rooms ADD COLUMN likes_received INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN messages INTEGER NOT NULL DEFAULT 0; -- also the highest MsgSeq

-- +goose Down
ALTER TABLE rooms DROP COLUMN messages;
ALTER TABLE rooms DROP COLUMN likes_received;
ALTER TABLE rooms DROP COLUMN gift_senders;
ALTER TABLE rooms DROP COLUMN gift_coins;
ALTER TABLE rooms DROP COLUMN gifts_sent;
ALTER TABLE rooms DROP COLUMN like_enabled;
ALTER TABLE rooms DROP COLUMN gift_enabled;
DROP TABLE timers;
