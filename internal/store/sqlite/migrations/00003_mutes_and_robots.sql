-- +goose Up
CREATE TABLE room_mutes (
    app   INTEGER NOT NULL,
    room  TEXT    NOT NULL,
    user  TEXT    NOT NULL,
    until INTEGER NOT NULL, -- Unix seconds
    PRIMARY KEY (app, room, user)
) WITHOUT ROWID;

CREATE TABLE room_robots (
    app  INTEGER NOT NULL,
    room TEXT    NOT NULL,
    user TEXT    NOT NULL,
    PRIMARY KEY (app, room, user)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE room_robots;
DROP TABLE room_mutes;
