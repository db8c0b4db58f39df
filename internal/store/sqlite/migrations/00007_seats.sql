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

-- +goose Down
DROP TABLE room_seats;
