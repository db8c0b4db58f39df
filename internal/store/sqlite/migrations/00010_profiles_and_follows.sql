-- +goose Up
-- What a profile has beside the name and the picture.
CREATE TABLE profile_values (
    app   INTEGER NOT NULL,
    user  TEXT    NOT NULL,
    tag   TEXT    NOT NULL,
    value TEXT    NOT NULL, -- numbers in decimal
    PRIMARY KEY (app, user, tag)
) WITHOUT ROWID;

CREATE TABLE revocations (
    app   INTEGER NOT NULL,
    user  TEXT    NOT NULL,
    until INTEGER NOT NULL, -- Unix seconds: UserSigs issued then or before are refused
    PRIMARY KEY (app, user)
) WITHOUT ROWID;

CREATE TABLE follows (
    app    INTEGER NOT NULL,
    user   TEXT    NOT NULL,
    target TEXT    NOT NULL, -- whom user follows
    since  INTEGER NOT NULL, -- Unix milliseconds
    mutual INTEGER NOT NULL, -- target follows user too
    PRIMARY KEY (app, user, target)
) WITHOUT ROWID;

CREATE INDEX follows_following ON follows (app, user, since, target);
CREATE INDEX follows_followers ON follows (app, target, since, user);
CREATE INDEX follows_mutual ON follows (app, user, since, target) WHERE mutual = 1;

-- Users who neither follow nor are followed have no row.
CREATE TABLE follow_counts (
    app       INTEGER NOT NULL,
    user      TEXT    NOT NULL,
    followers INTEGER NOT NULL,
    following INTEGER NOT NULL,
    mutual    INTEGER NOT NULL,
    PRIMARY KEY (app, user)
) WITHOUT ROWID;

-- Whose profile changed, or was deleted, must be found in its rooms.
CREATE INDEX room_members_user ON room_members (app, user, online, room);

-- +goose Down
DROP INDEX room_members_user;
DROP TABLE follow_counts;
DROP TABLE follows;
DROP TABLE revocations;
DROP TABLE profile_values;
