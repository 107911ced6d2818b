# The commands for people. Each does all its own set-up; only Python 3.11+ is needed.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help run test check lint types bench bench-streams accuracy clean

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

run: $(VENV)/runtime ## serve your store, or the demo plant, on http://127.0.0.1:8002
	$(BIN)/python main.py serve

test: $(VENV)/dev ## run every test (finds or installs Chromium for the page's)
	@sh unit_tests/browser/find-chromium.sh
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev
	$(BIN)/mypy

check: lint types test ## what CI runs: lint, types, tests

bench: $(VENV)/dev ## measure everything (ours and the peer in one run)
	$(BIN)/python -m bench

bench-streams: $(VENV)/dev ## measure the streams: fan-out against its peers, kills, slow clients, churn
	$(BIN)/python -m bench streams stream-checks resume posts

accuracy: $(VENV)/dev ## how right the analytics are, beside baselines (needs the measured data)
	$(BIN)/python -m bench accuracy

clean: ## remove the environment and caches, never data
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
