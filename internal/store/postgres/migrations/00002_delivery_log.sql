-- +goose Up
-- The attempts to deliver, each with what a search asks for of its event. A node writes those of one commit one behind the other;
-- what several nodes write at the same time may become visible out of order.
CREATE SEQUENCE delivery_log_numbers;
CREATE TABLE delivery_log (
    app bigint NOT NULL,
    number bigint NOT NULL DEFAULT nextval('delivery_log_numbers'),
    seq bigint NOT NULL, -- of the event when it was in the outbox
    created_at bigint NOT NULL, -- when the event was committed, in Unix milliseconds
    queued_at bigint NOT NULL, -- when it was put back into its lane; 0 when it waited since it was created
    written_at bigint NOT NULL, -- when this row was written, by the node's clock, but never before created_at
    began bigint NOT NULL, -- the attempt, in Unix microseconds
    took bigint NOT NULL, -- microseconds
    answer_bytes bigint NOT NULL,
    attempts integer NOT NULL, -- that failed so far
    attempt integer NOT NULL, -- its number
    status integer NOT NULL,
    bytes integer NOT NULL, -- what the row counts for
    fate smallint NOT NULL, -- 0 delivered, 1 failed, 2 dead
    room text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    command text COLLATE "C" NOT NULL,
    answer bytea NOT NULL,
    error text COLLATE "C" NOT NULL,
    last_error text COLLATE "C", -- null when it is error
    body bytea, -- null unless the event was delivered: else the outbox has it, or the dead letters
    client_ip text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL,
    PRIMARY KEY (app, number)
) WITH (autovacuum_vacuum_scale_factor = 0.05);

CREATE INDEX delivery_log_room ON delivery_log (app, room, number);
CREATE INDEX delivery_log_event ON delivery_log (app, id);

-- How many bytes are in the log: the sum. Each node counts what it adds in a row of its own, so that none waits for another;
-- row 0 has what was removed, and what nodes had added that are gone.
CREATE TABLE delivery_log_sizes (
    node bigint PRIMARY KEY,
    bytes bigint NOT NULL
);

-- +goose Down
DROP TABLE delivery_log_sizes;
DROP TABLE delivery_log;
DROP SEQUENCE delivery_log_numbers;
