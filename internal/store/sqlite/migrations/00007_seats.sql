-- +goose Up
-- Seats that are taken or have something locked. All others of a room are empty and open.
CREATE TABLE room_seats (
    app          INTEGER NOT NULL,
    room         TEXT    NOT NULL,
    seat         INTEGER NOT NULL, -- from 0
    user         TEXT    NOT NULL, -- who sits there; empty when nobody does
    locked       INTEGER NOT NULL,
    video_locked INTEGER NOT NULL,
    audio_locked INTEGER NOT NULL,
    PRIMARY KEY (app, room, seat)
) WITHOUT ROWID;

CREATE UNIQUE INDEX room_seats_user ON room_seats (app, room, user) WHERE user <> '';

-- Owners who are in their rooms, and are to have a seat there, came before there were seats.
INSERT INTO room_seats (app, room, seat, user, locked, video_locked, audio_locked)
    SELECT r.app, r.room, 0, r.owner, 0, 0, 0 FROM rooms r
    JOIN room_members m ON m.app = r.app AND m.room = r.room AND m.user = r.owner
    WHERE m.online = 1 AND r.keep_owner_on_seat = 1 AND r.seat_enabled = 1 AND r.max_seat_count > 0;

-- +goose Down
DROP TABLE room_seats;
