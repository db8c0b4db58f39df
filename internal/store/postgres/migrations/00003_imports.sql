-- +goose Up
-- The import of an embedded installation: one row, or none. While it is not finished nothing serves on this database.
CREATE TABLE imports (
    source text NOT NULL, -- which data folder it is, by what is in it
    folder text NOT NULL, -- what it was called
    baskets bigint[] NOT NULL, -- of the waiting webhooks
    place bigint NOT NULL, -- how many tables are done
    after text NOT NULL, -- key of the last row of the next one that was copied, as JSON; empty at its beginning
    begun_at timestamptz NOT NULL,
    finished_at timestamptz
);

CREATE UNIQUE INDEX imports_one ON imports ((true));

-- +goose Down
DROP TABLE imports;
