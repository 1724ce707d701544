# Every recipe calls a command that can be typed by hand; `make` alone lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/sh

PYTHON ?= python3
BIN := .venv/bin
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check
INSTALL := $(BIN)/python $(PIP_INSTALL) -c constraints.txt
# pip installs dependency groups from 25.1 on; a new environment of Python 3.11 has an older one.
GROUPS_PIP := 'pip>=25.1'
# ASV asks questions on a machine it does not know, so it is told once; the file is ASV's own.
ASV_MACHINE := $(HOME)/.asv-machine.json
BUDGET ?= 3h
# Old packages say that parts of theirs will go.
QUIET_WARNINGS := -W ignore::DeprecationWarning -W ignore::FutureWarning
AUDITED ?= constraints.txt

# Three stamps: what settle and tables need, all that users may want, and what developing needs on top.
# All follow the pins.
BASE := .venv/.installed-base
ALL := .venv/.installed-all
DEV := .venv/.installed-dev

.PHONY: help setup settle bench nightly bench-self tables publish figures validate notebooks notebook-outputs pictures reference test test-all test-asv test-faults test-hpc test-hpc-all test-notebooks test-notebooks-all test-docs test-docs-all test-lowest test-systems test-systems-some test-site test-site-all lint check audit constraints clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-19s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(DEV) $(ASV_MACHINE) ## build .venv with everything and tell ASV about this machine

settle: $(BASE) ## answer on this machine: many chunks or few?
	$(BIN)/chunkbench settle

bench: $(ALL) $(ASV_MACHINE) ## run the laptop profile of every suite through ASV; tables and figures
	$(BIN)/chunkbench run --profile laptop
	$(BIN)/chunkbench tables --format html --out tables
	$(BIN)/chunkbench figures --out figures

nightly: $(ALL) $(ASV_MACHINE) ## the nightly profile on this node, for BUDGET (3h); goes on where it was stopped
	$(BIN)/chunkbench submit --scheduler local --profile nightly --budget $(BUDGET)

bench-self: $(ALL) ## measure this harness beside a plain ASV suite of the same cases
	$(BIN)/python -m selfbench

tables: $(BASE) ## print the tables of what was measured
	$(BIN)/chunkbench tables

publish: $(ALL) ## build the static site in site/, ready for any web server
	$(BIN)/chunkbench publish

figures: $(ALL) ## draw the figures of what was measured
	$(BIN)/chunkbench figures

validate: $(BASE) ## test the harness on itself: simulated sweeps whose truth is known
	$(BIN)/chunkbench validate

# Two processes; tests that start engines are all in one of them, see tests/conftest.py.
test: $(DEV) $(ASV_MACHINE) ## run the tests
	$(BIN)/python -m pytest -n 2 --dist loadgroup

test-all: $(DEV) $(ASV_MACHINE) ## run the tests at their full sizes (30 min)
	$(BIN)/python -m pytest --hypothesis-profile full -m "not notebook and not docs and not site and not fault and not system"

test-hpc: $(DEV) $(ASV_MACHINE) ## one test a claim on real batch systems, from Debian's packages (root; 5 min)
	tests/hpc/install
	tests/hpc/alone $(BIN)/python -m pytest -m "hpc and not full" tests/hpc

test-hpc-all: $(DEV) $(ASV_MACHINE) ## the same on every batch system, engine and pin, and ReFrame (root; 15 min)
	tests/hpc/install
	$(INSTALL) -e '.[reframe]'
	tests/hpc/alone $(BIN)/python -m pytest -m hpc tests/hpc

test-faults: $(DEV) $(ASV_MACHINE) ## have real faults befall the commands at random moments (root: also full disks; 30 min)
	$(BIN)/python -m pytest -m "not full" tests/faults

test-lowest: ## run the tests of reading, judging and engines with the oldest packages that are allowed (20 min)
	$(PYTHON) -m venv --clear .venv-lowest
	.venv-lowest/bin/python $(PIP_INSTALL) $(GROUPS_PIP)
	.venv-lowest/bin/python $(PIP_INSTALL) -c constraints-lowest.txt -e '.[asv,dashboard,eliot,joblib,notebooks,plots,ray,site]' --group test
	.venv-lowest/bin/python -m pytest $(QUIET_WARNINGS) tests/core tests/cli tests/reading/analysis tests/reading/ingest tests/running/executors/test_contract.py
	.venv-lowest/bin/python -m pytest $(QUIET_WARNINGS) -m notebook -k 'runs_from and few' tests/notebooks

test-systems: $(DEV) ## build the environment of every system that can run here, and run it there (40 min)
	$(BIN)/python -m pytest -m system tests/systems

test-systems-some: $(DEV) ## the same of a few, three of them small (2 min, and downloads)
	$(BIN)/python -m pytest -m "system and not full" tests/systems

notebooks: $(DEV) ## write the notebooks from their text form
	$(BIN)/jupytext --quiet --update --to ipynb notebooks/[0-9]*.md

notebook-outputs: $(DEV) ## execute the notebooks and keep what they show, before a release (10 min on a quiet machine)
	$(BIN)/python notebooks/keep_outputs.py

reference: $(DEV) ## write the reference pages from the command and the docstrings
	$(BIN)/python docs/generate.py

pictures: $(DEV) ## make the README's pictures of the committed results anew (needs chromium)
	$(BIN)/python -m docs.pictures

test-notebooks: $(DEV) ## execute every notebook with real measurements at smoke size
	$(BIN)/python -m pytest -m "notebook and not full" tests/notebooks

test-notebooks-all: $(DEV) ## the same, and one as if on Colab
	$(BIN)/python -m pytest -m notebook tests/notebooks

test-asv: $(DEV) $(ASV_MACHINE) ## run ASV's own commands in a clone, in an environment that it builds
	$(BIN)/python -m pytest -m "asv and not full" tests/e2e

test-docs: $(DEV) $(ASV_MACHINE) ## run one shown command of each subcommand, in a clone
	$(BIN)/python -m pytest -m "docs and not full" tests/docs

test-docs-all: $(DEV) $(ASV_MACHINE) ## run every command that the pages show, on all results
	$(BIN)/python -m pytest -m docs tests/docs

test-site: $(DEV) ## open the site in a headless browser: every page, filters, accessibility
	$(BIN)/python -m pytest -m "site and not full" tests/site

test-site-all: $(DEV) ## the same with more suites, and in every place, theme and width
	$(BIN)/python -m pytest -m site tests/site

lint: $(DEV) ## check format, style, types and the import layers
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

check: ## lint, then test
	$(MAKE) --no-print-directory lint
	$(MAKE) --no-print-directory test

audit: ## look up known weaknesses of the pins, in an environment that is thrown away (needs a network)
	@set -e; folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; said="$$folder/said"; \
	$(PYTHON) -m venv "$$folder/env"; \
	if ! "$$folder/env/bin/python" $(PIP_INSTALL) pip-audit >"$$said" 2>&1; then \
	    echo "not audited, pip-audit cannot be installed: $$(tail -n 1 "$$said")"; \
	elif "$$folder/env/bin/pip-audit" --requirement $(AUDITED) --strict --disable-pip --no-deps \
	    --progress-spinner off --output "$$folder/found" >"$$said" 2>&1; then \
	    echo "no known weakness in $(AUDITED)"; \
	elif [ -s "$$folder/found" ]; then \
	    cat "$$folder/found"; exit 1; \
	else \
	    echo "not audited, the package index does not tell: $$(tail -n 1 "$$said")"; \
	fi

constraints: ## resolve all dependencies afresh and write the pins to constraints.txt
	$(PYTHON) -m venv --clear .venv-constraints
	.venv-constraints/bin/python $(PIP_INSTALL) $(GROUPS_PIP)
	.venv-constraints/bin/python $(PIP_INSTALL) -e '.[all,ipyparallel,numba,numexpr,parsl,reframe]' --group dev
	.venv-constraints/bin/python -m pip freeze --exclude-editable | LC_ALL=C sort -f > constraints.txt
	rm -rf .venv-constraints

clean: ## remove what setup, ASV, the tests and publish built (never results/)
	rm -rf .venv .venv-lowest .venvs .venv-constraints .asv-env site tables figures build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find harness benchmarks selfbench tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(BASE): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(INSTALL) -e .
	@touch $@

$(ALL): $(BASE)
	$(INSTALL) -e '.[all]'
	@touch $@

$(DEV): $(BASE)
	$(INSTALL) $(GROUPS_PIP)
	$(INSTALL) -e '.[all]' --group dev
	@touch $(ALL) $@

$(ASV_MACHINE): | $(ALL)
	$(BIN)/asv machine --yes
