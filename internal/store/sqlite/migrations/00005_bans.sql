-- +goose Up
CREATE TABLE room_bans (
    app    INTEGER NOT NULL,
    room   TEXT    NOT NULL,
    user   TEXT    NOT NULL,
    until  INTEGER NOT NULL, -- Unix seconds
    reason TEXT    NOT NULL,
    PRIMARY KEY (app, room, user)
) WITHOUT ROWID;

CREATE INDEX room_bans_until ON room_bans (app, room, until);

-- +goose Down
DROP TABLE room_bans;
