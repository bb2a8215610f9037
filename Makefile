# `make run` starts Viso on a fresh clone, `make help` lists the rest. Needed: make, Python 3.11 or newer.

PYTHON ?= $(or $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3),python3)
PY := .venv/bin/python
MANAGE := $(PY) manage.py
HOST ?= 127.0.0.1
PORT ?= 8000
STATE_DIR ?= state
CHECKS := lint format layers types migrations system templates translations house

.DEFAULT_GOAL := help
.PHONY: help setup tests-setup run work test chaos check $(CHECKS:%=check-%) fmt messages bench lock

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

setup: ## .venv with the locked packages, translations compiled
	@$(PYTHON) -B tools/environment.py product
	@$(PY) -m tools.catalogues

tests-setup:
	@$(PYTHON) -B tools/environment.py tests
	@$(PY) -m tools.catalogues

run work: export HOST := $(HOST)
run work: export PORT := $(PORT)
run work: export STATE_DIR := $(STATE_DIR)
run: export DEMO := 1
run: setup ## the demonstration: data, sign-in links, server (HOST, PORT, STATE_DIR)
	@mkdir -p "$$STATE_DIR"
	@$(MANAGE) migrate --verbosity 0
	@if [ -n "$$(find static requirements.lock config/settings.py -newer "$$STATE_DIR/static/staticfiles.json" 2>/dev/null || echo none)" ]; \
	then $(MANAGE) collectstatic --noinput --verbosity 0; fi
	@$(MANAGE) demo
	@exec $(MANAGE) serve

work: setup ## the outbox and the other due jobs, in a process of their own
	@exec $(MANAGE) work

test: tests-setup ## all tests on SQLite, on PostgreSQL and Valkey, and in a browser (ARGS: more words for pytest)
	@$(PY) -m tools.suite $(ARGS)

chaos: tests-setup ## faults, load and bad input at full length, in both modes (ARGS: --quick, --mode S, A-04 …)
	@$(PY) -m tools.chaos $(ARGS)

check: $(CHECKS:%=check-%) ## lint, format, layers, types, migrations, templates, translations, house
	@echo "check: all $(words $(CHECKS)) passed"

# The checks must not depend on, or touch, the state of somebody's running demonstration.
$(CHECKS:%=check-%): export STATE_DIR := .venv/checks
$(CHECKS:%=check-%): tests-setup

check-lint:
	@echo "- lint"; $(PY) -m ruff check --quiet .

check-format:
	@echo "- format"; $(PY) -m ruff format --check --quiet . || { echo "not formatted: make fmt"; exit 1; }

check-layers:
	@echo "- layers"; .venv/bin/lint-imports --no-cache --no-logo

check-types:
	@echo "- types"; $(PY) -m mypy

check-migrations:
	@echo "- migrations"; $(MANAGE) makemigrations --check --dry-run

check-system:
	@echo "- system checks"; $(MANAGE) check --fail-level WARNING

check-templates:
	@echo "- templates"; .venv/bin/djlint --lint --quiet templates

check-translations:
	@echo "- translations"; $(PY) -m tools.messages check

check-house:
	@echo "- house"; $(PY) -m pytest -q tests/house

fmt: tests-setup ## format the code, fix what the linter can fix
	@$(PY) -m ruff check --fix --quiet . || true
	@$(PY) -m ruff format .

messages: tests-setup ## gather the texts of code and templates into locale/fr and locale/it
	@$(PY) -m tools.messages extract

bench: tests-setup ## measure, and write bench/report.json
	@$(PY) -m bench $(ARGS)

COMPILE = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header
lock: setup ## both locks anew from requirements.in and requirements-dev.in (ARGS=--upgrade for newer versions)
	@$(COMPILE) $(ARGS) requirements.in -o requirements.lock
	@$(COMPILE) $(ARGS) -c requirements.lock requirements-dev.in -o requirements-dev.lock
