PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
NODE := tests/node

export SVIEDKA_NODE_MODULES ?= $(CURDIR)/$(NODE)/node_modules

.PHONY: help demo test test-more test-slow lint bench verifier pack-tool clean

help:
	@echo "make demo       install, build a sample archive, serve it"
	@echo "make test       run the tests that need nothing but Python"
	@echo "make test-more  those that need Tesseract, Chromium, Node.js or OpenSSL"
	@echo "make test-slow  those that take minutes"
	@echo "make lint       formatting, rules, types"
	@echo "make bench      measure, beside peers"
	@echo "make verifier   build dist/sviedka-verify.pyz and note its SHA-256 in docs/verifier.md"

$(VENV)/run.stamp: requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys, ensurepip; assert sys.version_info >= (3, 11)' 2>/dev/null || \
	  { echo "Sviedka needs Python 3.11 or newer with venv. On Debian or Ubuntu: apt install python3-venv"; exit 1; }
	@echo "Installing Sviedka and what it needs into $(VENV) (once) …"
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes -r requirements/run.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements/dev.txt
	$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

demo: $(VENV)/run.stamp
	$(BIN)/sviedka demo

test: $(VENV)/dev.stamp
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal -m "not (ocr or browser or node or slow)"

$(NODE)/node_modules: $(NODE)/package-lock.json
	cd $(NODE) && npm ci --no-audit --no-fund --silent
	@touch $@

test-more: $(VENV)/dev.stamp $(NODE)/node_modules
	$(BIN)/python -m pytest -m "(ocr or browser or node or openssl) and not slow"

test-slow: $(VENV)/dev.stamp
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal -m slow

lint: $(VENV)/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

verifier: $(VENV)/run.stamp
	$(BIN)/python -m archive.verifier.build dist/sviedka-verify.pyz docs/verifier.md

pack-tool: $(VENV)/run.stamp
	$(BIN)/python -m archive.packer.build dist/sviedka-pack.pyz

bench: $(VENV)/dev.stamp
	for script in bench/*.py; do $(BIN)/python $$script || exit 1; done

clean:
	rm -rf $(VENV) $(NODE)/node_modules demo-archive bench/results *.egg-info
