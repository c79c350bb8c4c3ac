# Rapport's commands. A new user types `make run`, a contributor types `make test`; `make` alone lists the rest.
# Everything is made under .venv/, var/, hub/static/ and agent_ui/node_modules/; nothing else is written.

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3)
PORT   ?= 8080
SEED   ?=

PY        := .venv/bin/python
BOOTSTRAP := $(PYTHON) scripts/bootstrap.py
PYTEST    := $(PY) -m pytest

.DEFAULT_GOAL := help
.PHONY: help run ui test check locks sim mutants bench screens e2e lab docs system clean

help:  ## this list
	@sed -n 's/^\([a-z0-9]*\):.*## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

run:  ## start Rapport on 127.0.0.1:8080 (PORT=18080 for another port); the first start makes everything it needs
	@$(BOOTSTRAP) run ui
	@exec $(PY) -m hub run --port $(PORT)

ui:  ## build the UI into hub/static
	@$(BOOTSTRAP) run ui

check:  ## what every change must pass: locks, lint, types, import rules, wire types, docs, unit tests, UI tests
	@$(BOOTSTRAP) dev
	$(PY) scripts/lock.py --check
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/mypy bench scripts
	.venv/bin/lint-imports
	$(PY) -m hub.gen_types --check agent_ui/src/wire/protocol.gen.ts
	$(PY) scripts/check_docs.py
	$(PY) scripts/page_commands.py
	@$(BOOTSTRAP) ui_checks
	$(PYTEST) tests/unit

test: system check  ## everything: installs what the tests need (as root on Debian), then runs every suite
	@$(BOOTSTRAP) ui
	$(PYTEST) tests/contract tests/golden tests/sim tests/integration tests/e2e

system:  ## install the programs that the tests start, or name each one that is missing
	@$(BOOTSTRAP) dev
	$(PY) scripts/system_packages.py

locks:  ## resolve pyproject.toml again into requirements/*.txt, and agent_ui/package.json into its lock
	@$(BOOTSTRAP) dev
	$(PY) scripts/lock.py
	@$(BOOTSTRAP) ui_lock

sim:  ## the simulation suite; SEED=7 repeats one run
	@$(BOOTSTRAP) dev
	SEED=$(SEED) $(PYTEST) tests/sim

mutants:  ## seeded bugs of the routing engine: which test finds each of them
	@$(BOOTSTRAP) dev
	$(PY) -m tests.sim.mutants

bench:  ## one JSON object a line: name, unit, ours, reference, ratio, goal, met
	@$(BOOTSTRAP) dev
	@$(PY) -m bench

e2e:  ## the browser suite in real Chromium
	@$(BOOTSTRAP) dev ui
	$(PYTEST) tests/e2e

screens:  ## every screen, English and Chinese, light and dark, to var/screens/
	@$(BOOTSTRAP) dev ui
	$(PYTEST) tests/e2e -k screens

lab:  ## real Asterisk, Dovecot, Postfix and an SMS gateway on loopback, wired to a hub; Ctrl-C stops all
	@$(BOOTSTRAP) dev ui
	@exec $(PY) -m tests.lab --port $(PORT)

docs:  ## run the commands of docs/routing.md and draw its pictures anew; check links; describe the HTTP interface
	@$(BOOTSTRAP) dev
	$(PY) -m scripts.show_routing --draw
	$(PY) scripts/page_commands.py --write
	$(PY) scripts/check_docs.py
	$(PY) scripts/write_openapi.py

clean:  ## remove what was made, the demo company's data in var/ included
	rm -rf .venv var hub/static agent_ui/node_modules dist
