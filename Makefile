# 掌上办. `make demo` shows it at work, `make test` proves it; both set themselves up.
PYTHON ?= python3
PORT ?= 8700
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo run test lint bench openapi docs lock clean

help: ## what there is to make
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

$(READY): requirements/dev.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing pinned packages …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

demo: $(READY) ## demo people file on their phones, show their codes and are settled at real counters; ONCE=1 ends afterwards
	@scripts/demo $(PORT) $(if $(ONCE),once,)

run: $(READY) ## serve the demo without playing it
	@$(BIN)/zhangban demo load
	@$(BIN)/zhangban serve --port $(PORT)

test: $(READY) lint ## everything: lint, types, documents, tests
	@$(BIN)/zhangban openapi check
	@$(BIN)/zhangban docs check
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -q

lint: $(READY) ## ruff, mypy, import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(READY) ## measure against pgbench on PostgreSQL
	@$(BIN)/python -m bench
	@$(BIN)/python -m bench.settling

openapi: $(READY) ## write openapi/openapi.json from the code
	@$(BIN)/zhangban openapi write

docs: $(READY) ## write the generated documents
	@$(BIN)/zhangban docs write

lock: $(READY) ## write the lock files from pyproject.toml
	@$(BIN)/uv pip compile -q --generate-hashes --universal --python-version 3.11 --no-header pyproject.toml -o requirements/base.txt
	@$(BIN)/uv pip compile -q --generate-hashes --universal --python-version 3.11 --no-header --extra dev --allow-unsafe pyproject.toml -o requirements/dev.txt

clean: ## remove what was made here
	@rm -rf $(VENV) .demo .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
