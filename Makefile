# Everything a developer runs; `make help` lists it.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help

.PHONY: help run test check unit lock up down clean

help: ## list what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

.venv/.runtime: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; say which with make PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

.venv/.develop: .venv/.runtime requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

run: .venv/.runtime ## start everything in one process on SQLite, at http://127.0.0.1:3000
	$(BIN)/smart-crm migrate
	exec $(BIN)/smart-crm serve

test: .venv/.develop ## every test, on a real PostgreSQL and a real Redis too
	$(BIN)/python -m pytest

check: .venv/.develop ## the fast ring: format, lint, types, import contracts, unit tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy tests
	$(BIN)/lint-imports
	$(MAKE) --no-print-directory unit

unit: .venv/.develop ## the unit tests alone, without sockets
	$(BIN)/python -m pytest tests/unit --disable-socket --allow-unix-socket

lock: ## resolve the dependencies anew, with hashes and without any index (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade pyproject.toml --group build -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate pyproject.toml --group build --group dev -c requirements.lock -o requirements-dev.lock

COMPOSE := $(shell docker compose version >/dev/null 2>&1 && echo docker compose || echo docker-compose)
up: ## the distributed mode in containers: postgres, redis, api, worker, cron
	$(COMPOSE) up --build --detach

down: ## stop the containers
	$(COMPOSE) down

clean: ## remove the virtual environment and the caches
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

.PHONY: rest
rest: .venv/.develop ## what `make test` has beside the fast ring, file by file in two processes
	$(BIN)/python -m pytest tests --ignore tests/unit --numprocesses 2 --dist loadfile

.PHONY: mutants
mutants: .venv/.develop ## put every known fault into a copy of the code: the tests must catch each
	$(BIN)/python -m tests.mutation.run "$(FAULT)"

.PHONY: chaos
chaos: .venv/.develop ## kill processes, cut engines off, restart under load: half an hour (CHAOS_SEED repeats a run)
	$(BIN)/python -m pytest tests -m chaos -s

.PHONY: fuzz
fuzz: .venv/.develop ## hold the API against its document, 20,000 generated cases on each database
	$(BIN)/python -m pytest tests/integration/test_openapi_fuzz.py -m fuzz -s

.PHONY: bench
bench: .venv/.develop ## measure beside the bare limits, in a quarter of an hour (ONLY=cached for one bench)
	$(BIN)/python -m bench $(ONLY) --write docs
