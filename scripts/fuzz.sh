#!/usr/bin/env bash
# Runs every fuzz target of the project for FUZZTIME each (20s when not set).
set -euo pipefail
cd "$(dirname "$0")/.."

git ls-files '*_test.go' | xargs grep -l '^func Fuzz' | while read -r file; do
	dir=$(dirname "$file")
	grep -o '^func Fuzz[A-Za-z0-9]*' "$file" | cut -c6- | while read -r target; do
		echo "== ./$dir $target"
		go test "./$dir" -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-20s}"
	done
done
