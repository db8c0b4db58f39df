#!/usr/bin/env bash
# Installs what the tests need and this machine lacks: a C compiler (the race detector is built with cgo), Node.js, and
# the official JavaScript SDK that the end-to-end tests connect with. Debian's packages are used, as root or with sudo.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=()
command -v gcc >/dev/null || packages+=(gcc libc6-dev)
command -v node >/dev/null || packages+=(nodejs)
command -v npm >/dev/null || packages+=(npm)
if [ ${#packages[@]} -gt 0 ]; then
	if ! command -v apt-get >/dev/null; then
		echo "please install: ${packages[*]}" >&2
		exit 1
	fi
	sudo=""
	[ "$(id -u)" = 0 ] || sudo=sudo
	$sudo apt-get update -q
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${packages[@]}"
fi

# The lock file's time stamp tells whether the SDK is there already.
if [ ! -e e2e/node_modules/.package-lock.json ] || [ e2e/package-lock.json -nt e2e/node_modules/.package-lock.json ]; then
	npm ci --prefix e2e --no-audit --no-fund --ignore-scripts
	touch e2e/node_modules/.package-lock.json
fi
