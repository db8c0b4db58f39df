#!/usr/bin/env bash
# Runs the comparison on this machine, with a PostgreSQL of its own for it. All arguments go to the program.
set -euo pipefail
cd "$(dirname "$0")"

if [ -z "${BENCH_SOCKETS:-}" ]; then
	exec ../engines.sh "$PWD/run.sh" "$@"
fi
folder=$(mktemp -d "${TMPDIR:-/tmp}/greenroom-peers-XXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
(cd ../.. && go build -o "$folder/greenroom" ./cmd/greenroom)
go build -o "$folder/peers" .
mkdir "$folder/run"
"$folder/peers" -greenroom "$folder/greenroom" -dir "$folder/run" -dsn "host=$BENCH_SOCKETS user=bench dbname=postgres" "$@"
