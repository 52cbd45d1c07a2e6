# Everything a developer runs. `make` alone prints this help.
# Settings are environment variables ZHOBA_* (docs/settings.md).

VENV ?= .venv
PYTHON ?= python3
PORT ?= 8000
WORKERS ?= auto
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PACKAGES := core schema zhoba plugins migrations
CHECKED := $(PACKAGES) tests bench

.DEFAULT_GOAL := help
.PHONY: help setup demo run test test-fast test-long lint types fix bench bench-reads migration docs sdl clean

help: ## print this help
	@echo "Zhoba: project management of state bodies over GraphQL"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  make demo PORT=8080        another port;  make demo ARGS=--reset   start over"
	@echo "  make test K=appoint        only tests whose name matches"

setup: $(READY) ## make the virtual environment from the locked requirements

$(READY): requirements.lock pyproject.toml
	@if command -v uv >/dev/null 2>&1; then \
		uv venv --quiet --seed --allow-existing --python $(PYTHON) $(VENV) && \
		uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock && \
		uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable . ; \
	else \
		$(PYTHON) -m venv $(VENV) && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . ; \
	fi
	@touch $(READY)

demo: setup ## fill a SQLite file with sample data and serve it on 127.0.0.1 (PORT, ARGS=--reset)
	@$(BIN)/zhoba demo --port $(PORT) $(ARGS)

run: setup ## serve the database of ZHOBA_DATABASE_URL
	@$(BIN)/zhoba serve --port $(PORT) $(ARGS)

test: lint types ## lint, types and all tests on SQLite and PostgreSQL
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not long" $(if $(K),-k "$(K)")

test-fast: setup ## last failed tests first, stop at the first failure, SQLite only
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not long" --db sqlite --failed-first --exitfirst $(if $(K),-k "$(K)")

test-long: setup ## the long runs: many more generated examples, faults
	ZHOBA_EXAMPLES=20000 ZHOBA_AUTHORITY_EXAMPLES=50000 $(BIN)/python -m pytest -n $(WORKERS)

lint: setup ## check style
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/ruff format --check $(CHECKED)

types: setup ## check types
	$(BIN)/mypy

fix: setup ## repair style where a tool can
	$(BIN)/ruff check --fix $(CHECKED)
	$(BIN)/ruff format $(CHECKED)

bench: setup ## measure (bench/README.md); results in bench/out
	$(BIN)/python -m bench.run $(ARGS)

bench-reads: setup ## race against other GraphQL servers (needs npm); bench/out/reads.json
	$(BIN)/python -m bench.race.run $(ARGS)

migration: setup ## write a revision from the changed models: make migration M="add a column"
	$(BIN)/python -m migrations "$(M)"

docs: setup ## rewrite the pages of docs/ that list things
	$(BIN)/python -m zhoba.pages

sdl: setup ## rewrite schema/schema.graphql from the code
	$(BIN)/zhoba schema --output schema/schema.graphql

clean: ## remove the environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
