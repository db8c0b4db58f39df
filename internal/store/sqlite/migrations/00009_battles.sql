-- +goose Up
CREATE TABLE battles (
    app            INTEGER NOT NULL,
    battle         TEXT    NOT NULL,
    extension_info TEXT    NOT NULL,
    duration       INTEGER NOT NULL, -- ms
    status         INTEGER NOT NULL, -- 2 running, 3 finished
    started_at     INTEGER NOT NULL, -- Unix milliseconds
    ends_at        INTEGER NOT NULL, -- Unix milliseconds; when it ended, once it has
    PRIMARY KEY (app, battle)
) WITHOUT ROWID;

-- These rows stay when the room is dissolved: they go with the battle.
CREATE TABLE battle_rooms (
    app      INTEGER NOT NULL,
    battle   TEXT    NOT NULL,
    place    INTEGER NOT NULL, -- 0 is the calling room
    room     TEXT    NOT NULL,
    owner    TEXT    NOT NULL,
    score    INTEGER NOT NULL,
    out      INTEGER NOT NULL,
    fighting INTEGER NOT NULL, -- not out, and the battle is running
    PRIMARY KEY (app, battle, place)
) WITHOUT ROWID;

CREATE UNIQUE INDEX battle_rooms_fighting ON battle_rooms (app, room) WHERE fighting = 1;

-- +goose Down
DROP TABLE battle_rooms;
DROP TABLE battles;
