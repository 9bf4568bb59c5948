# The everyday commands of StateBag. `make run` and `make test` install what they need.

PYTHON ?= python3
PYTEST_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# The tests of a file share workers and servers, so one process runs all of them. Tests wait for
# workers a third of their time, so three processes keep two processors busy.
PYTEST := $(BIN)/python -m pytest --numprocesses 3 --dist loadfile
CELERY := $(BIN)/celery --app tasks.celery
COMPILE := $(UV) pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --custom-compile-command "make lock"

# A stamp records the lock file from which the environment was last installed. A larger environment
# contains the smaller ones, so its stamp is the newest.
RUN_STAMP := $(VENV)/run.stamp
SERVER_STAMP := $(VENV)/server.stamp
DEV_STAMP := $(VENV)/dev.stamp

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run census dev api test test-all lint types deploy-check compare rates million format lock up down worker beat flower clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(RUN_STAMP) ## Review a document on this machine, without servers (DOCUMENT=file, INTERACTIVE=1)
	$(BIN)/python -m tasks.samples.document_review $(DOCUMENT) $(if $(INTERACTIVE),--interactive)

census: $(RUN_STAMP) ## Count the Python standard library on this machine, without servers
	$(BIN)/statebag run config/asl/samples/source_census.asl.json

dev: $(RUN_STAMP) ## Run endpoint, worker and beat in one process, without servers (port 8083)
	$(BIN)/statebag dev

test: $(DEV_STAMP) ## Run the tests
	$(PYTEST) -m "not slow" $(PYTEST_ARGS)

test-all: $(DEV_STAMP) ## Run the tests, the slow ones too
	$(PYTEST) $(PYTEST_ARGS)

lint: $(DEV_STAMP) ## Check style, format and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(DEV_STAMP) ## Check types
	$(BIN)/python -m mypy

deploy-check: $(DEV_STAMP) ## Transform and lint the AWS deployment of each scenario
	$(BIN)/python -m config.deploy.check

compare: $(DEV_STAMP) ## Measure legacy and v3 side by side; writes docs/performance.md
	$(BIN)/python -m benchmarks.compare_generations

rates: $(DEV_STAMP) ## Measure the engine beside Celery alone (server mode); writes docs/performance.md
	$(BIN)/python -m benchmarks.engine_rates

million: $(DEV_STAMP) ## Measure a distributed Map of a million items (half an hour); writes docs/performance.md
	$(BIN)/python -m benchmarks.million_items

format: $(DEV_STAMP) ## Format the source
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(DEV_STAMP) ## Renew requirements/*.txt from pyproject.toml
	$(COMPILE) --upgrade --extra server --group build --group dev --output-file requirements/dev.txt
	$(COMPILE) --extra server --group build --constraint requirements/dev.txt \
		--output-file requirements/server.txt
	$(COMPILE) --group build --constraint requirements/dev.txt --output-file requirements/run.txt

up: ## Start server mode in containers
	docker compose up --build --detach

down: ## Stop the containers and keep their volumes
	docker compose down

api: $(SERVER_STAMP) ## Run the endpoint (server mode; see docs/operations.md for its access keys)
	$(BIN)/statebag api

worker: $(SERVER_STAMP) ## Run a worker (server mode; see docs/operations.md for the settings)
	$(BIN)/statebag worker

beat: $(SERVER_STAMP) ## Run beat, which fires the sweeps (server mode; one per installation)
	$(BIN)/statebag beat

flower: $(SERVER_STAMP) ## Watch the workers in Flower
	$(CELERY) flower --conf=config/flowerconfig.py

clean: ## Remove the environment and the caches, but not the executions in .statebag
	rm -rf $(VENV) *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find config pipeline tasks tests -name __pycache__ -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "StateBag needs Python 3.11 or later; $(PYTHON) is not." \
			"Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): requirements/run.txt pyproject.toml | $(BIN)/python
	$(PIP_INSTALL) --require-hashes --requirement $<
	$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(SERVER_STAMP): requirements/server.txt $(RUN_STAMP)
	$(PIP_INSTALL) --require-hashes --requirement $<
	@touch $@

$(DEV_STAMP): requirements/dev.txt $(SERVER_STAMP)
	$(PIP_INSTALL) --require-hashes --requirement $<
	@touch $@
