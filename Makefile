# The commands for people. Each does all its own set-up; only Python 3.11+ is needed.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help compiled run test check lint types bench bench-streams accuracy clean

help: ## show these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/runtime: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/dev: requirements.txt requirements-dev.txt | $(BIN)/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/runtime

# where Python may not write bytecode, as in many containers, every process would compile all of ours anew
compiled: | $(BIN)/python
	-@$(BIN)/python -m compileall -qq bessline api routers schemas.py main.py

run: $(VENV)/runtime compiled ## serve your store, or the demo plant, on http://127.0.0.1:8002
	$(BIN)/python main.py serve

test: $(VENV)/dev compiled ## run every test (finds or installs Chromium for the page's)
	@sh unit_tests/browser/find-chromium.sh
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev
	$(BIN)/mypy

check: lint types test ## what CI runs: lint, types, tests

bench: $(VENV)/dev compiled ## measure everything (ours and the peer in one run)
	$(BIN)/python -m bench

bench-streams: $(VENV)/dev compiled ## measure the streams: fan-out against its peers, kills, slow clients, churn
	$(BIN)/python -m bench streams stream-checks resume posts

accuracy: $(VENV)/dev compiled ## how right the analytics are, beside baselines (needs the measured data)
	$(BIN)/python -m bench accuracy

clean: ## remove the environment and caches, never data
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
