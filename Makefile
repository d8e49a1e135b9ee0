# A thin wrapper of scripts/dev.py, which needs nothing but Python 3.11+ with venv.
# Every target makes its own virtual environment, so that none needs anything installed by hand.

PYTHON ?= python3
DEV := $(PYTHON) scripts/dev.py

.DEFAULT_GOAL := help
.PHONY: help demo up test test-long check bench mutate lock clean

help: ## show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

demo: ## close three months of the sample register and show the result
	@$(DEV) demo

up: ## run the whole stack in this terminal, until Ctrl-C
	@$(DEV) run bookvalue up

test: ## run the tests (a quarter of an hour on two cores)
	@$(DEV) test

test-long: ## the long suite: 2,000 lock races, hundreds of kills, full properties
	@$(DEV) test-long

check: ## ruff, mypy, import-linter, coverage gate
	@$(DEV) check

bench: ## measure the close against its floor in the same run
	@$(DEV) bench

mutate: ## change engine and ledger step by step: does a test notice? (30 minutes)
	@$(DEV) mutate

lock: ## resolve the two hashed lock files again (needs uv)
	uv pip compile pyproject.toml scripts/build-requirements.in --extra embedded \
		--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -o requirements.lock
	uv pip compile pyproject.toml scripts/build-requirements.in --extra embedded --extra test --extra dev -c requirements.lock \
		--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -o requirements-dev.lock

clean: ## remove the virtual environment and caches
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .import_linter_cache
