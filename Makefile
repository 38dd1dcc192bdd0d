# Doorward: `make help` lists what can be made. Everything makes what it needs first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
SYSTEM := $(VENV)/.system
# -qq: errors stay visible, progress does not. pip installs from outside, so that no ensurepip is needed.
PIP := $(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check --no-input -qq

.DEFAULT_GOAL := help
.PHONY: help install demo test check bench clean

help: ## list what can be made
	@sed -n 's/^\([a-z]*\):[^#]*## /  make \1	/p' $(MAKEFILE_LIST)

install: $(INSTALLED) ## make .venv with Doorward and the pinned packages it needs

$(INSTALLED): constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Doorward needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m pip --version >/dev/null || { \
	  echo "Doorward is installed with pip, which this Python lacks: install pip and run make again" >&2; exit 1; }
	@echo "Installing Doorward and the packages it needs into $(VENV); this takes about a minute."
	@test -x $(BIN)/python || $(PYTHON) -m venv --without-pip $(VENV)
	@$(PIP) install --require-hashes --no-deps -r constraints.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(INSTALLED) ## show what Doorward is for, in under a minute and offline
	@$(BIN)/doorward demo

# A PKCS #11 token in software and an MQTT broker, for the tests that need them; skipped by name where there is none.
$(SYSTEM): $(INSTALLED)
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	  ! { command -v softhsm2-util && PATH="$$PATH:/usr/sbin" command -v mosquitto; } >/dev/null; then \
	  echo "Installing SoftHSM 2 and Mosquitto for the tests of PKCS #11 and MQTT."; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	    softhsm2 mosquitto; } >/dev/null || echo "They could not be installed: the tests that need them are skipped." >&2; \
	fi
	@touch $@

# Compiled modules are kept, whatever the environment says: tests start a few hundred processes.
test: $(INSTALLED) $(SYSTEM) ## run every test
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -n 2 --dist worksteal

check: $(INSTALLED) ## run what needs no test data: format, lint, types, import contracts, documents
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m pytest -q --no-header tests/docs

bench: $(INSTALLED) ## measure speed beside the peers, on this machine
	@$(BIN)/doorward bench face

clean: ## remove .venv and everything that was made
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
