# Two commands do it all: `make site` and `make test`. `make` alone lists the rest.

PYTHON ?= python3
# auto: Quarto where it can be had, else the built-in renderer; quarto or pandoc: that one.
ENGINE ?= auto
PORT ?= 8000
export SINCE ?= HEAD

# Python up to 3.12 reads the path of this checkout in the locale's letters: any folder's name must fit.
export LC_ALL := C.UTF-8
# How the tests run side by side: a file to a process, in the order that tests/conftest.py gives them.
SPREAD := --numprocesses=auto --dist=loadgroup --no-loadscope-reorder --durations=20
VENV := .venv
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup check execute site verify accept serve impact comment certify pages newest bench audit test test-fast tests lint lock browser dictionaries clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | awk -F '\t' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: ## make the Python environment in .venv/ (once; again when the lock or pyproject.toml changes)
	@.ci/setup "$(PYTHON)" "$(VENV)"

check: setup ## check data/ against its description
	@thesis check

execute: setup ## execute every chapter anew; record notebooks/ and figures/
	@thesis execute

site: setup ## check, execute what changed, publish _site/ (ENGINE=auto|quarto|pandoc)
	@thesis build --engine $(ENGINE)

verify: setup ## execute the recorded notebooks again with nbval and compare (CHAPTER=name)
	@thesis verify $(CHAPTER)

accept: setup ## show what changed and record it in notebooks/ and figures/
	@thesis accept

serve: setup ## serve the site here, rebuild what changes, reload the page (PORT=8000)
	@thesis serve --port $(PORT)

impact: setup ## list what moved since a commit (SINCE=HEAD): values, claims, figures
	@thesis impact $(SINCE)

comment: setup ## the same for a pull request: its summary and comment (SINCE=HEAD)
	@.ci/comment

certify: setup ## write a reviewer's certificate to certificate/ (REVIEWER="A name")
	@thesis certify $(if $(REVIEWER),--reviewer "$(REVIEWER)")

test: setup browser dictionaries ## run every check: style, types, tests, notebooks, a real browser
	@$(MAKE) --no-print-directory --jobs=3 lint verify tests

test-fast: setup ## run the tests that take about a minute together, for while you work
	@pytest tests $(SPREAD) -m "not slow"

tests: setup
	@pytest tests $(SPREAD)

lint: setup ## style and types, of the chapters' code too
	@ruff check --quiet .
	@ruff format --check --quiet .
	@mypy
	@python -m thesis.chapter_lint

audit: setup browser ## measure every page of _site/ and write docs/audit.md (needs Node.js)
	@python -m bench.audit

browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
		|| .ci/debian-packages chromium

dictionaries:
	@command -v hunspell >/dev/null && test -e /usr/share/hunspell/kk_KZ.dic \
		|| .ci/debian-packages hunspell hunspell-kk hunspell-en-us hunspell-en-gb

lock: setup ## write requirements.lock anew with the newest versions
	@python -m pip install --quiet --disable-pip-version-check uv
	@python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
		--extra development --no-header --no-annotate pyproject.toml -o requirements.lock

newest: ## execute with the newest versions in a copy; say what they change
	@.ci/newest

pages: setup ## list the pages, as a workflow spreads them over machines
	@echo "pages=$$(thesis pages --format json)" | tee -a "$${GITHUB_OUTPUT:-/dev/null}"

bench: setup ## measure building beside what others need; write bench/RESULTS.md (RUNS=5, ONLY=name,…)
	@python -m bench.measure

clean: ## remove what building left behind
	@rm -rf _site .build .pytest_cache .mypy_cache .ruff_cache
