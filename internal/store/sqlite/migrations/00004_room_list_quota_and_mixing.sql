-- +goose Up
-- The public rooms of an app in the order of their list, which a page reads from where the one before ended.
CREATE INDEX rooms_listed ON rooms (app, view_count, created_at, room) WHERE public_visible = 1;

-- How many rooms an app has: counting them would take as long as they are many.
CREATE TABLE room_counts (
    app   INTEGER PRIMARY KEY,
    rooms INTEGER NOT NULL
);
INSERT INTO room_counts (app, rooms) SELECT app, count(*) FROM rooms GROUP BY app;

CREATE TABLE room_mixes (
    app    INTEGER NOT NULL,
    room   TEXT    NOT NULL,
    layout TEXT    NOT NULL, -- JSON
    PRIMARY KEY (app, room)
) WITHOUT ROWID;

-- Rooms that were left empty before rooms had a lifetime have the default one from now on.
INSERT INTO timers (app, kind, room, key, due_at)
    SELECT app, 'room_empty', room, '', (unixepoch() + 1800) * 1000 FROM rooms WHERE online_count = 0 AND view_count > 0;
-- And rooms whose owner had been lost.
INSERT INTO timers (app, kind, room, key, due_at)
    SELECT r.app, 'owner_offline', r.room, '', (unixepoch() + 600) * 1000 FROM rooms r
    JOIN room_members m ON m.app = r.app AND m.room = r.room AND m.user = r.owner WHERE m.online = 0;

-- +goose Down
DELETE FROM timers WHERE kind IN ('room_empty', 'owner_left', 'owner_offline');
DROP TABLE room_mixes;
DROP TABLE room_counts;
DROP INDEX rooms_listed;
