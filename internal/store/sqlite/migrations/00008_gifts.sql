-- +goose Up
CREATE TABLE gifts (
    app            INTEGER NOT NULL,
    gift           TEXT    NOT NULL,
    place          INTEGER NOT NULL, -- the order in which they were added
    name           TEXT    NOT NULL,
    description    TEXT    NOT NULL,
    icon_url       TEXT    NOT NULL,
    resource_url   TEXT    NOT NULL,
    coins          INTEGER NOT NULL,
    level          INTEGER NOT NULL,
    extension_info TEXT    NOT NULL,
    created_at     INTEGER NOT NULL, -- Unix seconds
    PRIMARY KEY (app, gift)
) WITHOUT ROWID;

CREATE TABLE gift_texts (
    app         INTEGER NOT NULL,
    gift        TEXT    NOT NULL,
    language    TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    description TEXT    NOT NULL,
    PRIMARY KEY (app, gift, language)
) WITHOUT ROWID;

CREATE TABLE gift_categories (
    app            INTEGER NOT NULL,
    category       TEXT    NOT NULL,
    place          INTEGER NOT NULL, -- the order in which they were added
    name           TEXT    NOT NULL,
    description    TEXT    NOT NULL,
    extension_info TEXT    NOT NULL,
    PRIMARY KEY (app, category)
) WITHOUT ROWID;

CREATE TABLE gift_category_texts (
    app         INTEGER NOT NULL,
    category    TEXT    NOT NULL,
    language    TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    description TEXT    NOT NULL,
    PRIMARY KEY (app, category, language)
) WITHOUT ROWID;

CREATE TABLE gift_relations (
    app      INTEGER NOT NULL,
    category TEXT    NOT NULL,
    gift     TEXT    NOT NULL,
    place    INTEGER NOT NULL, -- the order in which they were added
    PRIMARY KEY (app, category, gift)
) WITHOUT ROWID;

CREATE INDEX gift_relations_gift ON gift_relations (app, gift);

-- What each sender has given in a room.
CREATE TABLE room_gift_senders (
    app   INTEGER NOT NULL,
    room  TEXT    NOT NULL,
    user  TEXT    NOT NULL,
    gifts INTEGER NOT NULL,
    coins INTEGER NOT NULL,
    PRIMARY KEY (app, room, user)
) WITHOUT ROWID;

-- How often gifts were given in a room.
CREATE TABLE room_gifts (
    app      INTEGER NOT NULL,
    room     TEXT    NOT NULL,
    sendings INTEGER NOT NULL,
    PRIMARY KEY (app, room)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE room_gifts;
DROP TABLE room_gift_senders;
DROP TABLE gift_relations;
DROP TABLE gift_category_texts;
DROP TABLE gift_categories;
DROP TABLE gift_texts;
DROP TABLE gifts;
