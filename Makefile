# The two commands: `make run` (a working login) and `make test` (everything that must hold). Both set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_FLAGS := --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-header --only-binary :all: -q

.PHONY: run test lint format fuzz bench lock clean setup setup-test help

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 14

run: $(VENV)/.run-installed ## start latchstring in development mode; then click the printed link
	@$(BIN)/latchstring dev $(ARGS)

test: setup-test lint ## lint and all tests, against real identity providers, SDKs and a browser
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: $(VENV)/.test-installed ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.test-installed ## let ruff put the code in order
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

fuzz: setup-test ## look for input that breaks an invariant: make fuzz ARGS="--seconds 3600 --jobs 2"
	$(BIN)/python -m tests.fuzz $(ARGS)

bench: setup-test ## whole logins against the running product: CPU per 1,000 and latencies
	$(BIN)/python -m benchmarks $(ARGS)

setup: $(VENV)/.run-installed
setup-test: $(VENV)/.test-installed
	$(BIN)/python scripts/setup_test.py

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "latchstring needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run-installed: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/run.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

$(VENV)/.test-installed: requirements/test.txt $(VENV)/.run-installed
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/test.txt
	@touch $@

lock: ## write requirements/*.txt anew from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --group build $(UV_FLAGS) -o requirements/run.txt
	uv pip compile pyproject.toml --group test $(UV_FLAGS) -o requirements/test.txt
	uv pip compile requirements/sdk-old.in $(UV_FLAGS) -o requirements/sdk-old.txt
	uv pip compile examples/python-flask/requirements.txt $(UV_FLAGS) -o requirements/example-flask.txt

clean: ## forget everything that was installed or written
	rm -rf $(VENV) .tools .latchstring .mypy_cache .ruff_cache .pytest_cache
