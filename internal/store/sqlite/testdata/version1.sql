-- The database of a server that knew rooms, members, metadata and webhooks, killed while an app server was away.
BEGIN TRANSACTION;
CREATE TABLE accounts (
    app      INTEGER NOT NULL,
    user     TEXT    NOT NULL,
    nick     TEXT    NOT NULL,
    face_url TEXT    NOT NULL,
    PRIMARY KEY (app, user)
) WITHOUT ROWID;
INSERT INTO "accounts" VALUES(1400000123,'ada','','');
INSERT INTO "accounts" VALUES(1400000123,'bob','','');
INSERT INTO "accounts" VALUES(1400000123,'cleo','','');
INSERT INTO "accounts" VALUES(1400000123,'dan','','');
INSERT INTO "accounts" VALUES(1400000123,'eve','','');
INSERT INTO "accounts" VALUES(1400000123,'fay','','');
INSERT INTO "accounts" VALUES(1400000123,'gil','','');
CREATE TABLE callback_tokens (
    app     INTEGER PRIMARY KEY,
    token   TEXT    NOT NULL,
    enabled INTEGER NOT NULL
);
INSERT INTO "callback_tokens" VALUES(1400000123,'Vb3kTq9ZsX',1);
CREATE TABLE callbacks (
    app      INTEGER PRIMARY KEY,
    url      TEXT NOT NULL,
    commands TEXT NOT NULL -- JSON array of words
);
INSERT INTO "callbacks" VALUES(1400000123,'http://127.0.0.1:18793/hooks','["Live.CallbackAfterCreateRoom","Live.CallbackAfterDestroyRoom","Live.CallbackAfterSetMetadata","Live.CallbackAfterDelMetadata","Live.CallbackAfterMemberStateChanged"]');
CREATE TABLE dead_letters (
    seq        INTEGER NOT NULL,
    id         TEXT    PRIMARY KEY,
    app        INTEGER NOT NULL,
    room       TEXT    NOT NULL,
    command    TEXT    NOT NULL,
    body       BLOB    NOT NULL,
    client_ip  TEXT    NOT NULL,
    platform   TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    attempts   INTEGER NOT NULL,
    last_error TEXT    NOT NULL,
    died_at    INTEGER NOT NULL -- Unix milliseconds
) WITHOUT ROWID;
CREATE TABLE goose_db_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_db_version" VALUES(1,0,1,'2026-11-23 01:54:13');
INSERT INTO "goose_db_version" VALUES(2,1,1,'2026-11-23 01:54:13');
INSERT INTO "dead_letters" VALUES(20,'evt_B7QKZ2MXEDR5VNTW6YJLCAS3UF',1400000123,'hidden','Live.CallbackAfterSetMetadata',CAST('{"CallbackCommand":"Live.CallbackAfterSetMetadata","RoomId":"hidden"}' AS BLOB),'127.0.0.1','RESTAPI',1795398850100,30,'the answer''s HTTP status is 500, not 200',1795485260122);
INSERT INTO "dead_letters" VALUES(19,'evt_PQYBZ4KDLEVNU3AJ7WRTGC26XM',1400000123,'onair','Live.CallbackAfterDelMetadata',CAST('{"CallbackCommand":"Live.CallbackAfterDelMetadata","RoomId":"onair","Keys":["late"]}' AS BLOB),'127.0.0.1','RESTAPI',1795398857200,31,'refused',1795485260123);
CREATE TABLE outbox (
    app        INTEGER NOT NULL,
    room       TEXT    NOT NULL, -- the lane; empty for events without a room
    seq        INTEGER NOT NULL, -- the order of commits
    id         TEXT    NOT NULL, -- the webhook-id, constant for all attempts
    command    TEXT    NOT NULL,
    body       BLOB    NOT NULL,
    client_ip  TEXT    NOT NULL,
    platform   TEXT    NOT NULL,
    created_at INTEGER NOT NULL, -- Unix milliseconds
    attempts   INTEGER NOT NULL DEFAULT 0,
    last_error TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (app, room, seq)
) WITHOUT ROWID;
INSERT INTO "outbox" VALUES(1400000123,'gone',6,'evt_4YUIYUNIBWBX3VLKRQHMFLXXKC','Live.CallbackAfterCreateRoom',CAST('{"CallbackCommand":"Live.CallbackAfterCreateRoom","Operator_Account":"administrator","RoomInfo":{"RoomId":"gone","RoomName":"gone","RoomType":"Live","Owner_Account":"fay","MaxMemberCount":100000,"IsMessageDisabled":false,"CustomInfo":"","IsSeatEnabled":true,"TakeSeatMode":"FreeToTake","MaxSeatCount":4,"CreateTime":1795398854,"IsPublicVisible":true,"CoverURL":""},"EventTime":1795398854009}' AS BLOB),'127.0.0.1','RESTAPI',1795398854009,3,'dial tcp 127.0.0.1:18793: connect: connection refused');
INSERT INTO "outbox" VALUES(1400000123,'gone',17,'evt_E2GT74HJMNPNMF3PI6ZZSZ7GHO','Live.CallbackAfterDestroyRoom',CAST('{"CallbackCommand":"Live.CallbackAfterDestroyRoom","Operator_Account":"administrator","RoomId":"gone","EventType":"DestroyByUser","EventTime":1795398854022,"RoomInfo":{"RoomId":"gone","RoomName":"gone","RoomType":"Live","Owner_Account":"fay","IsSeatEnabled":true,"TakeSeatMode":"FreeToTake","MaxMemberCount":100000,"MaxSeatCount":4,"CustomInfo":"","IsMessageDisabled":false,"CoverURL":"","ActivityStatus":0,"IsPublicVisible":true,"ViewCount":0,"BackgroundURL":"","IsUnlimitedRoomEnabled":false},"Statistic":{"TotalViewers":0,"TotalGiftsSent":0,"TotalGiftCoins":0,"TotalUniqueGiftSenders":0,"TotalLikesReceived":0}}' AS BLOB),'127.0.0.1','RESTAPI',1795398854022,0,'');
INSERT INTO "outbox" VALUES(1400000123,'hidden',5,'evt_JMO5MWOY5FQPCSCQM2G7M4YJAZ','Live.CallbackAfterCreateRoom',CAST('{"CallbackCommand":"Live.CallbackAfterCreateRoom","Operator_Account":"administrator","RoomInfo":{"RoomId":"hidden","RoomName":"hidden","RoomType":"Live","Owner_Account":"eve","MaxMemberCount":100000,"IsMessageDisabled":false,"CustomInfo":"","IsSeatEnabled":true,"TakeSeatMode":"FreeToTake","MaxSeatCount":4,"CreateTime":1795398854,"IsPublicVisible":false,"CoverURL":""},"EventTime":1795398854008}' AS BLOB),'127.0.0.1','RESTAPI',1795398854008,3,'dial tcp 127.0.0.1:18793: connect: connection refused');
INSERT INTO "outbox" VALUES(1400000123,'left',2,'evt_ADD6Q5DJQMDJMXLA645CBGM35P','Live.CallbackAfterCreateRoom',CAST('{"CallbackCommand":"Live.CallbackAfterCreateRoom","Operator_Account":"administrator","RoomInfo":{"RoomId":"left","RoomName":"left","RoomType":"Live","Owner_Account":"bob","MaxMemberCount":100000,"IsMessageDisabled":false,"CustomInfo":"","IsSeatEnabled":true,"TakeSeatMode":"FreeToTake","MaxSeatCount":4,"CreateTime":1795398854,"IsPublicVisible":true,"CoverURL":""},"EventTime":1795398854006}' AS BLOB),'127.0.0.1','RESTAPI',1795398854006,4,'dial tcp 127.0.0.1:18793: connect: connection refused');
INSERT INTO "outbox" VALUES(1400000123,'left',13,'evt_M63SH4HAN5UZRGNXIAWDX7Q6WA','Live.CallbackAfterMemberStateChanged',CAST('{"CallbackCommand":"Live.CallbackAfterMemberStateChanged","RoomId":"left","EventType":"Online","EventCause":"Enter","MemberList":[{"Member_Account":"bob"}],"EventTime":1795398854018}' AS BLOB),'127.0.0.1','iOS',1795398854018,0,'');
INSERT INTO "outbox" VALUES(1400000123,'left',14,'evt_75JUPS4J4WJLUXTEX3LEHBKORU','Live.CallbackAfterMemberStateChanged',CAST('{"CallbackCommand":"Live.CallbackAfterMemberStateChanged","RoomId":"left","EventType":"Offline","EventCause":"Leave","MemberList":[{"Member_Account":"bob"}],"EventTime":1795398854019}' AS BLOB),'127.0.0.1','iOS',1795398854019,0,'');
INSERT INTO "outbox" VALUES(1400000123,'onair',1,'evt_QHZCWPMCEAMG6OG74HJMVT6EJW','Live.CallbackAfterCreateRoom',CAST('{"CallbackCommand":"Live.CallbackAfterCreateRoom","Operator_Account":"administrator","RoomInfo":{"RoomId":"onair","RoomName":"Ada''s \"late\" talk","RoomType":"Live","Owner_Account":"ada","MaxMemberCount":100000,"IsMessageDisabled":false,"CustomInfo":"","IsSeatEnabled":true,"TakeSeatMode":"FreeToTake","MaxSeatCount":4,"CreateTime":1795398854,"IsPublicVisible":true,"CoverURL":"https://cdn.example.com/a.png","Category":[1,2]},"EventTime":1795398854005}' AS BLOB),'127.0.0.1','RESTAPI',1795398854005,3,'dial tcp 127.0.0.1:18793: connect: connection refused');
INSERT INTO "outbox" VALUES(1400000123,'onair',7,'evt_LIGFJ5NT3YTUWWIMVMQKQOY46V','Live.CallbackAfterSetMetadata',CAST('{"CallbackCommand":"Live.CallbackAfterSetMetadata","Operator_Account":"administrator","RoomId":"onair","Metadata":[{"Key":"theme","Value":"dusk"},{"Key":"lang","Value":"it''s én"}],"EventTime":1795398854010}' AS BLOB),'127.0.0.1','RESTAPI',1795398854010,0,'');
INSERT INTO "outbox" VALUES(1400000123,'onair',8,'evt_3GH7KLT4S7HAFSTVKG4JLNWIA2','Live.CallbackAfterSetMetadata',CAST('{"CallbackCommand":"Live.CallbackAfterSetMetadata","Operator_Account":"administrator","RoomId":"onair","Metadata":[{"Key":"theme","Value":"dawn"},{"Key":"old","Value":"1"}],"EventTime":1795398854011}' AS BLOB),'127.0.0.1','RESTAPI',1795398854011,0,'');
INSERT INTO "outbox" VALUES(1400000123,'onair',9,'evt_24CFONTBM7YHBFP25M2OWMZPV5','Live.CallbackAfterDelMetadata',CAST('{"CallbackCommand":"Live.CallbackAfterDelMetadata","Operator_Account":"administrator","RoomId":"onair","Keys":["old"],"EventTime":1795398854012}' AS BLOB),'127.0.0.1','RESTAPI',1795398854012,0,'');
INSERT INTO "outbox" VALUES(1400000123,'onair',11,'evt_5ZRGH67JT44ZUM43AG2WBCKRD5','Live.CallbackAfterMemberStateChanged',CAST('{"CallbackCommand":"Live.CallbackAfterMemberStateChanged","RoomId":"onair","EventType":"Online","EventCause":"Enter","MemberList":[{"Member_Account":"ada"}],"EventTime":1795398854016}' AS BLOB),'127.0.0.1','iOS',1795398854016,0,'');
INSERT INTO "outbox" VALUES(1400000123,'onair',12,'evt_SS4XEAK5HVX4XD35Z6ZM4RQZIE','Live.CallbackAfterMemberStateChanged',CAST('{"CallbackCommand":"Live.CallbackAfterMemberStateChanged","RoomId":"onair","EventType":"Online","EventCause":"Enter","MemberList":[{"Member_Account":"gil"}],"EventTime":1795398854017}' AS BLOB),'127.0.0.1','iOS',1795398854017,0,'');
INSERT INTO "outbox" VALUES(1400000123,'ownerless',4,'evt_6JUTUMG6GYMHUZCFNRQJVAFST5','Live.CallbackAfterCreateRoom',CAST('{"CallbackCommand":"Live.CallbackAfterCreateRoom","Operator_Account":"administrator","RoomInfo":{"RoomId":"ownerless","RoomName":"ownerless","RoomType":"Live","Owner_Account":"dan","MaxMemberCount":100000,"IsMessageDisabled":false,"CustomInfo":"","IsSeatEnabled":true,"TakeSeatMode":"FreeToTake","MaxSeatCount":4,"CreateTime":1795398854,"IsPublicVisible":true,"CoverURL":""},"EventTime":1795398854008}' AS BLOB),'127.0.0.1','RESTAPI',1795398854008,3,'dial tcp 127.0.0.1:18793: connect: connection refused');
INSERT INTO "outbox" VALUES(1400000123,'ownerless',15,'evt_JEVFZO7XJQ34HZUN45W3NRJIPB','Live.CallbackAfterMemberStateChanged',CAST('{"CallbackCommand":"Live.CallbackAfterMemberStateChanged","RoomId":"ownerless","EventType":"Online","EventCause":"Enter","MemberList":[{"Member_Account":"dan"}],"EventTime":1795398854020}' AS BLOB),'127.0.0.1','iOS',1795398854020,0,'');
INSERT INTO "outbox" VALUES(1400000123,'ownerless',16,'evt_JXPQIEJGMJJSG3Z32USSRZ6DWL','Live.CallbackAfterMemberStateChanged',CAST('{"CallbackCommand":"Live.CallbackAfterMemberStateChanged","RoomId":"ownerless","EventType":"Online","EventCause":"Enter","MemberList":[{"Member_Account":"gil"}],"EventTime":1795398854021}' AS BLOB),'127.0.0.1','iOS',1795398854021,0,'');
INSERT INTO "outbox" VALUES(1400000123,'ownerless',18,'evt_MOSVZI7CYI5D4MGRLEQMYS7VIJ','Live.CallbackAfterMemberStateChanged',CAST('{"CallbackCommand":"Live.CallbackAfterMemberStateChanged","RoomId":"ownerless","EventType":"Offline","EventCause":"HeartbeatInterrupt","MemberList":[{"Member_Account":"dan"}],"EventTime":1795398855524}' AS BLOB),'0.0.0.0','Unknown',1795398855524,0,'');
INSERT INTO "outbox" VALUES(1400000123,'unvisited',3,'evt_DOCI3HHWHUEZVCZLIIH4FYWAVS','Live.CallbackAfterCreateRoom',CAST('{"CallbackCommand":"Live.CallbackAfterCreateRoom","Operator_Account":"administrator","RoomInfo":{"RoomId":"unvisited","RoomName":"unvisited","RoomType":"Live","Owner_Account":"cleo","MaxMemberCount":100000,"IsMessageDisabled":false,"CustomInfo":"","IsSeatEnabled":true,"TakeSeatMode":"FreeToTake","MaxSeatCount":4,"CreateTime":1795398854,"IsPublicVisible":true,"CoverURL":""},"EventTime":1795398854007}' AS BLOB),'127.0.0.1','RESTAPI',1795398854007,5,'dial tcp 127.0.0.1:18793: connect: connection refused');
INSERT INTO "outbox" VALUES(1400000123,'unvisited',10,'evt_Z6P5HKQ3DJJXLWQXQZXWV4MND7','Live.CallbackAfterSetMetadata',CAST('{"CallbackCommand":"Live.CallbackAfterSetMetadata","Operator_Account":"administrator","RoomId":"unvisited","Metadata":[{"Key":"soon","Value":"8pm"}],"EventTime":1795398854013}' AS BLOB),'127.0.0.1','RESTAPI',1795398854013,0,'');
CREATE TABLE outbox_sequence (next INTEGER NOT NULL);
INSERT INTO outbox_sequence VALUES(1048577);
CREATE TABLE room_admins (
    app  INTEGER NOT NULL,
    room TEXT    NOT NULL,
    user TEXT    NOT NULL,
    PRIMARY KEY (app, room, user)
) WITHOUT ROWID;
CREATE TABLE room_members (
    app    INTEGER NOT NULL,
    room   TEXT    NOT NULL,
    user   TEXT    NOT NULL,
    online INTEGER NOT NULL,
    PRIMARY KEY (app, room, user)
) WITHOUT ROWID;
INSERT INTO "room_members" VALUES(1400000123,'onair','ada',1);
INSERT INTO "room_members" VALUES(1400000123,'onair','gil',1);
INSERT INTO "room_members" VALUES(1400000123,'ownerless','dan',0);
INSERT INTO "room_members" VALUES(1400000123,'ownerless','gil',1);
CREATE TABLE room_metadata (
    app   INTEGER NOT NULL,
    room  TEXT    NOT NULL,
    key   TEXT    NOT NULL,
    value TEXT    NOT NULL,
    PRIMARY KEY (app, room, key)
) WITHOUT ROWID;
INSERT INTO "room_metadata" VALUES(1400000123,'onair','lang','it''s én');
INSERT INTO "room_metadata" VALUES(1400000123,'onair','theme','dawn');
INSERT INTO "room_metadata" VALUES(1400000123,'unvisited','soon','8pm');
CREATE TABLE rooms (
    app                     INTEGER NOT NULL,
    room                    TEXT    NOT NULL,
    owner                   TEXT    NOT NULL,
    name                    TEXT    NOT NULL,
    seat_template           TEXT    NOT NULL,
    seat_layout_template_id INTEGER NOT NULL,
    take_seat_mode          TEXT    NOT NULL,
    seat_enabled            INTEGER NOT NULL,
    max_seat_count          INTEGER NOT NULL,
    max_member_count        INTEGER NOT NULL,
    message_disabled        INTEGER NOT NULL,
    public_visible          INTEGER NOT NULL,
    unlimited               INTEGER NOT NULL,
    keep_owner_on_seat      INTEGER NOT NULL,
    cover_url               TEXT    NOT NULL,
    background_url          TEXT    NOT NULL,
    notice                  TEXT    NOT NULL,
    custom_info             TEXT    NOT NULL,
    categories              TEXT    NOT NULL, -- JSON array of integers
    activity_status         INTEGER NOT NULL,
    created_at              INTEGER NOT NULL, -- Unix seconds
    view_count              INTEGER NOT NULL,
    online_count            INTEGER NOT NULL,
    PRIMARY KEY (app, room)
) WITHOUT ROWID;
INSERT INTO "rooms" VALUES(1400000123,'hidden','eve','hidden','',0,'FreeToTake',1,4,100000,0,0,0,0,'','','','','[]',0,1795398854,0,0);
INSERT INTO "rooms" VALUES(1400000123,'left','bob','left','',0,'FreeToTake',1,4,100000,0,1,0,0,'','','','','[]',0,1795398854,1,0);
INSERT INTO "rooms" VALUES(1400000123,'onair','ada','Ada''s "late" talk','',0,'FreeToTake',1,4,100000,0,1,0,1,'https://cdn.example.com/a.png','','be kind','','[1,2]',0,1795398854,2,2);
INSERT INTO "rooms" VALUES(1400000123,'ownerless','dan','ownerless','',0,'FreeToTake',1,4,100000,0,1,0,0,'','','','','[]',0,1795398854,2,1);
INSERT INTO "rooms" VALUES(1400000123,'unvisited','cleo','unvisited','',0,'FreeToTake',1,4,100000,0,1,0,0,'','','','','[]',0,1795398854,0,0);
CREATE INDEX room_members_online ON room_members (app, room, user) WHERE online = 1;
CREATE INDEX dead_letters_app ON dead_letters (app, died_at);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('goose_db_version',2);
COMMIT;
