# `make` or `make help` lists what there is. Only relative paths are used, so that the folder may
# stand anywhere, also where a name has spaces. Settings are RAG_* variables, see .env.example.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help serve test check screenshots train-encoder train-reader clean

VENV := .venv
PYTHON := $(VENV)/bin/python
PIP_INSTALL := $(PYTHON) -m pip install --quiet --disable-pip-version-check -c constraints.txt
DATA ?= data

# Scripts and the editable install hold the folder's path: after a move they are made anew.
ifneq ($(wildcard $(VENV)/made-in),)
ifneq ($(shell cat $(VENV)/made-in),$(CURDIR))
$(shell rm -rf $(VENV))
endif
endif

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|' 2>/dev/null \
		|| grep -hE '^[a-z-]+:.*## ' Makefile

serve: $(VENV)/installed ## answer questions on http://127.0.0.1:8000 (articles of seeds/ if there are none)
	@exec $(VENV)/bin/rag serve --seed seeds

test: $(VENV)/installed-dev ## run the tests
	@$(PYTHON) -m pytest

screenshots: $(VENV)/installed-dev ## take pictures of the page in build/screenshots (Chromium, Playwright)
	@$(PIP_INSTALL) playwright
	@$(PYTHON) tests/page/screenshots.py build/screenshots

check: $(VENV)/installed-dev ## lint, types and import layers
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(PYTHON) -m mypy --strict
	@$(VENV)/bin/lint-imports

train-encoder: $(VENV)/installed-dev ## train the bundled encoder on DATA=folder
	@$(PYTHON) -m training.encoder --data "$(DATA)" --out build/training --resume

train-reader: $(VENV)/installed-dev ## train the bundled reader on DATA=folder
	@$(PYTHON) -m training.reader --data "$(DATA)" --out build/training --resume
	@$(PYTHON) -m training.reader --data "$(DATA)" --out build/training/shorter --resume \
		--encoder build/training/encoder --epochs 1.1
	@$(PYTHON) -m training.average build/training/mean build/training/reader build/training/shorter/reader

clean: ## remove the environment and caches; the index stays
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist *.egg-info

$(VENV)/made-in:
	@set -e; \
	if $(PYTHON) -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		pwd -P > $@; exit 0; \
	fi; \
	for candidate in python3.13 python3.12 python3.11 python3; do \
		if command -v $$candidate >/dev/null 2>&1 && \
			$$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			found=$$candidate; break; \
		fi; \
	done; \
	if [ -z "$${found:-}" ]; then \
		echo "Python 3.11 or newer is needed, and neither python3.13, python3.12, python3.11 nor python3 is one." >&2; \
		exit 1; \
	fi; \
	echo "Making $(VENV) with $$($$found --version)"; \
	rm -rf $(VENV); \
	$$found -m venv $(VENV) || { \
		echo "$$found cannot make virtual environments; install its venv package (python3-venv)." >&2; \
		rm -rf $(VENV); exit 1; }; \
	pwd -P > $@

$(VENV)/installed: pyproject.toml constraints.txt | $(VENV)/made-in
	@echo "Installing what the program needs (the first time this takes some minutes)"
	@$(PIP_INSTALL) -e .
	@touch $@

$(VENV)/installed-dev: pyproject.toml constraints.txt | $(VENV)/made-in
	@echo "Installing what the program and its tests need (the first time this takes some minutes)"
	@$(PIP_INSTALL) -e '.[dev]'
	@touch $@ $(VENV)/installed
