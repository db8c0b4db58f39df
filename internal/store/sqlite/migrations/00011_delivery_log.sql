-- +goose Up
-- When an event was put back into its lane, in Unix milliseconds; 0 while it waits since it was created.
ALTER TABLE outbox ADD COLUMN queued_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dead_letters ADD COLUMN queued_at INTEGER NOT NULL DEFAULT 0;

-- Whether a dead or delivered event waits again. Events that wait for the first time cost nothing here.
CREATE INDEX outbox_replayed ON outbox (id) WHERE queued_at > 0;

-- Dead letters are read in the order of commits, and searched without touching their bodies.
DROP INDEX dead_letters_app;
CREATE INDEX dead_letters_order ON dead_letters (app, seq, created_at, command);
CREATE INDEX dead_letters_room ON dead_letters (app, room, seq, created_at, command);

-- Apps that were paused once.
CREATE TABLE delivery_pauses (
    app        INTEGER PRIMARY KEY,
    paused     INTEGER NOT NULL,
    since      INTEGER NOT NULL, -- Unix milliseconds
    reason     TEXT    NOT NULL,
    gone       INTEGER NOT NULL, -- the app server answered 410 Gone
    resumed_at INTEGER NOT NULL  -- Unix milliseconds; 0 when no pause has ended yet
);

-- The attempts to deliver, many in one row. Marks stand before the records, so that a search that skips a block does not
-- read its records.
CREATE TABLE delivery_log (
    first        INTEGER PRIMARY KEY, -- number of the block's first record; records are numbered from 1 on
    count        INTEGER NOT NULL,    -- of the records
    written_at   INTEGER NOT NULL,    -- Unix milliseconds; never less than in the block before
    bytes_before INTEGER NOT NULL,    -- sizes of all blocks ever written before, together
    marks        BLOB    NOT NULL,    -- which apps, rooms and events are in the block
    records      BLOB    NOT NULL
);

-- +goose Down
DROP TABLE delivery_log;
DROP TABLE delivery_pauses;
DROP INDEX dead_letters_room;
DROP INDEX dead_letters_order;
CREATE INDEX dead_letters_app ON dead_letters (app, died_at);
DROP INDEX outbox_replayed;
ALTER TABLE dead_letters DROP COLUMN queued_at;
ALTER TABLE outbox DROP COLUMN queued_at;
