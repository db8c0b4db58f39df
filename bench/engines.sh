#!/usr/bin/env bash
# Runs a command with a PostgreSQL and a Redis of its own, in a temporary folder, and removes everything at the end. PostgreSQL
# has fsync on. Both are installed from Debian's packages when they are missing. The command finds them at BENCH_DATABASE_URL and
# BENCH_REDIS_URL; the folder of PostgreSQL's socket at BENCH_SOCKETS.
set -euo pipefail

find_postgres() {
	ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1
}

"$(dirname "$0")/../scripts/deps.sh" engines >&2
bin=$(find_postgres)
[ -n "$bin" ] || bin=$(dirname "$(command -v initdb)")

folder=$(mktemp -d "${TMPDIR:-/tmp}/greenroom-engines-XXXXXX")

# PostgreSQL refuses to run as root, so another user does that, who can reach nothing in the folder but the cluster.
as=()
if [ "$(id -u)" = 0 ]; then
	user=postgres
	id "$user" >/dev/null 2>&1 || user=nobody
	as=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --clear-groups --inh-caps=-all)
	chmod 711 "$folder"
	install -d -m 700 -o "$user" "$folder/pg"
else
	mkdir -m 700 "$folder/pg"
fi
mkdir -m 700 "$folder/redis"

remove() {
	if [ -n "${redis:-}" ]; then
		kill "$redis" 2>/dev/null && wait "$redis" 2>/dev/null || true
	fi
	if [ -e "$folder/pg/data/postmaster.pid" ]; then
		(cd "$folder/pg" && "${as[@]}" "$bin/pg_ctl" stop -s -m immediate -D "$folder/pg/data") || true
	fi
	rm -rf "$folder"
}
trap remove EXIT
trap 'exit 130' INT TERM

# No ports: only those who may enter the folder reach the sockets in it.
settings="-c listen_addresses= -c unix_socket_directories=$folder/pg -c max_connections=400 -c fsync=on -c synchronous_commit=on
	-c shared_buffers=512MB -c max_wal_size=4GB -c checkpoint_timeout=15min -c logging_collector=off"
(
	cd "$folder/pg"
	"${as[@]}" "$bin/initdb" -D data -U bench -A trust -E UTF8 --locale=C >initdb.log 2>&1 || { cat initdb.log >&2; exit 1; }
	"${as[@]}" "$bin/pg_ctl" start -s -w -D "$folder/pg/data" -l "$folder/pg/server.log" -o "$(echo $settings)" || {
		cat server.log >&2
		exit 1
	}
)
# A port that is taken makes Redis end at once; then another is tried.
for _ in 1 2 3 4 5; do
	port=$((20000 + RANDOM % 10000))
	redis-server --bind 127.0.0.1 --port "$port" --dir "$folder/redis" --save "" --appendonly no >>"$folder/redis/log" 2>&1 &
	redis=$!
	for _ in $(seq 100); do
		redis-cli -p "$port" ping >/dev/null 2>&1 && kill -0 "$redis" 2>/dev/null && break 2
		kill -0 "$redis" 2>/dev/null || break
		sleep 0.05
	done
done
kill -0 "$redis" || { cat "$folder/redis/log" >&2; exit 1; }

export BENCH_POSTMASTER
BENCH_POSTMASTER=$(head -n 1 "$folder/pg/data/postmaster.pid")
export BENCH_SOCKETS="$folder/pg"
export BENCH_DATABASE_URL="postgres:///postgres?host=$folder/pg&user=bench"
export BENCH_REDIS_URL="redis://127.0.0.1:$port/0"
"$@"
