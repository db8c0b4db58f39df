#!/usr/bin/env bash
# Static checks. Each prints what it finds; the first that finds something ends the script.
set -euo pipefail
cd "$(dirname "$0")/.."

unformatted=$(git ls-files '*.go' | xargs gofmt -l)
if [ -n "$unformatted" ]; then
	echo "gofmt would change:" >&2
	echo "$unformatted" >&2
	exit 1
fi
go mod verify >/dev/null
go vet ./...
go tool staticcheck ./...

# govulncheck needs its database. Where that cannot be reached, say so and go on: it is not this code that is wrong.
if curl -fsS --max-time 10 -o /dev/null https://vuln.go.dev/index/db.json 2>/dev/null; then
	go tool govulncheck ./...
else
	echo "govulncheck: its database cannot be reached from here, left out"
fi
