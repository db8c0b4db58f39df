# `make` alone says what there is.
GO ?= go
FUZZTIME ?= 20s
KILLS ?= 200
NODES ?= 3
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

.PHONY: help run build test torture check bench bench-all bench-nodes peers fuzz generate deps clean

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## run the server with its data in ./greenroom-data
	$(GO) run ./cmd/greenroom serve

build: ## build bin/greenroom, one static binary
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/greenroom ./cmd/greenroom

test: deps ## run all tests with the race detector, after installing what they need
	$(GO) test -race -timeout 10m ./...

torture: deps ## kill one server KILLS times under load, and let NODES on PostgreSQL and Redis fail as often, and check the webhooks
	$(GO) test ./torture -run TestKilledAtAnyMoment -v -count 1 -timeout 1h -args -kills $(KILLS) -settle 5m
	$(GO) test ./torture -run TestNodesFailAtAnyMoment -v -count 1 -timeout 2h -args -nodes $(NODES) -faults $(KILLS) -settle 5m

check: ## gofmt, vet, staticcheck, and govulncheck where its database can be reached
	scripts/check.sh

bench: ## measure this machine: the bare POST ceiling, REST, webhooks, latency, drain
	$(GO) run ./bench

bench-nodes: ## measure one, two and three nodes and their clients on PostgreSQL and Redis, which are installed when they are missing
	bench/engines.sh $(GO) run ./bench -only ceiling,nodes,clients

bench-all: ## measure also a dead app, a huge room, a start with a million events, a full database; takes long
	$(GO) run ./bench -only all -backlog 100000

peers: ## measure River on PostgreSQL and LiveKit's notifier beside Greenroom, with PostgreSQL installed when it is missing
	bench/peers/run.sh $(PEERS)

fuzz: ## run every fuzz target for FUZZTIME
	FUZZTIME=$(FUZZTIME) scripts/fuzz.sh

generate: ## make the generated documents anew
	$(GO) generate ./...

deps: ## install what the tests need: a C compiler for the race detector, PostgreSQL, Redis, Node.js and the JavaScript SDK
	scripts/deps.sh

clean: ## remove what was built
	rm -rf bin e2e/node_modules
