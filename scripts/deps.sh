#!/usr/bin/env bash
# Installs what the tests need and this machine lacks: a C compiler (the race detector is built with cgo), PostgreSQL and
# Redis, Node.js, and the official JavaScript SDK that the end-to-end tests connect with. Debian's packages are used, as root
# or with sudo. With the argument "engines" it installs PostgreSQL and Redis only.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=()
services=()
what=${1:-all}
if [ "$what" = all ]; then
	command -v gcc >/dev/null || packages+=(gcc libc6-dev)
	command -v node >/dev/null || packages+=(nodejs)
	command -v npm >/dev/null || packages+=(npm)
fi
if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && ! command -v initdb >/dev/null; then
	packages+=(postgresql)
	services+=(postgresql)
fi
if ! command -v redis-server >/dev/null; then
	packages+=(redis-server)
	services+=(redis-server)
fi

sudo=""
[ "$(id -u)" = 0 ] || sudo=sudo

# quietly runs a command while packages start no services and make no clusters: the tests run servers of their own, on free
# ports in temporary folders.
quietly() {
	local policy=/usr/sbin/policy-rc.d clusters=/etc/postgresql-common/createcluster.d status=0
	made=()
	trap '$sudo rm -f "${made[@]}"' EXIT # also when it is interrupted
	if [ ! -e "$policy" ]; then
		printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" >/dev/null
		$sudo chmod 755 "$policy"
		made+=("$policy")
	fi
	$sudo mkdir -p "$clusters"
	echo "create_main_cluster = false" | $sudo tee "$clusters/no-cluster.conf" >/dev/null
	made+=("$clusters/no-cluster.conf")
	"$@" || status=$?
	$sudo rm -f "${made[@]}"
	trap - EXIT
	return "$status"
}

if [ ${#packages[@]} -gt 0 ]; then
	if ! command -v apt-get >/dev/null; then
		echo "please install: ${packages[*]}" >&2
		exit 1
	fi
	$sudo apt-get update -q
	quietly $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${packages[@]}"
	# Nor are those that were not there before started with the machine from now on.
	if [ ${#services[@]} -gt 0 ] && [ -d /run/systemd/system ]; then
		$sudo systemctl disable --quiet "${services[@]}"
	fi
fi

[ "$what" = all ] || exit 0

# The lock file's time stamp tells whether the SDK is there already.
if [ ! -e e2e/node_modules/.package-lock.json ] || [ e2e/package-lock.json -nt e2e/node_modules/.package-lock.json ]; then
	npm ci --prefix e2e --no-audit --no-fund --ignore-scripts
	touch e2e/node_modules/.package-lock.json
fi
