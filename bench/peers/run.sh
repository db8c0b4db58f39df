#!/usr/bin/env bash
# Runs the comparison on this machine: starts a PostgreSQL of its own for it, with fsync on, in a temporary folder, and removes
# everything at the end. PostgreSQL is installed from Debian's packages when it is missing. All arguments go to the program.
set -euo pipefail
cd "$(dirname "$0")"

find_postgres() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1; }

bin=$(find_postgres)
if [ -z "$bin" ] && command -v initdb >/dev/null; then
	bin=$(dirname "$(command -v initdb)")
fi
if [ -z "$bin" ]; then
	if ! command -v apt-get >/dev/null; then
		echo "please install PostgreSQL" >&2
		exit 1
	fi
	sudo=""
	[ "$(id -u)" = 0 ] || sudo=sudo
	$sudo apt-get update -q >&2
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends postgresql >&2
	bin=$(find_postgres)
fi

folder=$(mktemp -d "${TMPDIR:-/tmp}/greenroom-peers-XXXXXX")

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

remove() {
	if [ -e "$folder/pg/data/postmaster.pid" ]; then
		(cd "$folder/pg" && "${as[@]}" "$bin/pg_ctl" stop -s -m immediate -D "$folder/pg/data") || true
	fi
	rm -rf "$folder"
}
trap remove EXIT
trap 'exit 130' INT TERM

(cd ../.. && go build -o "$folder/greenroom" ./cmd/greenroom)
go build -o "$folder/peers" .

# No port: only those who may enter the folder reach the socket in it.
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

mkdir "$folder/run"
"$folder/peers" -greenroom "$folder/greenroom" -dir "$folder/run" -dsn "host=$folder/pg user=bench dbname=postgres" "$@"
