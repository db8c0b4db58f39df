-- +goose Up
-- Which nodes have connections of an online member, or had them until a moment ago. An embedded database has one node, 1.
CREATE TABLE room_attendances (
    app  INTEGER NOT NULL,
    room TEXT    NOT NULL,
    user TEXT    NOT NULL,
    node INTEGER NOT NULL,
    PRIMARY KEY (app, room, user, node)
) WITHOUT ROWID;

CREATE INDEX room_attendances_node ON room_attendances (node, app, room, user);

INSERT INTO room_attendances (app, room, user, node) SELECT app, room, user, 1 FROM room_members WHERE online = 1;

-- Somebody has listened to the room who is no member.
ALTER TABLE rooms ADD COLUMN listened INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE rooms DROP COLUMN listened;
DROP TABLE room_attendances;
