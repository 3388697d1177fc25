# `make demo` to try it, `make test` to check it. Both set everything up first.

PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo play test lint types bench clean

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Banzhang needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv
	$(INSTALL) --editable '.[dev]'
	touch $@

demo: .venv/ready  ## the made-up groups in a browser
	$(BIN)/banzhang demo

play: .venv/ready  ## three days of a group in under a minute
	rm -rf data/play
	$(BIN)/banzhang demo --play --folder data/play

test: .venv/ready  ## everything that needs no server; says what it skipped
	$(BIN)/pytest -q -rs --numprocesses auto --dist loadgroup

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/ready
	$(BIN)/mypy

bench: .venv/ready
	$(BIN)/python -m benchmarks.ingest

clean:
	rm -rf .venv data/demo data/play
