# Two commands are enough: `make run` and `make test`. Each sets up what it needs in .venv first.
VENV := .venv
BIN := $(VENV)/bin
# The newest Python from 3.11 to 3.14 that is here; say PYTHON=... to choose another.
PYTHON ?= $(shell for v in 3.14 3.13 3.12 3.11; do python$$v -c '' 2>/dev/null && { echo python$$v; exit; }; done; echo python3)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
CODE := config storage crawler monitors

.PHONY: help run demo test lint bench eval-reading fuzz clean

help:
	@echo 'make run    watch the shipped sources; home in ./home, page on localhost'
	@echo 'make demo   the same over the bundled sample web, without any network; home in ./home-demo'
	@echo 'make test   set up and run every test'
	@echo 'make lint   format, lint, types and import contracts'
	@echo 'make eval-reading DATA=folder  how well pages with gold are read'
	@echo 'make fuzz   10,000 broken pages through the readers'
	@echo 'make bench  CPU, requests, bytes and memory, side by side with a naive spider'
	@echo 'make bench-crawl  what hosts that hang cost the others; memory of the crawl with 2,000 sources'
	@echo 'make chaos  kill daemon and crawl at random moments, KILLS times; look what was lost'

run: $(VENV)/ready
	$(BIN)/ronda run --home ./home

demo: $(VENV)/ready
	$(BIN)/ronda demo --home ./home-demo

test: $(VENV)/ready-to-test
	@sh tests/browser.sh
	$(BIN)/python -m pytest --cov --cov-report=term

lint: $(VENV)/ready-to-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports

# DATA is a folder of NAME.html and NAME.json; the last line is one JSON object.
eval-reading: $(VENV)/ready-to-test
	@test -n '$(DATA)' || { echo 'say DATA=folder'; exit 2; }
	$(BIN)/python tests/eval/reading.py '$(DATA)'

fuzz: $(VENV)/ready-to-test
	RONDA_FUZZ=10000 $(BIN)/python -m pytest tests/test_crawler_reading_fuzz.py

bench: $(VENV)/ready-to-test
	$(BIN)/python tests/bench/matching.py
	$(BIN)/python tests/bench/run.py

bench-crawl: $(VENV)/ready-to-test
	$(BIN)/python tests/bench/fairness.py
	$(BIN)/python tests/bench/crawl_memory.py

chaos: $(VENV)/ready-to-test
	$(BIN)/python tests/chaos.py --kills $(or $(KILLS),200) $(if $(SEED),--seed $(SEED))

clean:
	rm -rf $(VENV) build dist .coverage .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' \
		|| { echo 'Ronda needs Python 3.11 to 3.14; say PYTHON=/path/to/python'; exit 2; }
	$(PYTHON) -m venv $(VENV)

# Hashes are checked, the build runs without isolation: nothing comes in that the lock does not name.
$(VENV)/ready: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo 'Setting up in $(VENV) (about a minute)'
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/ready-to-test: tests/requirements.lock $(VENV)/ready
	$(PIP) install --require-hashes -r tests/requirements.lock
	@touch $@
