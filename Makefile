.DEFAULT_GOAL := help
SHELL := /bin/sh

GO       ?= go
TOOL      = $(GO) tool -modfile=tools/go.mod
CONFIG   ?= config.toml
FUZZTIME ?= 20s
DAYS     ?= 30
SOAKTIME ?= 30m
RUNS     ?= 50
SEED     ?= 1
TABLE    ?= docs/chaos.txt
# The race detector needs a C compiler. Without one the tests run without it, and say so.
CC_FOUND := $(shell command -v $(or $(CC),cc) 2>/dev/null)
RACE     := $(if $(CC_FOUND),-race,)

.PHONY: help demo run test chaos crash examples bench soak backtest lint fuzz fmt build golden pictures contracts

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## the program as it is released: build/headwatch
	CGO_ENABLED=0 $(GO) build -trimpath -o build/headwatch ./cmd/headwatch

demo: build ## an outage and a pause on real chains in one process, seen by the real program, in 40 s (ARGS="--stay" or "--json")
	@CGO_ENABLED=0 $(GO) build -trimpath -o build/headwatch-demo ./cmd/headwatch-demo
	@build/headwatch demo $(ARGS)

run: build ## watch the chains of CONFIG (default config.toml)
	build/headwatch run --config $(CONFIG)

test: ## every test, with the race detector
	@$(if $(RACE),,echo "note: no C compiler found, testing without the race detector")
	$(GO) test $(RACE) -timeout 15m ./...

chaos: ## RUNS (default 50) storms over a pause on real chains, from SEED (default 1; 0 for any) on; the results go to TABLE (docs/chaos.txt)
	@mkdir -p $(dir $(TABLE))
	$(GO) test -timeout 2h -run '^TestOneEffectivePauseInEveryStorm$$' ./cmd/headwatch-demo -runs $(RUNS) -seed $(SEED) -table $(abspath $(TABLE))
	@cat $(TABLE)

crash: RUNS = 97
crash: TABLE = docs/crash.txt
crash: ## RUNS (default 97: 200 kills) nights in which headwatch is killed while it pages, from SEED (default 1; 0 for any) on; the results go to TABLE (docs/crash.txt)
	@mkdir -p $(dir $(TABLE))
	$(GO) test -timeout 2h -run '^TestEveryMessageOfANightSurvivesAKill$$' ./cmd/headwatch -runs $(RUNS) -seed $(SEED) -table $(abspath $(TABLE))
	@cat $(TABLE)

examples: ## the tests of the examples that are not in Go; needs Node 20 and the npm registry
	npm --prefix examples/keeper-ts ci
	npm --prefix examples/keeper-ts test

bench: ## the figures of docs/performance.md
	$(GO) test -run '^$$' -bench . -benchmem -timeout 30m ./...

soak: ## half an hour at 200 chains whose providers misbehave: no goroutine, file or memory may pile up
	HEADWATCH_SOAK=$(SOAKTIME) $(GO) test -run '^$$' -bench Soak -benchtime 1x -timeout 2h -v ./cmd/headwatch

backtest: build ## known outages and quiet days judged anew: docs/backtest/; read the difference before you commit it
	@mkdir -p docs/backtest
	build/headwatch backtest cmd/headwatch/testdata/traces
	build/headwatch backtest --days $(DAYS) > docs/backtest/scorecard.txt; status=$$?; cat docs/backtest/scorecard.txt; exit $$status
	build/headwatch backtest --days 3 --sweep trip_after=20s..180s/10s --out docs/backtest/sweep.svg > docs/backtest/sweep.txt
	@cat docs/backtest/sweep.txt

lint: ## vet, staticcheck, formatting
	$(GO) vet ./...
	$(TOOL) staticcheck ./...
	@unformatted=$$($(TOOL) gofumpt -l -extra .); if [ -n "$$unformatted" ]; then echo "not formatted (make fmt):"; echo "$$unformatted"; exit 1; fi

fuzz: ## every fuzz target for FUZZTIME (default 20s) each
	@for package in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$package $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
		done; \
	done

fmt: ## format all code
	$(TOOL) gofumpt -w -extra .

golden: ## write the golden files and generated documents anew; read the difference before you commit it
	$(GO) test . ./alert ./config ./delivery ./explain ./hook/evm ./postmortem ./watcher ./web -update
	$(GO) test ./cmd/headwatch -run TheDocumentOfNights -update

pictures: ## docs/paging/*.png anew: messages as their receivers show them; needs chromium and an emoji font
	@mkdir -p build/paging docs/paging
	$(GO) test ./alert -run '^TestPreviews$$' -count 1 -pictures $(abspath build/paging)
	@set -e; for page in slack:640,500 discord-telegram:600,905 phone:422,800; do \
		name=$${page%%:*}; \
		chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=$${page##*:} \
			--screenshot=docs/paging/$$name.png build/paging/$$name.html 2>/dev/null; \
	done

contracts: ## compile the Solidity of contracts/ into contracts/out/ (needs npm; the output is committed)
	cd contracts && npm ci --ignore-scripts && node compile.mjs
